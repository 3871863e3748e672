import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngine } from '../src/core/create.ts';
import { type StandIn, signInAt, startStandIn } from '../test/support/provider/index.ts';
import { spread, timeInTurn } from './pairs.ts';

const AUTHBAR = fileURLToPath(new URL('../out/cli/authbar.cjs', import.meta.url));
const ROUNDS = 40;

/** `authbar token` with a valid token beside a node that does nothing. Aim: 1.6 or less. */
export async function benchToken(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'authbar-bench-'));
  const standIn = await startStandIn();
  try {
    const bare = await signedIn(folder, standIn);
    console.log(`authbar token, valid token, key in a file; ${ROUNDS} pairs of whole processes`);
    compare('in the environment of this shell', { ...process.env, ...bare });
    // Some settings make every Node start slower, NODE_EXTRA_CA_CERTS above all.
    compare('in an empty environment', bare);
  } finally {
    await standIn.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function compare(where: string, env: NodeJS.ProcessEnv): void {
  const token = { name: 'authbar token', args: [AUTHBAR, 'token', 'claude'], env };
  const nothing = { name: 'node -e 0', args: ['-e', '0'], env };
  const { first, second, ratios } = timeInTurn(token, nothing, ROUNDS);
  console.log(`  ${where}`);
  console.log(`    authbar token   ${spread(first, 1)} ms`);
  console.log(`    node -e 0       ${spread(second, 1)} ms`);
  console.log(`    ratio           ${spread(ratios, 2)}`);
}

/** A state folder with a Claude login in it. */
async function signedIn(folder: string, standIn: StandIn): Promise<NodeJS.ProcessEnv> {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AUTHBAR_HOME: join(folder, 'state'),
    AUTHBAR_VAULT: 'file',
    AUTHBAR_PROVIDERS_FILE: await standIn.providersFile(join(folder, 'providers.json')),
  };
  const { engine } = await createEngine({ env, userHome: folder });
  const attempt = engine.login('claude', {
    onState: (state) => {
      if (state.kind === 'waiting') void signInAt(state.url);
    },
  });
  await attempt.done;
  await attempt.closed();
  return env;
}
