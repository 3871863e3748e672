import type { Writable } from 'node:stream';

/**
 * Ends this process for good, with what it wrote on its way. For a shell whose keychain is `stuck`:
 * `process.exit` first joins the threads of libuv's pool, so that a call in which the OS keychain does
 * not answer (a prompt that nobody sees, a stopped daemon) would hold the process for as long, possibly
 * for ever. Here the system ends it, threads and all; `exit` handlers do not run.
 */
export async function leaveNow(code: number): Promise<never> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  const koffi = await import('koffi');
  if (process.platform === 'win32') {
    // UNPROVEN: written from its documentation, never run on Windows.
    const kernel32 = koffi.load('kernel32.dll');
    const self = kernel32.func('void *__stdcall GetCurrentProcess()')();
    kernel32.func('int __stdcall TerminateProcess(void *process, uint32_t code)')(self, code);
  }
  // `null` is this very process, where the C library is loaded whatever it is called.
  koffi.load(null).func('void _exit(int code)')(code);
  throw new Error('the process outlived its end');
}

/** Resolves when all that was written before is with the system, or can never be. */
function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    // A pipe whose reader is gone says so here, and must not end the process with another code.
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}
