import { nodeFiles } from '../../src/core/files/node-files.ts';
import type { FileSystem } from '../../src/core/ports.ts';

export interface FaultyFiles {
  readonly fs: FileSystem;
  /** Every call so far, in order: `open`, `handle.write`, … */
  readonly calls: readonly string[];
}

/**
 * The machine's own files, where the calls that `fails` picks reject with `errno` instead of being made.
 * @param fails Given the call's name and its number, counted from 0.
 */
export function faultyFiles(
  errno: string,
  fails: (call: string, index: number) => boolean,
): FaultyFiles {
  const calls: string[] = [];

  function wrap<T extends object>(target: T, prefix: string): T {
    return new Proxy(target, {
      get(_, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function' || typeof name !== 'string') return member;
        return async (...args: unknown[]) => {
          const call = prefix + name;
          calls.push(call);
          const fault = fails(call, calls.length - 1)
            ? Object.assign(new Error(`${errno}: ${call}`), { code: errno })
            : null;
          // A close that fails has closed all the same: https://man7.org/linux/man-pages/man2/close.2.html
          if (fault && call !== 'handle.close') throw fault;
          const result: unknown = await Reflect.apply(member, target, args);
          if (fault) throw fault;
          return call === 'open' ? wrap(result as object, 'handle.') : result;
        };
      },
    });
  }

  return { fs: wrap(nodeFiles, ''), calls };
}
