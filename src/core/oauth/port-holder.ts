import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/** How `/proc/net/tcp` spells a socket that listens. */
const LISTEN = '0A';

/**
 * The name of the program that listens on a TCP port of this computer, where the system tells: Linux for
 * the person's own programs, macOS. Else `null`. Never throws.
 */
export async function portHolder(
  port: number,
  platform: string = process.platform,
): Promise<string | null> {
  try {
    if (platform === 'linux') return await holderFromProc(port);
    if (platform === 'darwin') return await holderFromLsof(port);
  } catch {
    // It only makes a message friendlier.
  }
  return null;
}

/** The inodes of the sockets that listen on `port` in the text of `/proc/net/tcp` or `tcp6`. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return inode && state === LISTEN && local?.endsWith(suffix) ? [inode] : [];
  });
}

/** The first command in the text of `lsof -F c`. */
export function firstCommand(fields: string): string | null {
  return /^c(.+)$/m.exec(fields)?.[1] ?? null;
}

async function holderFromProc(port: number): Promise<string | null> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const inodes = tables.flatMap((table) => listeningInodes(table, port));
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return null;
  for (const pid of await readdir('/proc')) {
    if (/^\d+$/.test(pid) && (await holdsOneOf(sockets, pid))) {
      return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() || null;
    }
  }
  return null;
}

/** False for a process of somebody else and for one that has just ended. */
async function holdsOneOf(sockets: ReadonlySet<string>, pid: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names.map((name) => readlink(`${folder}/${name}`).catch(() => '')),
  );
  return files.some((file) => sockets.has(file));
}

async function holderFromLsof(port: number): Promise<string | null> {
  // By its full path, so that nothing earlier in PATH is run; `+c0` keeps long names whole.
  const lsof = ['-nP', '+c0', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fc'];
  const { stdout } = await promisify(execFile)('/usr/sbin/lsof', lsof, { timeout: 2000 });
  return firstCommand(stdout);
}
