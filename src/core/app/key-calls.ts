import type { KeyCardState, KeyCardView } from '../../shared/app-state.ts';
import { keyProblemSentence } from '../../shared/key-problems.ts';
import { isRefused, type KeyCheck } from '../keys/check.ts';
import { readKey } from '../keys/input.ts';
import type { KeyView } from '../keys/list.ts';
import { findKeyService } from '../keys/services.ts';
import type { DeskParts } from './desk.ts';
import type { DesktopHandlers } from './ports.ts';

type KeyCalls = Pick<DesktopHandlers, 'key:add' | 'key:check' | 'key:remove'>;

/** What the person does with their keys. A key comes in here once, and nothing of it goes back. */
export function keyCalls(desk: DeskParts): KeyCalls {
  const { engine, context } = desk;
  return {
    'key:add': async ({ service: id, key }) => {
      const service = findKeyService(context.keyServices, id);
      const read = readKey(key, service, context.keyServices);
      if (read.problem !== null) {
        return { problem: keyProblemSentence(read.problem, read.owner.name), state: null };
      }
      const { check } = await engine.keys.add(service.id, read.key);
      await desk.refresh();
      return { problem: null, state: stateOf(check) };
    },
    'key:check': async ({ service }) => {
      await engine.keys.check(service);
      await desk.refresh();
    },
    'key:remove': async ({ service }) => {
      await engine.keys.remove(service);
      await desk.refresh();
    },
  };
}

/** The keys as the window shows them: those that most people look for first. */
export function keyCards(views: readonly KeyView[]): KeyCardView[] {
  const cards = views.map(({ service, name, stored, ending, checked }) => {
    return { service, name, stored, ending, state: stateOf(checked?.check ?? null) };
  });
  return cards.reverse();
}

function stateOf(check: KeyCheck | null): KeyCardState {
  if (check?.kind === 'validated') return 'works';
  return check && isRefused(check) ? 'refused' : 'unchecked';
}
