/** The product's main job with no account and no network: `npm run demo`. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printText } from '../../../src/cli/output.ts';
import type { Outcome, StoryOptions } from './perform.ts';
import { playStory } from './story.ts';

const PROGRAM = fileURLToPath(new URL('../../../out/cli/authbar.cjs', import.meta.url));
/** Where the pictures of the window go. */
const PICTURES = fileURLToPath(new URL('../../../out/demo', import.meta.url));
/** Time to read after each chapter, ms. */
const PAUSE = 1000;

const HELP = `npm run demo -- [options]

Plays Authbar's main job with a stand-in for Claude and ChatGPT on this
computer: no account, no network, and nothing of yours is touched.

  --app            through the app’s own window instead of the command line
  --pictures DIR   where its pictures go, one for each step (default: out/demo)
  --fast           no pauses for reading
  --browser        sign in to Claude in a real browser; not with --app
  --keep           leave the temporary home where it is, to look around
  --help           show this

Exit code: 0 if every step really happened, 1 if one did not, 130 after Ctrl-C.
`;

const EXIT: Readonly<Record<Outcome, number>> = { held: 0, failed: 1, stopped: 130 };

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) return 2;
  const { app, pictures = PICTURES, fast, browser = false, keep = false, help } = options;
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { stdout } = process;
  const screen = {
    write: printText,
    columns: stdout.columns || 80,
    colour: stdout.isTTY && stdout.hasColors(),
    pause: stdout.isTTY && !fast ? PAUSE : 0,
  };
  const signal = stopSignal();
  const parts = { screen, program: PROGRAM, browser, keep, signal };
  return EXIT[await (app ? playApp(parts, pictures) : playStory(parts))];
}

/** Only who plays it needs what it is played with. */
async function playApp(options: StoryOptions, pictures: string): Promise<Outcome> {
  const { playAppStory } = await import('./app/story.ts');
  return playAppStory(options, pictures);
}

function readOptions() {
  const [flag, path] = [{ type: 'boolean' }, { type: 'string' }] as const;
  const help = { ...flag, short: 'h' } as const;
  const options = { app: flag, pictures: path, fast: flag, browser: flag, keep: flag, help };
  try {
    const { values } = parseArgs({ options });
    if (values.app && values.browser) throw new Error('--browser does not go with --app.');
    return values;
  } catch (error) {
    process.stderr.write(`${plain(error)}\n\n${HELP}`);
    return null;
  }
}

/** However often it is pressed: what was made has to be removed. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort());
  return stop.signal;
}

function plain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`The demo can’t be played here: ${plain(error)}\n`);
  process.exitCode = 1;
}
