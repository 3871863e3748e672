import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { AppError } from '../../shared/errors.ts';

const NEWLINE = 0x0a;

/**
 * Each whole line that arrives, without its end; what follows the last one is no line. No more is read
 * from the stream than is asked for, so that whoever sends too fast waits. It stays open at the end.
 * @param longest Longest line without its end, bytes.
 * @throws AppError `wrong-use` for a line that is too long or no text; the stream's own errors.
 */
export async function* linesOf(stream: Readable, longest: number): AsyncGenerator<string, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let start = 0;
    for (let end = 0; ; start = end + 1) {
      end = rest.indexOf(NEWLINE, start);
      const length = (end < 0 ? rest.length : end) - start;
      if (length > longest) throw unreadable('A line on Authbar’s socket was too long.');
      if (end < 0) break;
      const line = rest.subarray(start, end);
      if (!isUtf8(line)) throw unreadable('A line on Authbar’s socket was no text.');
      yield line.toString('utf8');
    }
    rest = rest.subarray(start);
  }
}

function unreadable(hint: string): AppError {
  return new AppError('wrong-use', { hint });
}
