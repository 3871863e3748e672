import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { terminalNotifier } from '../../src/cli/notices.ts';
import { acquireLock } from '../../src/core/files/flock.ts';
import { readHistory } from '../../src/core/history.ts';
import { createNotices, type Notices } from '../../src/core/notices.ts';
import { targetNames } from '../../src/core/targets/names.ts';
import { remember, rememberMachine } from '../../src/core/vault/history.ts';
import type { HistoryItem } from '../../src/shared/history.ts';
import { sentenceOf } from '../../src/shared/history-texts.ts';
import { NOTICE_KINDS, type Notice } from '../../src/shared/notice.ts';
import { noticeText } from '../../src/shared/notice-texts.ts';
import { buildCli, startCliWorld } from '../support/cli.ts';
import { startWorld, type World } from '../support/engine.ts';
import { accountFile, activeTokens } from '../support/look.ts';
import { FAULTS } from '../support/provider/index.ts';
import { rawSignIn } from '../support/provider/raw-client.ts';
import { install, putThere, renewThere } from '../support/tools.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

beforeAll(buildCli);

async function itemsOf({ context }: World, ...ids: readonly string[]): Promise<HistoryItem[]> {
  return readHistory(context, ids);
}

/** What a person would read, the newest first. */
async function toldOf(world: World, ...ids: readonly string[]): Promise<string[]> {
  const words = {
    service: 'Claude',
    tools: targetNames(world.context),
    platform: 'linux',
    now: world.clock.now(),
  };
  return (await itemsOf(world, ...ids)).map((item) => sentenceOf(item, words));
}

async function renewAt(world: World, after: number): Promise<void> {
  world.clock.advance(after);
  await world.engine.refresh(null, { force: true });
}

describe('the history of a login', () => {
  test('tells of the sign-in, of each renewal, and of where it was written first', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    await renewAt(world, HOUR);
    await renewAt(world, HOUR);
    expect(await toldOf(world, id)).toEqual([
      'Renewed by Authbar',
      'Renewed by Authbar',
      'Written to Peekaboo',
      'You signed in',
    ]);
    const fingerprints = (await itemsOf(world, id)).flatMap((item) =>
      'fingerprint' in item ? [item.fingerprint] : [],
    );
    expect(fingerprints).toHaveLength(3);
    expect(new Set(fingerprints).size).toBe(3);
    for (const each of fingerprints) expect(each).toMatch(/^[0-9a-f]{6}$/);
  });

  test('tells who renewed it, and who was busy for a moment', async () => {
    const world = await startWorld();
    await install(world, 'pi');
    const id = await world.signIn('claude');
    world.clock.advance(HOUR);
    await renewThere(world, 'pi', 'anthropic');
    await world.engine.refresh(null);
    expect((await toldOf(world, id))[0]).toBe('Renewed by Pi, and picked up here');
    world.clock.hurry(5000);
    const lock = await acquireLock(world.context.paths.targetsLock, {
      deadline: world.clock.now(),
      clock: world.clock,
    });
    await renewAt(world, HOUR);
    expect(await toldOf(world, id)).toContain('Couldn’t write to Peekaboo');
    await lock.release();
    await world.engine.refresh(null);
    expect(await toldOf(world, id)).toContain('Peekaboo was busy; written a moment later');
    expect(await toldOf(world, id)).not.toContain('Couldn’t write to Peekaboo');
  });

  test('tells of an outage once, and as soon as it is over, that it healed', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    world.provider.faults.outage(true);
    for (let tries = 0; tries < 5; tries += 1) await renewAt(world, HOUR);
    expect((await toldOf(world, id)).slice(0, 2)).toEqual([
      'Claude didn’t answer',
      'Written to Peekaboo',
    ]);
    world.provider.faults.outage(false);
    await renewAt(world, HOUR);
    expect((await toldOf(world, id)).slice(0, 2)).toEqual([
      'Claude didn’t answer; tried again and it worked',
      'Written to Peekaboo',
    ]);
  });

  test('tells what the service itself said, and keeps its own word for it', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    world.provider.faults.arm('anthropic', 'refresh', FAULTS.tooMany(60));
    await renewAt(world, HOUR);
    await renewAt(world, HOUR);
    world.provider.revokeFamily('anthropic', activeTokens(world)[0] ?? '');
    await renewAt(world, HOUR);
    expect((await toldOf(world, id)).slice(0, 3)).toEqual([
      'Claude ended the login',
      'Renewed by Authbar',
      'Claude asked to slow down',
    ]);
    expect((await itemsOf(world, id))[0]).toMatchObject({
      code: 'login-ended',
      end: 'over',
      providerCode: expect.stringMatching(/^[a-z_]+$/),
    });
  });

  test('tells of a login that was lost on its way', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    world.provider.faults.arm('anthropic', 'refresh', FAULTS.answerLost);
    await renewAt(world, HOUR);
    expect((await toldOf(world, id))[0]).toBe('The connection broke during a renewal');
  });

  test('tells which tool the person chose', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    await install(world, 'pi');
    await world.engine.takeTarget('pi', null);
    expect((await toldOf(world, id))[0]).toBe('You chose Pi to get this login');
  });

  test('has what happened to the computer between what happened to each login', async () => {
    const world = await startWorld();
    const [claude, chatgpt] = [await world.signIn('claude'), await world.signIn('chatgpt')];
    world.clock.advance(9 * HOUR);
    await rememberMachine(world.context, { event: 'slept', ms: 9 * HOUR });
    await rememberMachine(world.context, { event: 'keychain-locked' });
    await renewAt(world, MINUTE);
    for (const id of [claude, chatgpt]) {
      expect((await toldOf(world, id)).slice(0, 3)).toEqual([
        'Renewed by Authbar',
        'Keyring was locked',
        'Your computer was asleep for 9 hours',
      ]);
    }
    expect(await itemsOf(world, claude, chatgpt)).toHaveLength(2 * 3 + 2);
  });

  test('is gone with the login', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    await world.engine.logout('claude');
    expect(await itemsOf(world, id)).toEqual([]);
  });
});

