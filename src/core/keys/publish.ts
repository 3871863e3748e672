import { isDeepStrictEqual } from 'node:util';
import { asAppError, type ErrorCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import type { ProviderId } from '../grant.ts';
import { type Desk, TARGET_DEADLINE } from '../targets/publish.ts';
import { modeOf, targetIn, targetsOf } from '../targets/registry.ts';
import type { Target, TargetId } from '../targets/target.ts';
import type { HeldKey, OpenKeys, ToolKeys } from '../targets/tool-keys.ts';
import { hashToken } from '../vault/ledger.ts';
import { allAccounts, providersInUse } from '../vault/roster.ts';
import { dropKeyFacts, type KeyFacts, type PlaceNote, writeKeyFacts } from './facts.ts';
import { type KeyServiceId, KeyServiceIdSchema } from './services.ts';
import { type KeptKey, keptKey, openSealed, withKeysLock } from './store.ts';

/** Why the tools are brought in step with the keys. */
export interface PublishKeysOptions {
  /** Those whose key the person gave just now, or whose place a login of ours left: what was taken out there comes back. */
  readonly anew?: readonly KeyServiceId[];
  /** The person turned this target on: what was taken out there comes back. */
  readonly enabled?: TargetId;
}

/** One file that has, or may have, a service's key. */
interface Place {
  readonly service: KeyServiceId;
  readonly target: TargetId;
  readonly path: string;
  readonly keys: ToolKeys;
  readonly note: PlaceNote;
  /** The key is to stand there. */
  readonly wanted: boolean;
  /** A login of ours has that place, or gets it. */
  readonly taken: boolean;
  readonly anew: boolean;
}

/** What is to be done, given what stands there. */
type Verdict =
  | 'write'
  | 'remove'
  /** Nothing, and this is how it is. */
  | Pick<PlaceNote, 'state' | 'code'>
  /** Nothing of ours is there or has to be. */
  | 'forget';

/**
 * Brings every tool that keeps API keys in step: the keys that there are, where nothing of the person's own
 * stands; out of the files those that are gone. What cannot be done now is owed, and done at the next call.
 * @throws AppError what reading and writing the state folder throws.
 */
export async function publishKeys(desk: Desk, options: PublishKeysOptions = {}): Promise<void> {
  const { context, vault } = desk;
  if (!(await hasKeys(context))) return;
  await withKeysLock(desk, async () => {
    // Read anew under the lock: the person may have turned a target off while it was waited for.
    const fresh: Desk = { ...desk, settings: await vault.settings() };
    const logins = providersInUse(await allAccounts(vault), fresh.settings);
    for (const id of KeyServiceIdSchema.options) {
      const kept = await keptKey(fresh, id, { mend: true });
      // Without the notes our own key would be taken for the person's, and that be noted.
      if (kept && !kept.lost) await publishOne(fresh, id, kept, logins, options);
    }
  });
}

/** Whether there is, or was, any key: most people have none, and pay one look for it. */
async function hasKeys({ fs, paths }: Context): Promise<boolean> {
  return (await fs.readdir(paths.keys).catch(() => [])).length > 0;
}

async function publishOne(
  desk: Desk,
  id: KeyServiceId,
  kept: KeptKey,
  logins: ReadonlySet<ProviderId>,
  options: PublishKeysOptions,
): Promise<void> {
  const { context } = desk;
  let { facts } = kept;
  const keep = async (place: Place, note: PlaceNote | null) => {
    const others = facts.places.filter((each) => !isSame(each, place));
    const next: KeyFacts = { ...facts, places: note ? [...others, note] : others };
    if (isDeepStrictEqual(next.places, facts.places)) return;
    facts = next;
    await writeKeyFacts(context, id, facts);
  };
  for (const place of await placesOf(desk, id, kept, logins, options)) {
    try {
      await keep(place, await bringInStep(desk, place, kept, (note) => keep(place, note)));
    } catch (error) {
      const { code } = asAppError(error);
      const now = facts.places.find((each) => isSame(each, place)) ?? place.note;
      await keep(place, isClean(place, now) ? null : { ...now, ...owed(code) });
    }
  }
  if (kept.sealed === null && facts.places.length === 0) await dropKeyFacts(context, id);
}

/** Nothing of ours was there, and nothing has to be: that it cannot be looked at is no debt. */
function isClean({ wanted }: Place, { mine }: PlaceNote): boolean {
  return !wanted && mine.length === 0;
}

function isSame(a: Pick<PlaceNote, 'target' | 'path'>, b: Pick<PlaceNote, 'target' | 'path'>) {
  return a.target === b.target && a.path === b.path;
}

/** Where the key is to stand, and where it stands though it is not to any more. */
async function placesOf(
  desk: Desk,
  service: KeyServiceId,
  { sealed, facts }: KeptKey,
  logins: ReadonlySet<ProviderId>,
  { anew = [], enabled }: PublishKeysOptions,
): Promise<Place[]> {
  const { context, settings } = desk;
  const all = targetsOf(context, settings);
  const placeOf = async (target: Target, note: PlaceNote | undefined): Promise<Place[]> => {
    const { id, path, keys } = target;
    if (path === null || !keys?.nameOf(service)) return [];
    const here = all.some((each) => each.id === id && each.path === path);
    // A folder that the person chose counts everywhere, so that every other file is one to leave: at each
    // look, for it may not be possible at once. A variable of the tool's own counts where it is set.
    const chosen = Boolean(settings.targets[id]?.path);
    const on = modeOf(target, settings) !== 'off' && (here || !chosen);
    const wanted = sealed !== null && on && (await target.installed());
    if (!wanted && !note) return [];
    const rival = keys.rivalOf(service);
    const taken = on && rival !== null && logins.has(rival);
    const known = note ?? { ...NO_NOTE, target: id, path };
    const asked = anew.includes(service) || enabled === id;
    return [{ service, target: id, path, keys, note: known, wanted, taken, anew: asked }];
  };
  const elsewhere = facts.places.filter(
    ({ target, path }) => !all.some((each) => each.id === target && each.path === path),
  );
  const places = await Promise.all([
    ...all.map((target) =>
      placeOf(
        target,
        facts.places.find((note) => isSame(note, { target: target.id, path: target.path ?? '' })),
      ),
    ),
    // By a tool's own variable, or before it was moved.
    ...elsewhere.map((note) => placeOf(targetIn(context, settings, note), note)),
  ]);
  return places.flat();
}

const NO_NOTE: Omit<PlaceNote, 'target' | 'path'> = {
  mine: [],
  writtenAt: null,
  state: 'owed',
  code: null,
};

/** @returns what is known of the place now; `null`: nothing worth it. */
async function bringInStep(
  desk: Desk,
  place: Place,
  kept: KeptKey,
  keep: (note: PlaceNote) => Promise<void>,
): Promise<PlaceNote | null> {
  const { hash } = kept.facts;
  // Most looks find everything as it should be: then the tool's lock is not touched.
  const verdict = verdictOn(place, hash, await place.keys.read(place.service));
  if (verdict !== 'write' && verdict !== 'remove') return settled(place, verdict);
  // Before the tool's lock is taken: the system may ask the person for the key that this one is sealed with.
  const key =
    verdict === 'write' && kept.sealed ? await openSealed(desk, place.service, kept.sealed) : null;
  return place.keys.open(TARGET_DEADLINE, async (open) => {
    const again = verdictOn(place, hash, await open.read(place.service));
    if (again === 'write' && key !== null) return write(desk, place, key, open, keep);
    if (again === 'remove') return remove(desk, place, open);
    return again === 'write' ? { ...place.note, ...owed('tool-busy') } : settled(place, again);
  });
}

function settled({ note }: Place, verdict: Exclude<Verdict, 'write' | 'remove'>): PlaceNote | null {
  if (verdict === 'forget') return null;
  // Ours is not there any more. A key that the person puts there later is not ours, even if it is the same.
  const gone = verdict.state === 'theirs' || verdict.state === 'login';
  return { ...note, ...verdict, ...(gone && { mine: [], writtenAt: null }) };
}

function verdictOn(
  { note, wanted, taken, anew }: Place,
  hash: string | null,
  held: HeldKey,
): Verdict {
  const due = wanted || note.mine.length > 0;
  switch (held.kind) {
    case 'being-written':
      return due ? owed('tool-busy') : 'forget';
    case 'unreadable':
      return due ? owed('tool-file-damaged') : 'forget';
    case 'other':
      return wanted ? { state: taken ? 'login' : 'theirs', code: null } : 'forget';
    case 'key': {
      if (!note.mine.includes(hashToken(held.key))) {
        return wanted ? { state: 'theirs', code: null } : 'forget';
      }
      if (!wanted) return 'remove';
      return hashToken(held.key) === hash ? { state: 'written', code: null } : 'write';
    }
    case 'nothing': {
      if (!wanted) return 'forget';
      // A login that is to stand there and does not was taken out by the person, or follows soon.
      if (taken) return { state: 'login', code: null };
      return note.writtenAt !== null && !anew ? { state: 'removed', code: null } : 'write';
    }
  }
}

async function write(
  { context }: Desk,
  place: Place,
  key: string,
  open: OpenKeys,
  keep: (note: PlaceNote) => Promise<void>,
): Promise<PlaceNote> {
  const { note, service } = place;
  const hash = hashToken(key);
  // Noted before it is there: a key that stood there without a note would be taken for the person's.
  await keep({
    ...note,
    ...owed('tool-busy'),
    mine: [...new Set([...note.mine, hash])],
    writtenAt: null,
  });
  await context.step('key:noted');
  await open.write(service, key);
  await context.step('key:written');
  const held = await open.read(service);
  const there = held.kind === 'key' && held.key === key;
  if (!there) return { ...note, ...owed('tool-busy'), mine: [...new Set([...note.mine, hash])] };
  return { ...note, mine: [hash], writtenAt: context.clock.now(), state: 'written', code: null };
}

async function remove(
  { context }: Desk,
  { note, service }: Place,
  open: OpenKeys,
): Promise<PlaceNote | null> {
  await open.remove(service);
  await context.step('key:withdrawn');
  return (await open.read(service)).kind === 'key' ? { ...note, ...owed('tool-busy') } : null;
}

function owed(code: ErrorCode): Pick<PlaceNote, 'state' | 'code'> {
  return { state: 'owed', code };
}
