/**
 * Keeps logins fresh until it is killed. Loads everything first and says `ready`, so that it can take over
 * at once when its standard input says `go`; then it says `began`, or `failed` and why. A line with a
 * `Moment` in it lets it die there. Tells each step with its time, epoch ms, before anything else happens.
 * Its argument is the umask that it lives with.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createEngine } from '../../../src/core/create.ts';
import { nodeClock } from '../../../src/core/files/node-files.ts';
import type { Clock } from '../../../src/core/ports.ts';
import { run } from '../../../src/core/run.ts';
import { asAppError } from '../../../src/shared/errors.ts';
import type { Moment } from '../kills.ts';

const SECOND = 1000;

/** A tool that may have been quicker is waited for ten times for a second: here each is a short one. */
const clock: Clock = {
  now: () => nodeClock.now(),
  sleep: (ms, signal) => nodeClock.sleep(ms === SECOND ? SECOND / 20 : ms, signal),
};

process.umask(Number(process.argv[2]));

let left = 0;
let dieAt: Moment | null = null;

const { engine, context } = await createEngine({
  clock,
  step: (step) => {
    say(`${Date.now()} ${step}`);
    if (step !== dieAt?.step) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
await import('../../../src/core/serve.ts');
await import('../../../src/core/look.ts');
await import('../../../src/core/oauth/transport.ts');
say('ready');

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'go') begin();
  else {
    dieAt = JSON.parse(line);
    left = dieAt?.nth ?? 0;
  }
}
// Nobody is there any more who could kill it.
process.exit();

function begin(): void {
  run(context, engine, {
    kind: 'daemon',
    version: '1.2.3',
    signal: new AbortController().signal,
    onStart: () => say('began'),
    onReport: () => {},
  }).catch((error) => say(`failed ${asAppError(error).code}`));
}

/** Not by a stream: what is said is said, whatever comes next. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
