import type { Context } from '../context.ts';
import { SCHEMA } from '../files/json-file.ts';
import { targetsOf } from './registry.ts';
import type { TargetId } from './target.ts';

/** Where each stands in what a person is shown: programs first, those that most people know before the others. */
const RANKS: Readonly<Record<TargetId, number>> = {
  'claude-code': 0,
  codex: 1,
  pi: 2,
  peekaboo: 3,
  opencode: 4,
  synaps: 5,
  keychain: 6,
};

/** In the order in which a person is shown them, everywhere. They are written in another one. */
export function inShownOrder<Item extends { readonly target: TargetId }>(
  items: readonly Item[],
): Item[] {
  return items.toSorted((a, b) => RANKS[a.target] - RANKS[b.target]);
}

/** The targets' names as people know them, by id. */
export function targetNames(context: Context): Readonly<Record<string, string>> {
  // A name is the same whatever the person has set.
  const all = targetsOf(context, { schema: SCHEMA, vault: null, keyId: '', targets: {} });
  return Object.fromEntries(all.map(({ id, name }) => [id, name]));
}
