import { lstat, readFile } from 'node:fs/promises';

/** `7: FLOCK ADVISORY WRITE 4711 fe:00:131082 0 EOF`; who only waits has a `->` before the kind. */
const HELD = /^\d+: FLOCK +\S+ +\S+ +(\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) /;

/**
 * The pid of the process that took the flock(2) lock on the file at `path`; `null` when it is free, or it
 * cannot be told: only Linux tells, and not for every file system, nor of a process in another container.
 * Best effort, for a person to read: the file is not opened, and it never rejects.
 * @see https://man7.org/linux/man-pages/man5/proc_locks.5.html
 */
export async function flockOwner(path: string, platform: NodeJS.Platform): Promise<number | null> {
  if (platform !== 'linux') return null;
  try {
    const { dev, ino } = await lstat(path, { bigint: true });
    return ownerIn(await readFile('/proc/locks', 'latin1'), dev, ino);
  } catch {
    return null;
  }
}

/** The same, from the text of `/proc/locks`. */
export function ownerIn(locks: string, dev: bigint, ino: bigint): number | null {
  for (const line of locks.split('\n')) {
    const [, pid = '', major, minor, inode = ''] = HELD.exec(line) ?? [];
    if (BigInt(inode) !== ino || numberOf(major, minor) !== dev) continue;
    // 0: of another pid namespace.
    if (Number(pid) > 0) return Number(pid);
  }
  return null;
}

/** A device's number as `stat` has it. https://man7.org/linux/man-pages/man3/makedev.3.html */
function numberOf(major = '', minor = ''): bigint {
  const [high, low] = [BigInt(`0x${major || 0}`), BigInt(`0x${minor || 0}`)];
  return (
    ((high & 0xfffff000n) << 32n) |
    ((high & 0xfffn) << 8n) |
    ((low & 0xffffff00n) << 12n) |
    (low & 0xffn)
  );
}
