import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/core/ports.ts';
import { startWorld, type World } from '../support/engine.ts';
import { faultyFiles } from '../support/faulty-files.ts';
import { activeTokens, peekaboo } from '../support/look.ts';
import { type RawTokens, rawRefresh, rawSignIn } from '../support/provider/raw-client.ts';

const SERVICES = [
  ['claude', 'anthropic', 'ANTHROPIC'],
  ['chatgpt', 'openai', 'OPENAI'],
] as const;

function credentials({ userHome }: Pick<World, 'userHome'>): string {
  return join(userHome, '.peekaboo/credentials');
}

/** Puts tokens where Peekaboo keeps them, as Peekaboo would after a renewal of its own. */
async function putThere(world: World, prefix: string, tokens: Partial<RawTokens>): Promise<void> {
  const text = (await peekaboo(world))
    .replace(new RegExp(`^(${prefix}_ACCESS_TOKEN=).*$`, 'm'), `$1${tokens.access_token}`)
    .replace(new RegExp(`^(${prefix}_REFRESH_TOKEN=).*$`, 'm'), `$1${tokens.refresh_token}`);
  await writeFile(credentials(world), text);
}

/** Renews as Peekaboo would, with what it finds in its file, and keeps the result there. */
async function renewThere(
  world: World,
  provider: 'anthropic' | 'openai',
  prefix: string,
): Promise<RawTokens> {
  const token = new RegExp(`^${prefix}_REFRESH_TOKEN=(.*)$`, 'm').exec(await peekaboo(world))?.[1];
  const answer = await rawRefresh(world.provider, provider, token ?? '');
  const tokens = (await answer.json()) as RawTokens;
  await putThere(world, prefix, tokens);
  return tokens;
}

async function states(world: World): Promise<unknown> {
  return (await world.engine.targets()).flatMap(({ target, entries }) =>
    entries.map(({ state, code }) => [target, state, code]),
  );
}

