import type { KernelLock } from './kernel-lock.ts';

/* v8 ignore start -- Windows only */

/**
 * LockFileEx. UNPROVEN: written from its documentation, never run on Windows.
 * A locked range cannot be read by others there, so the lock is on one byte that no content reaches.
 * https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-lockfileex
 */
export async function windowsLock(): Promise<KernelLock> {
  const koffi = await import('koffi');
  const LOCKFILE_FAIL_IMMEDIATELY = 1;
  const LOCKFILE_EXCLUSIVE_LOCK = 2;
  const ERROR_LOCK_VIOLATION = 33;
  const ERROR_IO_PENDING = 997;
  const where = { Internal: 0, InternalHigh: 0, Offset: 0, OffsetHigh: 0x4000_0000, hEvent: null };
  const overlapped = koffi.struct({
    Internal: 'uintptr_t',
    InternalHigh: 'uintptr_t',
    Offset: 'uint32_t',
    OffsetHigh: 'uint32_t',
    hEvent: 'void *',
  });
  const at = koffi.pointer(overlapped);
  // libuv, inside Node and Electron, knows the handle behind a file descriptor.
  const handleOf = koffi.load(null).func('uv_get_osfhandle', 'intptr_t', ['int']);
  const kernel32 = koffi.load('kernel32.dll');
  const lock = kernel32.func('__stdcall', 'LockFileEx', 'int', [
    'intptr_t',
    'uint32_t',
    'uint32_t',
    'uint32_t',
    'uint32_t',
    at,
  ]);
  const unlock = kernel32.func('__stdcall', 'UnlockFileEx', 'int', [
    'intptr_t',
    'uint32_t',
    'uint32_t',
    'uint32_t',
    at,
  ]);
  const lastError = kernel32.func('__stdcall', 'GetLastError', 'uint32_t', []);
  return {
    take(fd) {
      const flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
      if (lock(handleOf(fd), flags, 0, 1, 0, where) !== 0) return true;
      const error = lastError();
      if (error === ERROR_LOCK_VIOLATION || error === ERROR_IO_PENDING) return false;
      throw new Error(`LockFileEx failed with ${error}`);
    },
    free(fd) {
      unlock(handleOf(fd), 0, 1, 0, where);
    },
  };
}