describe('a history that is not as it should be', () => {
  test('keeps every line that can be understood, also those of older programs', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    const path = accountFile(world, id, 'history.jsonl');
    const at = world.clock.now();
    const lines = [
      '{"schema":1,"at":1',
      `{"schema":2,"at":${at},"event":"renewed"}`,
      `{"schema":1,"at":${at},"event":"moved-to-mars"}`,
      `{"schema":1,"at":${at},"event":"renewed","fingerprint":"a whole token"}`,
      `{"schema":1,"at":${at},"event":"renewal-failed","code":"of-tomorrow"}`,
      `{"schema":1,"at":${at},"event":"slept","ms":-1}`,
      '\u0000\u00ff\u00fe',
      '[]',
      '',
      `{"schema":1,"at":${at},"event":"renewal-failed","code":"login-ended"}`,
      `{"schema":1,"at":${at - 31 * DAY},"event":"renewed"}`,
    ];
    await writeFile(path, Buffer.from(lines.join('\n'), 'latin1'));
    expect(await toldOf(world, id)).toEqual(['Claude ended the login']);
    await renewAt(world, HOUR);
    expect((await itemsOf(world, id)).length).toBeGreaterThan(0);
  });

  test('never grows beyond its bounds, nor keeps what is older than a month', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    const path = accountFile(world, id, 'history.jsonl');
    for (let n = 0; n < 1500; n += 1) {
      const code = 'unreachable';
      await remember(world.context, id, { event: 'renewal-failed', code, end: 'unknown' });
    }
    const { size, mode } = await stat(path);
    expect(size).toBeGreaterThan(16 * 1024);
    expect(size).toBeLessThanOrEqual(64 * 1024);
    expect(mode & 0o777).toBe(0o600);
    world.clock.advance(31 * DAY);
    await remember(world.context, id, { event: 'renewed' });
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(1);
  });

  test('fails nothing when it cannot be written', async () => {
    const world = await startWorld();
    const path = accountFile(world, await world.signIn('claude'), 'history.jsonl');
    await rm(path);
    await mkdir(path);
    world.clock.advance(HOUR);
    expect(await world.engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
  });
});

/** A person who is there, and what they are shown. */
class Person {
  readonly shown: Notice[] = [];
  readonly removed: string[] = [];
  readonly #world: World;
  #notices: Notices;

  constructor(world: World) {
    this.#world = world;
    this.#notices = this.#start();
  }

  /** The process that tells them ends, and another one begins. */
  restart(): void {
    this.#notices = this.#start();
  }

  async look(after = 0, signingIn = false): Promise<number | null> {
    const { clock, engine } = this.#world;
    clock.advance(after);
    const { accounts } = await engine.status();
    return this.#notices.look({ accounts, signingIn, presence: { unlocked: true, awakeSince: 0 } });
  }

  get kinds(): string[] {
    return this.shown.map(({ kind }) => kind);
  }

