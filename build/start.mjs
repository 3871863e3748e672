// Builds the app and runs it. Two words are for here, all others go on to the app:
//   --demo     against the stand-in for both services, in a temporary home
//   --standin  on the stand-in for Electron, for development where Electron's binary is missing
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'electron-vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NO_ELECTRON =
  'Electron’s binary is not here and could not be downloaded: set ELECTRON_MIRROR to a mirror that has it (https://www.electronjs.org/docs/latest/tutorial/installation#mirror), use the command line (npm run build, then node out/cli/authbar.cjs), or, for development, npm start -- --standin.';

const require = createRequire(import.meta.url);
const words = process.argv.slice(2);
const passedOn = words.filter((word) => !['--demo', '--standin'].includes(word));

const electron = words.includes('--standin') ? standIn() : realElectron();
if (electron) {
  await build({ root: ROOT, logLevel: 'warn' });
  process.exitCode = words.includes('--demo')
    ? await demo(electron)
    : await run(electron, process.env);
} else {
  console.error(NO_ELECTRON);
  process.exitCode = 1;
}

/** The path of Electron, which its package downloads when it is first asked for; `null`: it cannot. */
function realElectron() {
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH) return require('electron');
  const installer = require.resolve('electron/install.js');
  const { status } = spawnSync(process.execPath, [installer], { stdio: 'ignore' });
  return status === 0 ? require('electron') : null;
}

function standIn() {
  const bundler = fileURLToPath(new URL('bundle-standin.mjs', import.meta.url));
  spawnSync(process.execPath, [bundler], { stdio: 'inherit' });
  process.env.ELECTRON_OVERRIDE_DIST_PATH = join(ROOT, 'out', 'standin');
  return require('electron');
}

/** @returns its exit code. */
function run(program, env) {
  const child = spawn(program, [ROOT, ...passedOn], { env, stdio: 'inherit' });
  // Ctrl-C reaches the app as well, which ends in good order.
  process.on('SIGINT', () => {});
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Nothing of the person's own is read or written: not their tools, not their keychain. */
async function demo(program) {
  const { register } = await import('tsx/esm/api');
  register();
  const { startStandIn } = await import('../test/support/provider/index.ts');
  const services = await startStandIn();
  const home = await mkdtemp(join(await realpath(tmpdir()), 'authbar-demo-'));
  try {
    return await run(program, {
      ...process.env,
      HOME: home,
      USERPROFILE: home,
      XDG_CONFIG_HOME: join(home, '.config'),
      AUTHBAR_VAULT: 'file',
      AUTHBAR_HOME: join(home, 'authbar'),
      AUTHBAR_PROVIDERS_FILE: await services.providersFile(join(home, 'providers.json')),
    });
  } finally {
    await services.close();
    await rm(home, { recursive: true, force: true });
  }
}