describe.each(SERVICES)('Peekaboo with a %s login', (service, provider, prefix) => {
  test('that it renewed by itself is adopted, and nothing is renewed twice', async () => {
    const world = await startWorld();
    await world.signIn(service);
    const theirs = await renewThere(world, provider, prefix);
    expect(await states(world)).toEqual([['peekaboo', 'changed', null]]);
    const before = world.provider.journal.requests(provider, 'refresh');
    const [report] = await world.engine.refresh(null);
    expect(report).toMatchObject({ how: 'adopted', error: null });
    expect((await world.engine.token(service, 0)).accessToken).toBe(theirs.access_token);
    expect(world.provider.journal.requests(provider, 'refresh')).toBe(before);
    expect(await states(world)).toEqual([['peekaboo', 'in-step', null]]);
    expect(await world.engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
    expect(activeTokens(world)).toHaveLength(1);
    expect(await peekaboo(world)).toContain(`${prefix}_REFRESH_TOKEN=${activeTokens(world)[0]}`);
  });

  test('of somebody else is neither adopted nor overwritten', async () => {
    const world = await startWorld();
    await world.signIn(service, 'anna');
    await putThere(world, prefix, await rawSignIn(world.provider, provider, { person: 'ben' }));
    const theirs = await peekaboo(world);
    const [report] = await world.engine.refresh(null, { force: true });
    expect(report).toMatchObject({ how: 'renewed', account: { email: 'anna@example.com' } });
    expect(await peekaboo(world)).toBe(theirs);
    expect(await states(world)).toEqual([['peekaboo', 'other-account', 'tool-other-account']]);
  });

  test('that nobody knows is left alone, also by the sign-out', async () => {
    const world = await startWorld();
    await world.signIn(service);
    const unknown = { access_token: 'what.is.this', refresh_token: 'and-this' };
    await putThere(world, prefix, unknown);
    await world.engine.refresh(null, { force: true });
    expect(await peekaboo(world)).toContain('what.is.this');
    const { withdrawals } = await world.engine.logout(service);
    expect(withdrawals).toMatchObject([{ result: 'kept' }]);
    expect(await peekaboo(world)).toContain('what.is.this');
  });

  test('that was an older one of ours is brought up to date', async () => {
    const world = await startWorld();
    await world.signIn(service);
    const old = await peekaboo(world);
    for (let n = 0; n < 3; n++) await world.engine.refresh(null, { force: true });
    await writeFile(credentials(world), old);
    expect(await states(world)).toEqual([['peekaboo', 'owed', null]]);
    await world.engine.refresh(null);
    const { accessToken } = await world.engine.token(service, 0);
    expect(await peekaboo(world)).toContain(accessToken);
  });

  test('that the person removed there comes back with a sign-in only', async () => {
    const world = await startWorld();
    await world.signIn(service);
    await writeFile(credentials(world), '# mine\n');
    await world.engine.refresh(null, { force: true });
    expect(await peekaboo(world)).toBe('# mine\n');
    expect(await states(world)).toEqual([['peekaboo', 'empty', null]]);
    await world.signIn(service);
    expect(await peekaboo(world)).toContain(activeTokens(world)[0]);
  });

  test('beside an API key of the person’s leaves the key', async () => {
    const world = await startWorld();
    await mkdir(join(world.userHome, '.peekaboo'));
    await writeFile(credentials(world), `${prefix}_API_KEY=mine\n`);
    await world.signIn(service);
    expect(await peekaboo(world)).toBe(`${prefix}_API_KEY=mine\n`);
    expect(await states(world)).toEqual([['peekaboo', 'api-key', 'tool-other-account']]);
  });
});

test('a tool that was quicker by a moment has the good login, and it is adopted', async () => {
  const world = await startWorld();
  await world.signIn('chatgpt');
  let theirs: RawTokens | null = null;
  const step = async (name: Step) => {
    if (name === 'renewal:before-send') theirs ??= await renewThere(world, 'openai', 'OPENAI');
  };
  const { engine } = await world.another({ step });
  const [report] = await engine.refresh(null, { force: true });
  expect(report).toMatchObject({ how: 'adopted', error: null });
  expect(theirs).toMatchObject({ access_token: (await engine.token('chatgpt', 0)).accessToken });
});

test('two logins that are renewed at once both get there', async () => {
  const world = await startWorld();
  await world.signIn('claude');
  await world.signIn('chatgpt');
  for (let round = 0; round < 20; round++) {
    await world.engine.refresh(null, { force: true });
    const file = await peekaboo(world);
    for (const token of activeTokens(world)) expect(file, `round ${round}`).toContain(token);
  }
});

test.each([
  ['with its own id token', true],
  ['without one', false],
])('a renewal that comes back as somebody else’s, %s, reaches no tool', async (_, whole) => {
  const world = await startWorld();
  await world.signIn('chatgpt', 'anna');
  const before = await peekaboo(world);
  const { id_token, ...bare } = await rawSignIn(world.provider, 'openai', { person: 'ben' });
  const body = JSON.stringify(whole ? { ...bare, id_token } : bare);
  world.provider.faults.arm('openai', 'refresh', {
    kind: 'answer',
    status: 200,
    headers: {},
    body,
  });
  await world.engine.refresh(null, { force: true });
  expect(await peekaboo(world)).toBe(before);
  expect(await states(world)).toEqual([['peekaboo', 'owed', 'other-account']]);
});

describe('a target that is moved', () => {
  test('takes our logins along and leaves everything else', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    await world.signIn('chatgpt');
    await writeFile(credentials(world), `${await peekaboo(world)}\nMINE=1\n`);
    const folder = join(world.userHome, '.tachikoma');
    const withdrawals = await world.engine.moveTarget('peekaboo', folder);
    expect(withdrawals.map(({ result }) => result)).toEqual(['removed', 'removed']);
    expect(await peekaboo(world)).not.toContain('TOKEN');
    expect(await peekaboo(world)).toContain('MINE=1');
    const moved = await readFile(join(folder, 'credentials'), 'utf8');
    for (const service of ['claude', 'chatgpt']) {
      expect(moved).toContain((await world.engine.token(service, 0)).accessToken);
    }
    await world.engine.refresh(null, { force: true });
    expect(await peekaboo(world)).not.toContain('TOKEN');
    const { engine } = await world.another();
    expect((await engine.targets())[1]).toMatchObject({
      path: join(folder, 'credentials'),
      entries: [{ state: 'in-step' }, { state: 'in-step' }],
    });
  });

  test('with a login that is damaged moves the others', async () => {
    const world = await startWorld();
    const claude = await world.signIn('claude');
    await world.signIn('chatgpt');
    await writeFile(join(world.context.paths.accounts, claude, 'grant'), 'x');
    const folder = join(world.userHome, '.tachikoma');
    await world.engine.moveTarget('peekaboo', folder);
    const moved = await readFile(join(folder, 'credentials'), 'utf8');
    expect(moved).toContain((await world.engine.token('chatgpt', 0)).accessToken);
  });
});