  #start(): Notices {
    return createNotices(this.#world.context, {
      show: (notice) => void this.shown.push(notice),
      remove: (id) => void this.removed.push(id),
    });
  }
}

async function loseLogin(world: World): Promise<void> {
  // A tool that was quicker is waited for.
  world.clock.hurry(1000);
  for (const token of activeTokens(world)) world.provider.revokeFamily('anthropic', token);
  await renewAt(world, HOUR);
}

describe('notices', () => {
  test('of a lost login: one, also for the next process, and none after the person signed in', async () => {
    const world = await startWorld();
    await install(world, 'pi');
    const id = await world.signIn('claude');
    const person = new Person(world);
    expect(await person.look()).toBeNull();
    await loseLogin(world);
    const callAt = await person.look();
    expect(person.kinds).toEqual([]);
    await person.look((callAt ?? 0) - world.clock.now());
    expect(person.shown).toMatchObject([
      // Peekaboo's file has it too, but nothing says that Peekaboo is here.
      { kind: 'login-ended', accounts: [id], code: 'login-ended', tools: ['pi'] },
    ]);
    person.restart();
    await person.look(HOUR);
    await world.signIn('claude');
    await person.look(HOUR);
    expect(person.kinds).toEqual(['login-ended']);
    expect(person.removed).toEqual([person.shown[0]?.id]);
  });

  test('of one that a tool’s own sign-in mended: the warning, and then one more', async () => {
    const world = await startWorld();
    await install(world, 'pi');
    await world.signIn('claude');
    const person = new Person(world);
    await loseLogin(world);
    await person.look();
    await person.look(2 * MINUTE);
    await putThere(world, 'pi', 'anthropic', await rawSignIn(world.provider, 'anthropic'));
    await world.engine.refresh(null);
    person.restart();
    for (let looks = 0; looks < 3; looks += 1) await person.look(MINUTE);
    expect(person.kinds).toEqual(['login-ended', 'works-again']);
  });

  test('of an outage: none', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const person = new Person(world);
    world.provider.faults.outage(true);
    for (let hours = 0; hours < 12; hours += 1) {
      await renewAt(world, HOUR);
      await person.look();
    }
    world.provider.faults.outage(false);
    await renewAt(world, HOUR);
    await person.look(HOUR);
    expect(person.kinds).toEqual([]);
    expect(await readdir(world.context.paths.home)).not.toContain('notices.json');
  });

  test('of a tool that is not written: one after ten minutes, which is taken back', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const person = new Person(world);
    world.clock.hurry(5000);
    const { targetsLock } = world.context.paths;
    const lock = await acquireLock(targetsLock, {
      deadline: world.clock.now(),
      clock: world.clock,
    });
    await renewAt(world, HOUR);
    await person.look();
    await person.look(11 * MINUTE);
    await person.look(HOUR);
    expect(person.shown).toMatchObject([{ kind: 'tool-not-written', target: 'peekaboo' }]);
    await lock.release();
    await world.engine.refresh(null);
    await person.look();
    expect(person.removed).toEqual([person.shown[0]?.id]);
  });

  test('leave alone what a newer program wrote, and set aside what is damaged', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { notices, home } = world.context.paths;
    await writeFile(notices, '{"schema":2}');
    await expect(new Person(world).look()).rejects.toMatchObject({ code: 'newer-version' });
    await writeFile(notices, '{"schema":1,"accounts":[]}');
    await new Person(world).look();
    expect((await readdir(home)).join()).toMatch(/notices\.json\.damaged-/);
  });

  test('are a line with its time in a terminal, and one for what to do', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { accounts } = await world.engine.status();
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    onTestFinished(() => write.mockRestore());
    const notifier = terminalNotifier(world.context);
    const ids = accounts.map(({ id }) => id);
    for (const kind of NOTICE_KINDS) {
      notifier.show(
        { kind, id: 'x', accounts: ids, code: null, target: 'pi', tools: ['pi'] },
        accounts,
      );
    }
    const lines = write.mock.calls
      .map(([text]) => String(text))
      .join('')
      .split('\n');
    expect(lines[0]).toMatch(
      /^\d{4}-\d\d-\d\d [\d:]{8} {2}Sign in to Claude again\. Pi can’t use it until you do\.$/,
    );
    expect(lines[1]).toBe('  → Run `authbar login claude`.');
    expect(lines.filter((line) => /^\d{4}-/.test(line))).toHaveLength(NOTICE_KINDS.length);
  });
});

