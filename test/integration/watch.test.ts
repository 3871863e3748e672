import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  chown,
  mkdir,
  readFile,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { RefreshReport } from '../../src/core/engine.ts';
import { nodeClock } from '../../src/core/files/node-files.ts';
import type { Clock, LogLine } from '../../src/core/ports.ts';
import { run } from '../../src/core/run.ts';
import { FileWatcher } from '../../src/core/targets/watch.ts';
import { startWorld, type World } from '../support/engine.ts';
import { peekaboo } from '../support/look.ts';
import { isRoot, NOBODY } from '../support/nobody.ts';
import { PATIENCE } from '../support/patience.ts';
import { WATCH_START } from '../support/power.ts';
import { type RawTokens, rawRefresh } from '../support/provider/raw-client.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { TestClock } from '../support/test-clock.ts';

interface Watching {
  readonly watcher: FileWatcher;
  readonly log: readonly LogLine[];
}

async function watching(...files: readonly string[]): Promise<Watching> {
  const log: LogLine[] = [];
  const context = { clock: nodeClock, log: (line: LogLine) => void log.push(line) };
  const watcher = new FileWatcher(context, async () => files);
  onTestFinished(() => watcher.close());
  await watcher.update();
  return { watcher, log };
}

/** Fails the test when no news comes at all. */
async function expectNews({ watcher }: Watching): Promise<void> {
  await expect(watcher.changed(AbortSignal.timeout(30_000))).resolves.toBeUndefined();
}

/** Longer than news takes here, by far. */
async function expectNoNews({ watcher }: Watching): Promise<void> {
  const signal = AbortSignal.timeout(1500);
  await expect(watcher.changed(signal)).rejects.toMatchObject({ name: 'AbortError' });
}

