// An engine whose state folder is on a small disk of its own, which it fills. Prints how each thing ended,
// as JSON: <folder of the state>
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createEngine } from '../../../src/core/create.ts';
import type { Engine } from '../../../src/core/engine.ts';
import type { Step } from '../../../src/core/ports.ts';
import { asAppError } from '../../../src/shared/errors.ts';
import { signInAt } from '../provider/user-agent.ts';

const home = process.argv[2] ?? '';
const ballast = join(home, 'ballast');
let fillAt: Step | null = null;

const { engine } = await createEngine({
  env: { ...process.env, AUTHBAR_HOME: home },
  step: async (step) => {
    if (step === fillAt) await fill();
  },
});

async function fill(): Promise<void> {
  for (let full = false; !full; ) {
    await appendFile(ballast, Buffer.alloc(4096)).catch(() => {
      full = true;
    });
  }
}

async function signIn(on: Engine): Promise<string> {
  return on.login('claude', {
    onState: (state) => {
      if (state.kind === 'waiting') void signInAt(state.url).catch(() => {});
    },
  }).done;
}

async function renewed(): Promise<string | undefined> {
  const [report] = await engine.refresh(null, { force: true });
  return report?.error?.code ?? report?.how;
}

const first = await signIn(engine).then(
  () => 'signed-in',
  (error) => asAppError(error).code,
);
await fill();
const whenFull = await renewed();
const another = await signIn(engine).catch((error) => asAppError(error).code);
const works = (await engine.token('claude', 0)).accessToken.length > 0;
await rm(ballast);
fillAt = 'renewal:before-send';
const filledMeanwhile = await renewed();
fillAt = null;
await rm(ballast);
const healed = await renewed();
const { accounts } = await engine.status();
const state = accounts.map((account) => account.state);
console.log(JSON.stringify({ first, whenFull, another, works, filledMeanwhile, healed, state }));
