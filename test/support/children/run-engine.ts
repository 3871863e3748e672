// Is the engine of a state folder, or stands by, until its standard input ends. The first argument is its
// kind; each line that it prints says what it is now, or what became of an account.
import { createEngine } from '../../../src/core/create.ts';
import { run } from '../../../src/core/run.ts';
import { asAppError } from '../../../src/shared/errors.ts';
import { TestClock } from '../test-clock.ts';

const [kind, ahead = '0'] = process.argv.slice(2);
const clock = new TestClock();
clock.advance(Number(ahead));
const { engine, context } = await createEngine({ clock });
const stop = new AbortController();
process.stdin.resume().on('end', () => stop.abort());
try {
  await run(context, engine, {
    kind: kind === 'app' ? 'app' : 'daemon',
    version: '1.2.3',
    signal: stop.signal,
    onStart: () => console.log('engine'),
    onStandby: (holder) => console.log(`standby ${holder?.pid ?? ''}`.trim()),
    onReport: ({ how }) => console.log(how),
  });
  console.log('ended');
} catch (error) {
  const { code, details } = asAppError(error);
  console.log(`${code} ${details.pid ?? ''}`.trim());
}
