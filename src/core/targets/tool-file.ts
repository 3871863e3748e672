import { AppError, hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { mapFileError } from '../files/durable.ts';
import type { Hold } from '../files/hold.ts';
import { type BuiltInId, BuiltInIdSchema, isBuiltIn } from '../grant.ts';
import { isOwnKey } from '../keys/facts.ts';
import type { KeyServiceId } from '../keys/services.ts';
import type { FileSystem } from '../ports.ts';
import type { Mode } from '../vault/settings.ts';
import type { Codec } from './codec.ts';
import { inOrder, NOTHING_HELD, type Take } from './locks.ts';
import type { Store } from './store.ts';
import type { Held, Holder, OpenTarget, Target, TargetId, ToolHolder } from './target.ts';
import type { HeldKey, KeyCodec, OpenKeys, ToolKeys } from './tool-keys.ts';
import type { ToolLock } from './tool-lock.ts';

/** A tool by its parts: what its bytes mean, where they are, and what it locks before it changes them. */
export interface ToolFile {
  readonly id: TargetId;
  /** As people know it. */
  readonly name: string;
  /** Absolute; for people and watchers. */
  readonly path: string;
  readonly codec: Codec;
  readonly store: Store;
  readonly lock: ToolLock;
  readonly defaultMode: Mode;
  /** The tool holds its lock across its own renewals: ours may do the same. */
  readonly locksRenewals: boolean;
  /** Nothing that reads it renews a login by itself. */
  readonly passive?: boolean;
  /** Whether the tool is on this machine at all. */
  installed(): Promise<boolean>;
  /** See `Target`. */
  present?(): Promise<boolean>;
}

/** A tool that writes in place empties its file first. One that is empty for longer was left so. */
const WRITING_TIME = 10_000;

/** More than a login takes in any tool's file. */
const LOGIN_SIZE = 16 * 1024;

/** Space, tab, line feed, carriage return: the white space of JSON. */
const WHITE_SPACE: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];

/** Runs `work` under the tool's locks, of which `hold` may have one already. */
type UnderLock = <T>(deadline: number, work: (own: Hold) => Promise<T>, hold?: Hold) => Promise<T>;

/** What the tool holds of a provider's. */
type Read = (provider: BuiltInId) => Promise<Held>;

/** A tool's file as a target. Its errors name the tool and the file. */
export function toolTarget(
  context: Pick<Context, 'step' | 'clock' | 'fs' | 'paths'>,
  tool: ToolFile,
): Target {
  const { step, clock } = context;
  const { lock } = tool;
  const reads: Read = (provider) => named(tool, () => readLogin(context, tool, provider));
  const acquire = (deadline: number) => named(tool, () => lock.acquire(deadline));
  const saving: Take = async (deadline) => lock.saving?.(deadline) ?? NOTHING_HELD;
  const held: UnderLock = async (deadline, work, hold) => {
    const first: Take = hold?.intact ? async () => lent(hold) : (ms) => lock.acquire(ms);
    const own = await named(tool, () => inOrder([first, saving], clock)(deadline));
    try {
      await step('target:locked');
      return await work(own);
    } finally {
      await own.release();
    }
  };
  return {
    id: tool.id,
    name: tool.name,
    ...(tool.passive && { passive: true }),
    everyAccount: false,
    defaultMode: tool.defaultMode,
    path: tool.path,
    serves: (provider) => isBuiltIn(provider) && tool.codec.serves(provider),
    installed: () => tool.installed(),
    ...(tool.present && { present: () => tool.present?.() ?? tool.installed() }),
    read: (holder) => reads(served(holder).provider),
    open: (deadline, work, hold) => held(deadline, (own) => work(opened(tool, own, reads)), hold),
    ...(tool.codec.keys && { keys: keysOf(tool, tool.codec.keys, held) }),
    ...(tool.locksRenewals && { hold: acquire }),
    lockedBy: () => lock.holder(),
  };
}

/** A lock that somebody else releases. */
function lent(hold: Hold): Hold {
  return {
    get intact() {
      return hold.intact;
    },
    release: async () => {},
  };
}

/** Whether there is a folder (links followed) at `path`. Never rejects. */
export async function isFolder(fs: FileSystem, path: string): Promise<boolean> {
  return fs.stat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
}

function opened(tool: ToolFile, hold: Hold, reads: Read): OpenTarget {
  const { codec, store } = tool;
  const change = changing(tool, hold);
  return {
    read: (holder) => reads(served(holder).provider),
    write: (holder, grant, options) =>
      named(tool, async () => {
        await change((old) => codec.write(old, served(holder), grant, options));
      }),
    remove: (holder) =>
      named(tool, () => change((old) => old && codec.remove(old, served(holder).provider))),
    keep: (holder) =>
      named(tool, async () => {
        const bytes = await content(store);
        return bytes && codec.keep(bytes, served(holder).provider);
      }),
    restore: (holder, kept) =>
      named(tool, async () => {
        await change((old) => codec.restore(old, served(holder).provider, kept));
      }),
    rehearse: () => named(tool, () => rehearse(tool)),
    sweep: () => named(tool, () => sweepUnder(tool, hold)),
  };
}

