import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { maskToken } from '../support/demo/mask-token.ts';
import { playStory } from '../support/demo/story.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Starts the demo; whatever it makes is made in `folder`. */
function startDemo(folder: string, ...args: readonly string[]) {
  const demo = ['--import', 'tsx', 'test/support/demo/main.ts', ...args];
  const env = { ...process.env, TMPDIR: folder };
  const child = spawn(process.execPath, demo, {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** What the demo left; tsx keeps a cache there. */
async function leftIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith('tsx-'));
}

test('a command line that only says it has signed in is not believed', async () => {
  const folder = await tempFolder();
  const program = join(folder, 'liar.cjs');
  await writeFile(program, "process.stderr.write('Signed in to Claude.\\n')");
  const told: string[] = [];
  const outcome = await playStory({
    screen: { write: (part) => told.push(part), columns: 80, colour: false, pause: 0 },
    program,
    browser: false,
    keep: false,
    signal: new AbortController().signal,
  });
  expect(outcome).toBe('failed');
  expect(told.join('')).toMatch(
    /✗ Claude got its code back .*\n +expected +\[ true \]\n +came +\[\]\n/,
  );
});

test('a token is recognised on the screen, not used', () => {
  expect(maskToken('sk-ant-oat01-abcdefghijklmnop')).toBe('sk-a…mnop');
  expect(maskToken('short')).toBe('…');
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in the middle leaves nothing behind',
  async (signal) => {
    const folder = await tempFolder();
    const child = startDemo(folder, '--fast');
    const closed = once(child, 'close');
    let told = '';
    for await (const part of child.stdout.setEncoding('utf8')) {
      told += part;
      if (!child.killed && told.includes('Waiting for your browser')) child.kill(signal);
    }
    expect(await closed).toEqual([130, null]);
    // Without a keyring program on the machine, what that skips is said in between.
    expect(told).toMatch(/Stopped\.\n(Skipped: .+\n)?Nothing was left behind\.\n$/s);
    expect(await leftIn(folder)).toEqual([]);
  },
);

test('an option that does not exist is refused with the help', async () => {
  const child = startDemo(await tempFolder(), '--quick');
  const [help, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(help).toContain('--fast');
  expect(code).toBe(2);
});