/** A new version beside the file, put in its place. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
}

function openWatches(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap').length;
}

describe('a file of a tool', () => {
  test('tells of every way in which it can change, again and again', async () => {
    const file = join(await tempFolder(), 'auth.json');
    await writeFile(file, 'one');
    const look = await watching(file);
    for (let round = 0; round < 3; round++) {
      await writeFile(file, `in place ${round}`);
      await expectNews(look);
      await replace(file, `replaced ${round}`);
      await expectNews(look);
      await unlink(file);
      await expectNews(look);
      await writeFile(file, `made anew ${round}`);
      await expectNews(look);
      await appendFile(file, ' and more');
      await expectNews(look);
    }
    await expectNoNews(look);
    expect(look.log).toEqual([]);
  });

  test('that comes and goes fast is not lost sight of', async () => {
    const file = join(await tempFolder(), 'auth.json');
    const look = await watching(file);
    for (let round = 0; round < 8; round++) {
      for (let n = 0; n < 4; n++) {
        await replace(file, `${n}`);
        await wait(10 * n);
        await unlink(file);
      }
      await writeFile(file, 'one');
      await expectNews(look);
      await writeFile(file, 'two');
      await expectNews(look);
    }
  });

  test('that is not there yet tells when it is', async () => {
    const folder = await tempFolder();
    const first = join(folder, 'auth.json');
    const second = join(folder, '.credentials.json');
    const look = await watching(first, second);
    await replace(second, 'two');
    await expectNews(look);
    await writeFile(first, 'one');
    await expectNews(look);
  });

  test('is woken for by nothing else in its folder', async () => {
    const folder = await tempFolder();
    const file = join(folder, 'auth.json');
    await writeFile(file, 'one');
    await mkdir(join(folder, 'sessions'));
    const look = await watching(file);
    await mkdir(`${file}.lock`);
    for (let n = 0; n < 50; n++) {
      await writeFile(join(folder, 'history.jsonl'), `${n}`);
      await replace(join(folder, `auth.json.${n}`), `${n}`);
      await replace(join(folder, 'sessions/auth.json'), `${n}`);
    }
    await rm(`${file}.lock`, { recursive: true });
    await expectNoNews(look);
    await replace(file, 'two');
    await expectNews(look);
  });

  test('that is written all the time is told of all the same', async () => {
    const file = join(await tempFolder(), 'auth.json');
    const look = await watching(file);
    const writer = new AbortController();
    const writing = (async () => {
      for (let n = 0; !writer.signal.aborted; n++) {
        await (n % 2 ? replace : writeFile)(file, `${n}`);
        await wait(50);
      }
    })();
    for (let n = 0; n < 3; n++) await expectNews(look);
    writer.abort();
    await writing;
    await replace(file, 'the last');
    await expectNews(look);
    await expectNoNews(look);
  });

  test('that is read wakes nobody', async () => {
    const file = join(await tempFolder(), 'auth.json');
    await writeFile(file, 'one');
    const look = await watching(file);
    for (let n = 0; n < 20; n++) execFileSync('cat', [file]);
    await expectNoNews(look);
  });
});

describe('a file behind links', () => {
  test('tells when the real one changes, goes and comes back', async () => {
    const home = await tempFolder();
    const real = join(home, 'dotfiles/pi.json');
    const file = join(home, '.pi/auth.json');
    await mkdir(join(home, 'dotfiles'));
    await mkdir(join(home, '.pi'));
    await writeFile(real, 'one');
    await symlink('../dotfiles/middle.json', file);
    await symlink('pi.json', join(home, 'dotfiles/middle.json'));
    const look = await watching(file);
    await writeFile(file, 'in place');
    await expectNews(look);
    await replace(real, 'replaced');
    await expectNews(look);
    await unlink(real);
    await expectNews(look);
    await writeFile(real, 'back');
    await expectNews(look);
    await replace(file, 'a file where the link was');
    await expectNews(look);
  });

  test('that lead nowhere yet tells when there is something', async () => {
    const home = await tempFolder();
    const file = join(home, 'auth.json');
    await mkdir(join(home, 'real'));
    await symlink('real/later.json', file);
    const look = await watching(file);
    await writeFile(join(home, 'real/later.json'), 'one');
    await expectNews(look);
  });

  test('in a home that is a link itself is one file with one name', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'private/home'), { recursive: true });
    await symlink('private/home', join(folder, 'home'));
    const file = join(folder, 'home/auth.json');
    const look = await watching(file);
    await replace(file, 'one');
    await expectNews(look);
    await writeFile(join(folder, 'private/home/auth.json'), 'two');
    await expectNews(look);
  });

  test('that lead in a circle, or a pipe in its place, do no harm to the others', async () => {
    const folder = await tempFolder();
    const [circle, pipe, good] = ['circle', 'pipe', 'good'].map((name) => join(folder, name));
    if (!circle || !pipe || !good) throw new Error('unreachable');
    await symlink('round', circle);
    await symlink('circle', join(folder, 'round'));
    execFileSync('mkfifo', [pipe]);
    const look = await watching(circle, pipe, good);
    await writeFile(good, 'one');
    await expectNews(look);
    expect(look.log).toEqual([]);
  });
});

describe('a folder', () => {
  test('that comes later, goes and comes back is watched after the next update', async () => {
    const folder = join(await tempFolder(), '.codex');
    const file = join(folder, 'auth.json');
    const look = await watching(file);
    for (let round = 0; round < 3; round++) {
      await mkdir(folder);
      await look.watcher.update();
      await replace(file, 'one');
      await expectNews(look);
      await rm(folder, { recursive: true });
      await expectNews(look);
    }
    // Nothing of it was watched by name when it went: only the folder itself is another one.
    await mkdir(folder);
    await look.watcher.update();
    await rm(folder, { recursive: true });
    await mkdir(folder);
    await look.watcher.update();
    await writeFile(file, 'one');
    await expectNews(look);
    expect(look.log).toEqual([]);
  });

  test('is watched once, however often it is asked for, and not at all after the end', async () => {
    const folder = await tempFolder();
    const before = openWatches();
    const look = await watching(join(folder, 'one'), join(folder, 'two'));
    const open = openWatches();
    expect(open).toBeGreaterThan(before);
    for (let n = 0; n < 20; n++) await look.watcher.update();
    expect(openWatches()).toBe(open);
    await look.watcher.close();
    await expect.poll(openWatches, PATIENCE).toBe(before);
    await writeFile(join(folder, 'one'), 'news');
    await expectNoNews(look);
  });

  test('that cannot be watched is logged once, and the others are', async () => {
    const home = await tempFolder();
    const [shut, open] = [join(home, 'shut'), join(home, 'open')];
    for (const folder of [shut, open]) await mkdir(folder);
    if (isRoot) for (const folder of [home, shut, open]) await chown(folder, NOBODY, NOBODY);
    // Entering is allowed, listing is not.
    await chmod(shut, 0o300);
    if (isRoot) process.seteuid?.(NOBODY);
    onTestFinished(() => (isRoot ? process.seteuid?.(0) : undefined));
    const look = await watching(join(shut, 'auth.json'), join(open, 'auth.json'));
    for (let n = 0; n < 3; n++) await look.watcher.update();
    expect(look.log).toEqual([
      { level: 'warn', event: 'watch-failed', fields: { code: 'EACCES' } },
    ]);
    await writeFile(join(open, 'auth.json'), 'one');
    await expectNews(look);
  });

  test('nobody can name is logged, and asked for again', async () => {
    const file = join(await tempFolder(), 'auth.json');
    const log: LogLine[] = [];
    let broken = true;
    const files = async () => {
      if (broken) throw new Error('not now');
      return [file];
    };
    const watcher = new FileWatcher({ clock: nodeClock, log: (line) => log.push(line) }, files);
    onTestFinished(() => watcher.close());
    for (let n = 0; n < 3; n++) await watcher.update();
    expect(log).toMatchObject([{ event: 'watch-failed', fields: { code: 'unexpected' } }]);
    broken = false;
    await watcher.update();
    await writeFile(file, 'one');
    await expectNews({ watcher, log });
  });
});

interface Running {
  readonly reports: readonly RefreshReport[];
  /** How many looks are over. */
  looks(): number;
  /** Lets the pause that `run` is in pass, or the next one. */
  skipPause(): Promise<void>;
  stop(): Promise<void>;
}