describe('a place that cannot be written', () => {
  test.each([
    ['a folder that others can change', 'open', 'tool-file-protected'],
    ['a new folder in one', 'open/new', 'tool-file-protected'],
    ['a path through a file', 'providers.json/folder', 'tool-file-protected'],
    ['a file that is no text', 'binary', 'tool-file-damaged'],
  ])('is not moved to: %s', async (_, folder, code) => {
    const world = await startWorld();
    await mkdir(join(world.userHome, 'open'));
    await chmod(join(world.userHome, 'open'), 0o777);
    await mkdir(join(world.userHome, 'binary'));
    await writeFile(join(world.userHome, 'binary/credentials'), '\0');
    await world.signIn('claude');
    const before = await peekaboo(world);
    await expect(world.engine.moveTarget('peekaboo', folder)).rejects.toMatchObject({ code });
    expect(await readdir(join(world.userHome, 'open'))).toEqual([]);
    expect(await peekaboo(world)).toBe(before);
    expect(await states(world)).toEqual([['peekaboo', 'in-step', null]]);
  });

  test('leaves no trace of the try where it can be', async () => {
    const world = await startWorld();
    await world.engine.moveTarget('peekaboo', '.tachikoma');
    expect(await readdir(join(world.userHome, '.tachikoma'))).toEqual([]);
  });
});

test.each([
  ['EACCES', 'tool-file-protected'],
  ['EIO', 'unexpected'],
])('a folder that cannot be looked into (%s) is not an empty one', async (errno, code) => {
  const world = await startWorld();
  await world.signIn('claude');
  const { fs } = faultyFiles(errno, (call) => call === 'stat');
  const { engine } = await world.another({ fs });
  expect((await engine.targets())[1]).toMatchObject({
    entries: [{ state: 'not-writable', code }],
  });
});

describe('what a killed writer left beside the file', () => {
  const LEFTOVER = '.credentials.0123abcd.authbar-tmp';

  async function leave(world: World): Promise<void> {
    const text = 'ANTHROPIC_REFRESH_TOKEN=old\n';
    await mkdir(join(world.userHome, '.peekaboo'), { recursive: true });
    await writeFile(join(world.userHome, '.peekaboo', LEFTOVER), text, { mode: 0o600 });
  }

  function beside({ userHome }: World): Promise<string[]> {
    return readdir(join(userHome, '.peekaboo'));
  }

  test('goes with the next writing, and nothing else does', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    await leave(world);
    const theirs = ['.credentials.mine.authbar-tmp', '.other.0123abcd.authbar-tmp'];
    for (const name of theirs) await writeFile(join(world.userHome, '.peekaboo', name), '');
    await world.engine.refresh(null, { force: true });
    expect(await beside(world)).toEqual([...theirs, 'credentials'].sort());
  });

  test.each([
    ['our login', (text: string) => text],
    ['no login', () => '# mine\n'],
    ['an unknown login', () => 'ANTHROPIC_ACCESS_TOKEN=what.is.this\n'],
    ['no text', () => '\0'],
  ])('goes with the sign-out beside %s', async (_, edit) => {
    const world = await startWorld();
    await world.signIn('claude');
    await writeFile(credentials(world), edit(await peekaboo(world)));
    await leave(world);
    await world.engine.logout('claude');
    expect(await beside(world)).toEqual(['credentials']);
  });
});

