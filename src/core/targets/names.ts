import type { Context } from '../context.ts';
import { SCHEMA } from '../files/json-file.ts';
import { targetsOf } from './registry.ts';

/** The targets' names as people know them, by id. */
export function targetNames(context: Context): Readonly<Record<string, string>> {
  // A name is the same whatever the person has set.
  const all = targetsOf(context, { schema: SCHEMA, vault: null, keyId: '', targets: {} });
  return Object.fromEntries(all.map(({ id, name }) => [id, name]));
}