/** Keeps the world's logins fresh, with pauses between the looks that only news or `skipPause` ends. */
async function startRun(world: World): Promise<Running> {
  const stop = new AbortController();
  const reports: RefreshReport[] = [];
  const pauses = new TestClock();
  let pausing = 0;
  const pause = (ms: number, signal?: AbortSignal) => {
    pausing += 1;
    return pauses.sleep(1000 * ms, signal).finally(() => {
      pausing -= 1;
    });
  };
  const clock: Clock = {
    now: () => world.clock.now(),
    // A pause that passes must not have a watcher given up that is only starting: it would hear of nothing.
    sleep: (ms, signal) =>
      ms === WATCH_START
        ? nodeClock.sleep(ms, signal)
        : ms < 1000
          ? pauses.sleep(ms, signal)
          : pause(ms, signal),
  };
  const { engine, context } = await world.another();
  const refresh = vi.spyOn(engine, 'refresh');
  const ended = run({ ...context, clock }, engine, {
    kind: 'daemon',
    version: '1.2.3',
    signal: stop.signal,
    onReport: (report) => reports.push(report),
  });
  const end = () => {
    stop.abort();
    return ended;
  };
  onTestFinished(end);
  const looks = () => refresh.mock.settledResults.filter(({ type }) => type === 'fulfilled').length;
  await until(() => looks() > 0);
  const skipPause = async () => {
    await until(() => pausing > 0);
    pauses.advance(100_000_000);
  };
  return { reports, looks, skipPause, stop: end };
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await wait(20);
}

/** Waits until no look has followed for longer than one would be in coming; never comes to an end of a loop. */
async function untilQuiet({ looks }: Running): Promise<void> {
  for (let before = -1; before !== looks(); await wait(1500)) before = looks();
}

function peekabooFile({ userHome }: World): string {
  return join(userHome, '.peekaboo/credentials');
}

/** Renews as a tool would, with the token that it found in its file. */
async function renewThere(world: World, token = ''): Promise<RawTokens> {
  const answer = await rawRefresh(world.provider, 'openai', token);
  return (await answer.json()) as RawTokens;
}

/** What Peekaboo makes of its file when it renews by itself. */
async function renewedText(world: World): Promise<string> {
  const text = await peekaboo(world);
  const tokens = await renewThere(world, /^OPENAI_REFRESH_TOKEN=(.*)$/m.exec(text)?.[1]);
  return text
    .replace(/^(OPENAI_ACCESS_TOKEN=).*$/m, `$1${tokens.access_token}`)
    .replace(/^(OPENAI_REFRESH_TOKEN=).*$/m, `$1${tokens.refresh_token}`);
}