test('a folder that the person chose stays as open as it was; a new one is private', async () => {
  const world = await startWorld();
  await world.signIn('claude');
  const open = join(world.userHome, 'shared');
  await mkdir(open, { mode: 0o755 });
  await world.engine.moveTarget('peekaboo', open);
  expect((await stat(open)).mode & 0o777).toBe(0o755);
  expect((await stat(join(open, 'credentials'))).mode & 0o777).toBe(0o600);
  await world.engine.moveTarget('peekaboo', '.elsewhere');
  expect((await stat(join(world.userHome, '.elsewhere'))).mode & 0o777).toBe(0o700);
});

test('after the sign-out of the account in use the tools get the next one', async () => {
  const world = await startWorld();
  const first = await world.signIn('claude', 'anna');
  await world.signIn('claude', 'ben');
  await world.engine.logout(first);
  const { accessToken } = await world.engine.token('claude', 0);
  expect(await peekaboo(world)).toContain(`ANTHROPIC_ACCESS_TOKEN=${accessToken}`);
});

describe.each(SERVICES)(
  'an edit of the %s entry in Peekaboo’s file',
  (service, provider, prefix) => {
    const edits: [string, (text: string) => string][] = [
      [
        'a remark behind the refresh token',
        (text) => text.replace(/(_REFRESH_TOKEN=.*)/, '$1 # mine'),
      ],
      ['a refresh token cut short', (text) => text.replace(/(_REFRESH_TOKEN=.{8}).*/, '$1')],
      ['a refresh token that is no text', (text) => text.replace(/(_REFRESH_TOKEN=).*/, '$1tokén')],
      [
        'a refresh token of 20 KB',
        (text) => text.replace(/(_REFRESH_TOKEN=).*/, `$1${'x'.repeat(20_000)}`),
      ],
    ];

    test.each(edits)('%s is never taken for a renewal', async (_, edit) => {
      const world = await startWorld();
      await world.signIn(service);
      const [token] = activeTokens(world);
      await writeFile(credentials(world), edit(await peekaboo(world)));
      await world.engine.refresh(null);
      expect(activeTokens(world)).toEqual([token]);
      const [report] = await world.engine.refresh(null, { force: true });
      expect(report).toMatchObject({ how: 'renewed' });
      // A new sign-in settles whose the entry is.
      await world.signIn(service);
      expect(await states(world)).toEqual([['peekaboo', 'in-step', null]]);
      expect(await peekaboo(world)).toContain(`${prefix}_REFRESH_TOKEN=${activeTokens(world)[0]}`);
    });

    test('an end of time beyond all years is not believed', async () => {
      const world = await startWorld();
      await world.signIn(service);
      await renewThere(world, provider, prefix);
      const text = await peekaboo(world);
      const far = new RegExp(`(${prefix}_ACCESS_EXPIRES=).*`);
      await writeFile(credentials(world), text.replace(far, `$1${1e306}`));
      await world.engine.refresh(null);
      const { accounts } = await world.engine.status();
      const year = 366 * 24 * 3600_000;
      expect(accounts[0]?.expiresAt).toBeLessThan(world.clock.now() + year);
      expect(await world.engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
    });
  },
);
