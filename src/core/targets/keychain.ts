import * as v from 'valibot';
import type { Context } from '../context.ts';
import { type Grant, isBuiltIn } from '../grant.ts';
import { KEYCHAIN_SERVICE } from '../vault/key.ts';
import { readItem, removeItem, writeItem } from './keychain-item.ts';
import type { Held, Holder, OpenTarget, Target } from './target.ts';

/** What programs find in our keychain item of a login. */
const ItemSchema = v.object({
  schema: v.literal(1),
  provider: v.string(),
  /** The account's id, which tells two accounts of one e-mail address apart. */
  account: v.string(),
  accessToken: v.string(),
  refreshToken: v.nullable(v.string()),
  expiresAt: v.number(),
  scopes: v.array(v.string()),
});
type Item = v.InferOutput<typeof ItemSchema>;

/** An item as it is found: its name, and what it holds; `null` for what is not one of ours. */
interface Found {
  readonly name: string;
  readonly text: string | null;
  readonly item: Item | null;
}

/**
 * The OS keychain as a place where programs look. It may lag, be locked or fail without harm: the
 * master copy is the sealed file.
 */
export function keychainTarget({ keychain }: Context, on: boolean): Target {
  const look = async (name: string): Promise<Found> => {
    const text = await readItem(keychain, KEYCHAIN_SERVICE, name);
    return { name, text, item: text === null ? null : parseItem(text) };
  };
  const find = async (holder: Holder): Promise<Found> => {
    const seen: Found[] = [];
    for (const name of itemNames(holder)) {
      const found = await look(name);
      if (found.item?.account === holder.id) return found;
      seen.push(found);
    }
    // None of this account yet: the first name that no other account has, damaged items included.
    const free = seen.find(({ item }) => item === null) ?? seen.at(-1);
    if (!free) throw new TypeError('an account without a name');
    return free;
  };
  const read = async (holder: Holder): Promise<Held> => held(await find(holder), holder);
  const open: OpenTarget = {
    read,
    write: async (holder, grant, { mode }) => {
      const value = JSON.stringify(itemOf(holder, grant, mode === 'shared'));
      await writeItem(keychain, KEYCHAIN_SERVICE, (await find(holder)).name, value);
    },
    remove: async (holder) => {
      const { name, text } = await find(holder);
      return text !== null && removeItem(keychain, KEYCHAIN_SERVICE, name);
    },
    // An item has the account's id in it: there is never somebody else's to be replaced.
    keep: async () => null,
    restore: async () => {},
    // Nothing moves it.
    rehearse: async () => {},
    // An item's pieces have fixed names: a removal takes those along that a killed writer left.
    sweep: async () => {},
  };
  return {
    id: 'keychain',
    name: 'Keychain',
    passive: true,
    everyAccount: true,
    // A person who keeps the key in a file has no keychain, or does not want one used.
    defaultMode: on ? 'shared' : 'off',
    path: null,
    serves: isBuiltIn,
    installed: async () => (await keychain.state()) !== 'unavailable',
    read,
    // The keychain's calls have a queue and a timeout of their own; nothing else locks it.
    open: async (_deadline, work) => work(open),
  };
}

/**
 * The names that an account's item may have, the best first: `<provider>:<e-mail>`, which a person
 * recognises in the system's keychain program; with the id where another account has that name (two
 * workspaces of one person, two state folders); the id alone where the address was not known at first.
 */
function itemNames({ provider, identity: { email }, id }: Holder): string[] {
  const byAddress = email === null ? [] : [`${provider}:${email}`, `${provider}:${email}/${id}`];
  return [...byAddress, `${provider}:${id}`];
}

function itemOf({ provider, id }: Holder, grant: Grant, shared: boolean): Item {
  return {
    schema: 1,
    provider,
    account: id,
    accessToken: grant.accessToken,
    refreshToken: shared ? grant.refreshToken : null,
    expiresAt: grant.expiresAt,
    scopes: grant.scopes,
  };
}

function parseItem(text: string): Item | null {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), ItemSchema), text);
  return parsed.success ? parsed.output : null;
}

function held({ text, item }: Found, { provider }: Holder): Held {
  if (text === null) return { kind: 'nothing' };
  if (item?.provider !== provider) return { kind: 'unreadable', code: 'tool-file-damaged' };
  const { accessToken, refreshToken, expiresAt } = item;
  return {
    kind: 'bundle',
    bundle: { accessToken, refreshToken, idToken: null, expiresAt, owner: null },
  };
}
