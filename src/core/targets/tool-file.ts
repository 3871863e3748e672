import { AppError, hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { mapFileError } from '../files/durable.ts';
import type { Hold } from '../files/hold.ts';
import { type ProviderId, ProviderIdSchema } from '../grant.ts';
import type { FileSystem } from '../ports.ts';
import type { Mode } from '../vault/settings.ts';
import type { Codec } from './codec.ts';
import { inOrder, NOTHING_HELD, type Take } from './locks.ts';
import type { Store } from './store.ts';
import type { Held, OpenTarget, Target, TargetId } from './target.ts';
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

/** A tool's file as a target. Its errors name the tool and the file. */
export function toolTarget(
  { step, clock }: Pick<Context, 'step' | 'clock'>,
  tool: ToolFile,
): Target {
  const { lock } = tool;
  const acquire = (deadline: number) => named(tool, () => lock.acquire(deadline));
  const saving: Take = async (deadline) => lock.saving?.(deadline) ?? NOTHING_HELD;
  return {
    id: tool.id,
    name: tool.name,
    ...(tool.passive && { passive: true }),
    everyAccount: false,
    defaultMode: tool.defaultMode,
    path: tool.path,
    serves: (provider) => tool.codec.serves(provider),
    installed: () => tool.installed(),
    ...(tool.present && { present: () => tool.present?.() ?? tool.installed() }),
    read: ({ provider }) => named(tool, () => read(tool, provider)),
    async open(deadline, work, hold) {
      const first: Take = hold?.intact ? async () => lent(hold) : (ms) => lock.acquire(ms);
      const own = await named(tool, () => inOrder([first, saving], clock)(deadline));
      try {
        await step('target:locked');
        return await work(opened(tool, own));
      } finally {
        await own.release();
      }
    },
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

function opened(tool: ToolFile, hold: Hold): OpenTarget {
  const { codec, store } = tool;
  const sweep = async (): Promise<void> => {
    assertIntact(hold);
    await store.sweep();
  };
  /** @param next The bytes instead of the old ones; `null`: none. Returns whether that made a difference. */
  const change = async (next: (old: Uint8Array | null) => Uint8Array | null): Promise<boolean> => {
    await sweep();
    const old = await content(store);
    const bytes = next(old);
    if (bytes === old || (bytes && old && Buffer.compare(bytes, old) === 0)) return false;
    assertIntact(hold);
    await (bytes ? store.write(bytes) : store.discard());
    return true;
  };
  return {
    read: ({ provider }) => named(tool, () => read(tool, provider)),
    write: (holder, grant, options) =>
      named(tool, async () => {
        await change((old) => codec.write(old, holder, grant, options));
      }),
    remove: ({ provider }) =>
      named(tool, () => change((old) => old && codec.remove(old, provider))),
    keep: ({ provider }) =>
      named(tool, async () => {
        const bytes = await content(store);
        return bytes && codec.keep(bytes, provider);
      }),
    restore: ({ provider }, kept) =>
      named(tool, async () => {
        await change((old) => codec.restore(old, provider, kept));
      }),
    rehearse: () => named(tool, () => rehearse(tool)),
    sweep: () => named(tool, sweep),
  };
}

async function read({ codec, store }: ToolFile, provider: ProviderId): Promise<Held> {
  try {
    if (await store.unfinished?.()) return { kind: 'being-written' };
    const bytes = await store.read();
    if (bytes === null) return { kind: 'nothing' };
    if (!isBlank(bytes)) return codec.read(bytes, provider);
    const age = await store.age();
    // A clock that was set back puts the stamp into the future: that is no reason to wait for it.
    const young = age !== null && Math.abs(age) < WRITING_TIME;
    return { kind: young ? 'being-written' : 'blanked' };
  } catch (error) {
    if (hasCode(error, 'tool-file-damaged')) return { kind: 'unreadable', code: error.code };
    throw error;
  }
}

/** What a change starts from. A file with nothing in it is as good as none. */
async function content(store: Store): Promise<Uint8Array | null> {
  const bytes = await store.read();
  return bytes === null || isBlank(bytes) ? null : bytes;
}

async function rehearse({ codec, store }: ToolFile): Promise<void> {
  const bytes = await content(store);
  for (const provider of ProviderIdSchema.options) {
    const held = bytes && codec.serves(provider) ? codec.read(bytes, provider) : null;
    if (held?.kind === 'unreadable') throw new AppError(held.code);
  }
  await store.rehearse((bytes?.length ?? 0) + LOGIN_SIZE);
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