/** The keys in the file, under the same lock as its logins and written in the same way. */
function keysOf(tool: ToolFile, codec: KeyCodec, held: UnderLock): ToolKeys {
  const read = (service: KeyServiceId): Promise<HeldKey> =>
    named(tool, () => readKey(tool, codec, service));
  return {
    nameOf: codec.nameOf,
    rivalOf: codec.rivalOf,
    read,
    open: (deadline, work) =>
      held(deadline, async (own) => {
        const change = changing(tool, own);
        const keys: OpenKeys = {
          read,
          write: (service, key) =>
            named(tool, async () => {
              await change((old) => codec.write(old, service, key));
            }),
          remove: (service) =>
            named(tool, async () => {
              await change((old) => old && codec.remove(old, service));
            }),
        };
        await named(tool, () => sweepUnder(tool, own));
        return work(keys);
      }),
  };
}

async function sweepUnder({ store }: ToolFile, hold: Hold): Promise<void> {
  assertIntact(hold);
  await store.sweep();
}

/**
 * What changes the bytes under a lock: the argument tells the bytes instead of the old ones, `null`: none.
 * Resolves with whether that made a difference.
 */
function changing(tool: ToolFile, hold: Hold) {
  const { store } = tool;
  return async (next: (old: Uint8Array | null) => Uint8Array | null): Promise<boolean> => {
    await sweepUnder(tool, hold);
    const old = await content(store);
    const bytes = next(old);
    if (bytes === old || (bytes && old && Buffer.compare(bytes, old) === 0)) return false;
    assertIntact(hold);
    await (bytes ? store.write(bytes) : store.discard());
    return true;
  };
}

async function readKey(
  { store }: ToolFile,
  codec: KeyCodec,
  service: KeyServiceId,
): Promise<HeldKey> {
  if (await store.unfinished?.()) return { kind: 'being-written' };
  const bytes = await store.read();
  if (bytes === null) return { kind: 'nothing' };
  if (!isBlank(bytes)) return codec.read(bytes, service);
  return { kind: (await isYoung(store)) ? 'being-written' : 'nothing' };
}

/** As `read`; where an API key of ours alone stands there, no login does: the place is free for one. */
async function readLogin(
  context: Pick<Context, 'clock' | 'fs' | 'paths'>,
  tool: ToolFile,
  provider: BuiltInId,
): Promise<Held> {
  const held = await read(tool, provider);
  const { id: target, path } = tool;
  const { keys } = tool.codec;
  const service = held.kind === 'api-key' ? keys?.toldAs(provider) : null;
  if (!keys || !service) return held;
  const found = await readKey(tool, keys, service);
  const ours =
    found.kind === 'key' && (await isOwnKey(context, { target, path }, service, found.key));
  return ours ? { kind: 'nothing' } : held;
}

async function read({ codec, store }: ToolFile, provider: BuiltInId): Promise<Held> {
  try {
    if (await store.unfinished?.()) return { kind: 'being-written' };
    const bytes = await store.read();
    if (bytes === null) return { kind: 'nothing' };
    if (!isBlank(bytes)) return codec.read(bytes, provider);
    return { kind: (await isYoung(store)) ? 'being-written' : 'blanked' };
  } catch (error) {
    if (hasCode(error, 'tool-file-damaged')) return { kind: 'unreadable', code: error.code };
    throw error;
  }
}

async function isYoung(store: Store): Promise<boolean> {
  const age = await store.age();
  // A clock that was set back puts the stamp into the future: that is no reason to wait for it.
  return age !== null && Math.abs(age) < WRITING_TIME;
}

/** What a change starts from. A file with nothing in it is as good as none. */
async function content(store: Store): Promise<Uint8Array | null> {
  const bytes = await store.read();
  return bytes === null || isBlank(bytes) ? null : bytes;
}

async function rehearse({ codec, store }: ToolFile): Promise<void> {
  const bytes = await content(store);
  for (const provider of BuiltInIdSchema.options) {
    const held = bytes && codec.serves(provider) ? codec.read(bytes, provider) : null;
    if (held?.kind === 'unreadable') throw new AppError(held.code);
  }
  await store.rehearse((bytes?.length ?? 0) + LOGIN_SIZE);
}

/** Whoever asks has asked `serves` before. */
function served(holder: Holder): ToolHolder {
  const { provider } = holder;
  if (isBuiltIn(provider)) return { ...holder, provider };
  throw new AppError('unexpected', { hint: 'no file has a place for this login' });
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => WHITE_SPACE.includes(byte));
}

/** Another process that took our lock for abandoned may be writing now. */
function assertIntact(hold: Hold): void {
  if (!hold.intact) throw new AppError('tool-busy');
}

/** What a failure says: whose file it was about, where the part that failed could not know. */
async function named<T>({ path, name }: ToolFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, details, cause } = mapFileError(error, path);
    throw new AppError(code, { path, tool: name, ...details }, cause);
  }
}
