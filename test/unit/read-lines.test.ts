import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readLines } from '../../src/cli/read-lines.ts';

async function linesOf(...chunks: string[]): Promise<string[]> {
  const input = new PassThrough();
  const lines: string[] = [];
  readLines(input, (line) => lines.push(line));
  for (const chunk of chunks) input.write(chunk);
  input.end();
  await new Promise((resolve) => input.once('close', resolve));
  return lines;
}

describe('lines from standard input', () => {
  test('arrive whole, however they are cut up', async () => {
    expect(await linesOf('one\ntw', 'o\r\n', '\nthree')).toEqual(['one', 'two', '', 'three']);
  });

  test('an endless line is cut, and the next one is whole again', async () => {
    const [long, next] = await linesOf('x'.repeat(50_000), 'x'.repeat(50_000), '\nnext\n');
    expect(long).toHaveLength(8192);
    expect(next).toBe('next');
  });

  test('nothing is handed over after the end of reading', async () => {
    const input = new PassThrough();
    const lines: string[] = [];
    const stop = readLines(input, (line) => lines.push(line));
    stop();
    expect(input.destroyed).toBe(true);
    expect(lines).toEqual([]);
  });
});
