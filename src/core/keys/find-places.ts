import { asAppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { targetsOf } from '../targets/registry.ts';
import type { Target } from '../targets/target.ts';
import { hashToken } from '../vault/ledger.ts';
import type { Settings } from '../vault/settings.ts';
import type { PlaceNote } from './facts.ts';
import type { KeyServiceId } from './services.ts';

/**
 * Where a key of ours stands, for notes that were lost: every file that has exactly this key, and those that
 * may have it and cannot be looked into now. That the person put the same key there themselves is not known
 * any more; a key that nobody would ever take out again is worse.
 */
export async function findPlaces(
  context: Context,
  settings: Settings,
  service: KeyServiceId,
  key: string,
): Promise<PlaceNote[]> {
  const all = targetsOf(context, settings);
  const notes = await Promise.all(all.map((target) => noteOf(context, target, service, key)));
  return notes.filter((note) => note !== null);
}

async function noteOf(
  { clock }: Context,
  { id: target, path, keys }: Target,
  service: KeyServiceId,
  key: string,
): Promise<PlaceNote | null> {
  if (path === null || !keys?.nameOf(service)) return null;
  const mine = [hashToken(key)];
  const owed = { target, path, mine, writtenAt: null, state: 'owed' } as const;
  try {
    const held = await keys.read(service);
    if (held.kind === 'being-written') return { ...owed, code: 'tool-busy' };
    if (held.kind === 'unreadable') return { ...owed, code: 'tool-file-damaged' };
    if (held.kind !== 'key' || held.key !== key) return null;
    return { target, path, mine, writtenAt: clock.now(), state: 'written', code: null };
  } catch (error) {
    return { ...owed, code: asAppError(error).code };
  }
}