describe('authbar history', () => {
  test('says first why a login needs the person, then what happened, by days', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude', { ago: 25 * HOUR });
    const [refreshToken] = world.provider.tokens.filter((token) => world.provider.active(token));
    world.provider.revokeFamily('anthropic', refreshToken ?? '');
    await world.run(['refresh', '--force']);
    const { code, stdout, stderr } = await world.run(['history', 'claude']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'Claude · anna@example.com',
      expect.stringMatching(
        /^ {2}Claude ended this login just now, as it does after a password change\. You had signed in .+\.$/,
      ),
      '  Today',
      expect.stringMatching(/^ {4}\d\d:\d\d {2}Claude ended the login$/),
    ]);
    expect(stdout).toMatch(/\n {2}(Yesterday|\d+ \w+)\n(?: {4}\d\d:\d\d {2}.+\n)+$/);
    expect(stdout).toContain('You signed in');
  });

  test('tells of every login, or says that there is none', async () => {
    const world = await startCliWorld();
    expect((await world.run(['history'])).stdout).toBe(
      'Nobody is signed in. Nothing has happened yet.\n',
    );
    await world.haveLogin('claude');
    await world.haveLogin('chatgpt');
    const { stdout } = await world.run(['history']);
    expect(stdout.match(/^\S.*$/gm)).toEqual([
      'Claude · anna@example.com',
      'ChatGPT · anna@example.com',
    ]);
  });

  test('shows the newest, and all of it on demand', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const [id = ''] = await readdir(join(world.state, 'accounts'));
    const path = join(world.state, 'accounts', id, 'history.jsonl');
    const line = `{"schema":1,"at":${Date.now()},"event":"renewed"}\n`;
    await writeFile(path, line.repeat(25));
    const [few, all] = [await world.run(['history']), await world.run(['history', '--all'])];
    expect(few.stdout.match(/Renewed by Authbar/g)).toHaveLength(20);
    expect(few.stdout).toContain('5 more: `authbar history --all`');
    expect(all.stdout.match(/Renewed by Authbar/g)).toHaveLength(25);
    expect(all.stdout).not.toContain('more:');
  });

  test('is data for a program', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { stdout } = await world.run(['history', '--json']);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      schema: 1,
      accounts: [{ provider: 'anthropic', email: 'anna@example.com', why: null }],
    });
    expect(document.accounts[0].entries.at(-1)).toEqual({
      at: expect.any(Number),
      event: 'signed-in',
      code: null,
      end: null,
      providerCode: null,
      target: null,
      ms: null,
      fingerprint: expect.stringMatching(/^[0-9a-f]{6}$/),
      text: 'You signed in',
    });
  });

  test.each([
    ['gemini', 2, 'wrong-use'],
    ['chatgpt', 3, 'no-such-login'],
  ])('of %s ends with %i', async (name, code, error) => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const end = await world.run(['history', name, '--json']);
    expect([end.code, JSON.parse(end.stdout).error.code]).toEqual([code, error]);
  });
});

test('no secret is in a history or a notice, whatever a service says', async () => {
  const world = await startWorld();
  await install(world, 'pi');
  const id = await world.signIn('claude');
  const person = new Person(world);
  const texts: string[] = [];
  const tokens = () => world.provider.tokens;
  for (const status of [400, 403, 500]) {
    const text = tokens().at(-1) ?? '';
    const body = JSON.stringify({ error: text.toLowerCase(), error_description: tokens().join() });
    const fault = { kind: 'answer', status, headers: {}, body } as const;
    world.provider.faults.arm('anthropic', 'refresh', fault);
    await renewAt(world, 7 * HOUR);
    await person.look(HOUR);
  }
  await remember(world.context, id, {
    event: 'renewal-failed',
    code: 'service-refused',
    providerCode: tokens().at(-1) ?? '',
  });
  await loseLogin(world);
  await person.look(HOUR);
  await person.look(HOUR);
  const { accounts } = await world.engine.status();
  const words = { accounts, services: {}, tools: {}, platform: 'linux', now: 0 };
  for (const notice of person.shown) {
    texts.push(JSON.stringify([notice, noticeText(notice, words)]));
  }
  texts.push(JSON.stringify(await itemsOf(world, id)), ...(await toldOf(world, id)));
  for (const path of [accountFile(world, id, 'history.jsonl'), world.context.paths.notices]) {
    texts.push(await readFile(path, 'utf8'));
  }
  expect(person.shown.length).toBeGreaterThan(0);
  expect(tokens().length).toBeGreaterThan(2);
  for (const secret of tokens()) {
    expect(texts.join('\n').toLowerCase()).not.toContain(secret.slice(-16).toLowerCase());
  }
});
