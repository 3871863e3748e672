import { getSystemErrorName } from 'node:util';
import { windowsLock } from './windows-lock.ts';

/** The operating system's lock on an open file. It belongs to the opening and ends with it. */
export interface KernelLock {
  /** False when another opening of the file has it. Never waits. */
  take(fd: number): boolean;
  free(fd: number): void;
}

let loaded: Promise<KernelLock> | undefined;

/** Loaded when it is first needed: most commands never lock, and native code costs them their start. */
export function kernelLock(): Promise<KernelLock> {
  loaded ??= process.platform === 'win32' ? windowsLock() : posixLock();
  return loaded;
}

/** flock(2). The numbers are the same on Linux, macOS and the BSDs. */
async function posixLock(): Promise<KernelLock> {
  const koffi = await import('koffi');
  const { EINTR, EWOULDBLOCK } = koffi.os.errno;
  const LOCK_EX = 2;
  const LOCK_NB = 4;
  const LOCK_UN = 8;
  // `null` is this very process, where the C library is loaded whatever it is called (glibc, musl, libSystem).
  const flock = koffi.load(null).func('flock', 'int', ['int', 'int']);
  return {
    take(fd) {
      while (flock(fd, LOCK_EX | LOCK_NB) !== 0) {
        const errno = koffi.errno();
        if (errno === EWOULDBLOCK) return false;
        if (errno !== EINTR) throw systemError('flock', errno);
      }
      return true;
    },
    free(fd) {
      flock(fd, LOCK_UN);
    },
  };
}

function systemError(call: string, errno: number): Error {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${code}: ${call}`), { code, errno: -errno, syscall: call });
}
