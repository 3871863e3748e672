import { AppError } from '../../shared/errors.ts';
import type { Desk } from '../targets/publish.ts';
import { hashToken } from '../vault/ledger.ts';
import { recover } from '../vault/recover.ts';
import { allAccounts } from '../vault/roster.ts';
import { type KeyCheck, pingKey } from './check.ts';
import { readKeyFacts, writeKeyFacts } from './facts.ts';
import { parseKey } from './input.ts';
import { type KeyView, listKeys } from './list.ts';
import { publishKeys } from './publish.ts';
import type { KeyService } from './services.ts';
import { keepKey, keptKey, openKey, removeSealed, withKeysLock } from './store.ts';

/** What became of a key that the person gave. */
export interface AddedKey {
  readonly check: KeyCheck;
  readonly view: KeyView;
  /** Another one, whose place it took and which its service had accepted; `null`: there was none. */
  readonly replaced: ReplacedKey | null;
}

/** A key that worked, and is kept nowhere any more. */
export interface ReplacedKey {
  readonly ending: string | null;
  /** Puts it back, as if it was given anew. */
  restore(): Promise<AddedKey>;
}

/** What became of a key that the person took back. */
export interface RemovedKey {
  readonly view: KeyView;
  /** Which files it was taken out of. */
  readonly removed: KeyView['places'];
}

/** See `KeyRing.add`. */
export async function addKey(
  desk: Desk,
  service: KeyService,
  text: string,
  timeout?: number,
): Promise<AddedKey> {
  const { context, vault } = desk;
  const key = parseKey(text, service, context.keyServices);
  context.secrets.add(key);
  // As before a sign-in: a copied login must be seen before the folder becomes this machine's, and what a
  // newer program keeps here is not added to.
  await recover(desk);
  await allAccounts(vault);
  await vault.prepare();
  const before = await withKeysLock(desk, async () => {
    const working = await workingKey(desk, service, key);
    await keepKey(desk, service, key);
    return working;
  });
  // First the tools: to wait for the service, or to stop waiting, costs them nothing.
  await publishKeys(desk, { anew: [service.id] });
  const check = await ping(desk, service, key, timeout);
  const replaced = before && {
    ending: before.ending,
    restore: () => addKey(desk, service, before.key, timeout),
  };
  return { check, view: await viewOf(desk, service), replaced };
}

/** The kept key, where it is another one than `key` and its service accepted it when it was last asked. */
async function workingKey(
  desk: Desk,
  { id }: KeyService,
  key: string,
): Promise<{ readonly key: string; readonly ending: string | null } | null> {
  const facts = await readKeyFacts(desk.context, id);
  if (facts?.checked?.check.kind !== 'validated' || facts.hash === hashToken(key)) return null;
  // One that can’t be opened any more is of no use to anybody.
  const old = await openKey(desk, id).catch(() => null);
  return old === null ? null : { key: old, ending: facts.ending };
}

/** Shows the kept key to its service. @throws AppError `wrong-use` where there is none, and what the keychain throws. */
export async function checkKey(
  desk: Desk,
  service: KeyService,
  timeout?: number,
): Promise<KeyCheck> {
  const key = await openKey(desk, service.id);
  if (key === null) throw noSuchKey(service);
  return ping(desk, service, key, timeout);
}

/** See `KeyRing.remove`. */
export async function removeKey(desk: Desk, service: KeyService): Promise<RemovedKey> {
  const { before, was } = await withKeysLock(desk, async () => {
    // Only the key itself tells where it is, if that was lost: then it goes last of all.
    const kept = await keptKey(desk, service.id, { mend: true });
    if (kept?.lost) throw kept.lost;
    return {
      before: await viewOf(desk, service),
      was: await removeSealed(desk, service.id),
    };
  });
  if (!was && before.places.length === 0) throw noSuchKey(service);
  await desk.context.step('key:removed');
  await publishKeys(desk);
  const view = await viewOf(desk, service);
  const removed = before.places
    .filter(({ state }) => state === 'written' || state === 'owed')
    .filter(
      (place) =>
        !view.places.some(({ path, target }) => path === place.path && target === place.target),
    );
  return { view, removed };
}

async function ping(
  desk: Desk,
  service: KeyService,
  key: string,
  timeout?: number,
): Promise<KeyCheck> {
  const { context } = desk;
  const check = await pingKey(context, service, key, timeout);
  await withKeysLock(desk, async () => {
    const facts = await readKeyFacts(context, service.id);
    // Another key may have taken its place meanwhile.
    if (facts?.hash !== hashToken(key)) return;
    await writeKeyFacts(context, service.id, {
      ...facts,
      checked: { at: context.clock.now(), check },
    });
  });
  return check;
}

async function viewOf(desk: Desk, { id }: KeyService): Promise<KeyView> {
  const view = (await listKeys(desk)).find(({ service }) => service === id);
  if (!view) throw new AppError('unexpected');
  return view;
}

function noSuchKey({ id, name }: KeyService): AppError {
  const hint = `There is no ${name} key yet: \`authbar key add ${id}\` takes one.`;
  return new AppError('wrong-use', { hint });
}