describe('while logins are kept fresh', () => {
  test.each([
    ['in place', writeFile],
    ['by a new file in its place', replace],
    [
      'by removing it first',
      async (file: string, text: string) => {
        await rm(file);
        await wait(100);
        await writeFile(file, text);
      },
    ],
    [
      'piece by piece',
      async (file: string, text: string) => {
        await writeFile(file, '');
        for (const line of text.split(/(?<=\n)/)) {
          await wait(20);
          await appendFile(file, line);
        }
      },
    ],
  ])(
    'what a tool renews and writes %s is adopted before the pause is over',
    async (_how, write) => {
      const world = await startWorld();
      await world.signIn('chatgpt');
      const running = await startRun(world);
      for (let round = 1; round <= 2; round++) {
        const text = await renewedText(world);
        await write(peekabooFile(world), text);
        await until(() => running.reports.length === round);
        expect(running.reports.at(-1)).toMatchObject({ how: 'adopted', error: null });
        expect(text).toContain((await world.engine.token('chatgpt', 0)).accessToken);
      }
    },
  );

  test('a folder that comes later is watched from the next look on', async () => {
    const world = await startWorld();
    const running = await startRun(world);
    // Makes the folder, which nobody watched.
    await world.signIn('chatgpt');
    const before = running.looks();
    await until(async () => {
      await running.skipPause();
      return running.looks() > before;
    });
    const watched = running.looks();
    await replace(peekabooFile(world), await renewedText(world));
    await until(() => running.reports.some(({ how }) => how === 'adopted'));
    expect(running.looks()).toBeGreaterThan(watched);
  });

  test('a tool that is installed later is given the login and watched', async () => {
    const world = await startWorld();
    await world.signIn('chatgpt');
    const running = await startRun(world);
    const folder = join(world.userHome, '.pi/agent');
    const file = join(folder, 'auth.json');
    await mkdir(folder, { recursive: true });
    await until(async () => {
      await running.skipPause();
      return (await readFile(file, 'utf8').catch(() => '')).includes('openai-codex');
    });
    const auth = JSON.parse(await readFile(file, 'utf8'));
    const { access_token, refresh_token } = await renewThere(world, auth['openai-codex'].refresh);
    const entry = { ...auth['openai-codex'], access: access_token, refresh: refresh_token };
    await writeFile(file, JSON.stringify({ ...auth, 'openai-codex': entry }));
    await until(() => running.reports.some(({ how }) => how === 'adopted'));
    expect((await world.engine.token('chatgpt', 0)).accessToken).toBe(access_token);
    await until(async () => (await peekaboo(world)).includes(`${refresh_token}`));
  });

  test('a target that is off wakes nobody', async () => {
    const world = await startWorld();
    await world.signIn('chatgpt');
    const { settings } = world.context.paths;
    const saved = JSON.parse(await readFile(settings, 'utf8'));
    const off = { ...saved, targets: { peekaboo: { mode: 'off' } } };
    await writeFile(settings, JSON.stringify(off));
    const running = await startRun(world);
    await replace(peekabooFile(world), '# mine\n');
    await untilQuiet(running);
    expect(running.looks()).toBe(1);
  });

  test('what we write ourselves is looked at once more, and then there is rest', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    await world.signIn('chatgpt');
    const running = await startRun(world);
    await untilQuiet(running);
    expect(running.looks()).toBe(1);
    world.clock.advance(60 * 60_000);
    await running.skipPause();
    await until(() => running.reports.length === 2);
    await untilQuiet(running);
    expect(running.reports.map(({ how }) => how)).toEqual(['renewed', 'renewed']);
    expect(running.looks()).toBeGreaterThan(2);
    const looks = running.looks();
    await untilQuiet(running);
    expect(running.looks()).toBe(looks);
  });

  test('a tool that never stops writing is looked at all the same, and the end comes at once', async () => {
    const world = await startWorld();
    await world.signIn('chatgpt');
    const before = openWatches();
    const running = await startRun(world);
    const writer = new AbortController();
    const text = await peekaboo(world);
    const writing = (async () => {
      for (let n = 0; !writer.signal.aborted; n++) {
        await replace(peekabooFile(world), `${text}# ${n}\n`);
        await wait(50);
      }
    })();
    await until(() => running.looks() > 3);
    await running.stop();
    writer.abort();
    await writing;
    await expect.poll(openWatches, PATIENCE).toBe(before);
    expect(running.reports).toEqual([]);
  });
});
