import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { errnoOf } from '../files/durable.ts';
import { isOwnSocket, removeFolderOf } from './place.ts';

const SHARE = /^share-[0-9a-f]{8}\.sock$/;
const FOLDER = /^authbar-[0-9a-f]{16}$/;
const MINUTE = 60_000;

type Deps = Pick<Context, 'fs' | 'paths'>;

/**
 * Removes the sockets of shares that were killed, in the folder for sockets and in those that were made
 * elsewhere because its name is long. Never one that is not ours, or at which somebody listens. Best
 * effort, never rejects.
 */
export async function sweepShares(deps: Deps): Promise<void> {
  const { fs, paths } = deps;
  const temporary = await namesIn(fs, tmpdir(), FOLDER);
  const elsewhere = temporary.map((name) => join(tmpdir(), name));
  for (const folder of [paths.run, ...elsewhere]) {
    for (const name of await namesIn(fs, folder, SHARE))
      await removeIfLeft(deps, join(folder, name));
  }
}

async function namesIn(fs: Deps['fs'], folder: string, wanted: RegExp): Promise<string[]> {
  const names = await fs.readdir(folder).catch(() => []);
  return names.filter((name) => wanted.test(name));
}

async function removeIfLeft(deps: Deps, path: string): Promise<void> {
  try {
    if (!(await isOwnSocket(deps, path)) || !(await isDeserted(deps, path))) return;
    await deps.fs.unlink(path);
    await removeFolderOf(deps, path);
  } catch {
    // What is not ours, or cannot be removed, is in nobody's way.
  }
}

async function isDeserted({ fs }: Deps, path: string): Promise<boolean> {
  // A socket is there a moment before anybody listens. By the wall clock, which stamps files.
  if ((await fs.lstat(path)).mtimeMs > Date.now() - MINUTE) return false;
  const { connect } = await import('node:net');
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    return errnoOf(error) === 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}
