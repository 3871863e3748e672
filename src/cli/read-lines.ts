import type { Readable } from 'node:stream';

/** Longer than anything that a person pastes; the rest of such a line is dropped. */
const LONGEST = 8192;

/**
 * Hands over each line of `input`, the last one also without its line end. The end of the input, or its
 * failure, ends nothing else. @returns a function that stops reading, so that the process may end.
 */
export function readLines(input: Readable, onLine: (line: string) => void): () => void {
  let line = '';
  const take = (text: string) => {
    line = (line + text).slice(0, LONGEST);
  };
  const handOver = () => {
    const whole = line.replace(/\r$/, '');
    line = '';
    onLine(whole);
  };
  const onData = (chunk: string) => {
    const [rest = '', ...more] = chunk.split('\n');
    take(rest);
    for (const text of more) {
      handOver();
      take(text);
    }
  };
  const onEnd = () => {
    if (line !== '') handOver();
  };
  input
    .setEncoding('utf8')
    .on('data', onData)
    .once('end', onEnd)
    .on('error', () => {});
  return () => {
    input.off('data', onData).off('end', onEnd).destroy();
  };
}
