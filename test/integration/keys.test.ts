import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { KeyView } from '../../src/core/keys/list.ts';
import type { KeyServiceId } from '../../src/core/keys/services.ts';
import type { LogLine, Step } from '../../src/core/ports.ts';
import type { KeyTask } from '../support/children/key-child.ts';
import { startChild, untilItEnds } from '../support/children/run-child.ts';
import { startWorld, type World } from '../support/engine.ts';
import { A_KEY, KEY_SERVICES, lockable, OTHER_KEY } from '../support/keys.ts';
import type { KeyFault } from '../support/provider/keys.ts';
import { install, tokensIn, toolFile } from '../support/tools.ts';

const credentials = ({ userHome }: World) => join(userHome, '.peekaboo', 'credentials');

/** Peekaboo’s lines; empty where there is no file. */
async function lines(world: World): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(credentials(world), 'utf8').catch(() => '');
  const entries = text.split('\n').filter((line) => line.includes('='));
  return Object.fromEntries(entries.map((line) => line.split('=', 2)));
}

/** The entries of Pi or opencode. */
async function entries(world: World, tool: 'pi' | 'opencode') {
  const text = await readFile(toolFile(world, tool), 'utf8').catch(() => '{}');
  return JSON.parse(text) as Record<string, { type: string; key?: string }>;
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode: 0o600 });
}

async function viewOf({ engine }: World, id: KeyServiceId): Promise<KeyView> {
  const view = (await engine.keys.list()).find(({ service }) => service === id);
  if (!view) throw new Error(`no ${id}`);
  return view;
}

/** How the key is in each tool, as `tool: state`. */
async function states(world: World, id: KeyServiceId): Promise<string[]> {
  return (await viewOf(world, id)).places.map(({ target, state }) => `${target}: ${state}`);
}

/** A machine with Pi and opencode on it. */
async function startWithTools(options: Parameters<typeof startWorld>[0] = {}): Promise<World> {
  const world = await startWorld(options);
  await install(world, 'pi', 'opencode');
  return world;
}

describe('a key that its service takes', () => {
  const ENTRIES = { openai: 'openai', anthropic: 'anthropic', grok: 'xai', gemini: 'google' };
  const LINES = {
    openai: 'OPENAI_API_KEY',
    anthropic: 'ANTHROPIC_API_KEY',
    grok: 'X_AI_API_KEY',
    gemini: 'GEMINI_API_KEY',
  };

  test.each(KEY_SERVICES)(
    'of %s is shown to it once, kept sealed, and handed to the tools',
    async (id) => {
      const world = await startWithTools();
      const key = A_KEY[id];
      world.provider.keys.accept(id, key);
      const { check, view } = await world.engine.keys.add(id, `${key}\n`);

      expect(check).toEqual({ kind: 'validated' });
      expect(view).toMatchObject({ service: id, stored: true, ending: key.slice(-4) });
      expect(await lines(world)).toEqual({ [LINES[id]]: key });
      expect(await entries(world, 'pi')).toEqual({ [ENTRIES[id]]: { type: 'api_key', key } });
      expect(await entries(world, 'opencode')).toEqual({ [ENTRIES[id]]: { type: 'api', key } });

      const [request, ...more] = world.provider.keys.requests;
      expect(more).toEqual([]);
      expect(request).toMatchObject({ service: id, method: 'GET', key, userAgent: 'authbar/dev' });
      expect(request?.url).not.toContain(key);

      const sealed = join(world.context.paths.keys, id);
      expect((await stat(sealed)).mode & 0o777).toBe(0o600);
      expect((await stat(dirname(sealed))).mode & 0o777).toBe(0o700);
      expect(await readFile(sealed, 'latin1')).not.toContain(key.slice(8, 20));
      const { engine } = await world.another();
      expect(await engine.keys.forCommand(id)).toMatchObject({ service: { id }, key });
    },
  );
});

test.each([
  ['one that was refused', false, A_KEY.openai, null],
  ['the same', true, A_KEY.openai, null],
  ['one that worked', true, OTHER_KEY.openai, A_KEY.openai],
])('a key in the place of %s', async (_, worked, next, back) => {
  const world = await startWorld();
  if (worked) world.provider.keys.accept('openai', A_KEY.openai);
  await world.engine.keys.add('openai', A_KEY.openai);
  const { replaced } = await world.engine.keys.add('openai', next);
  expect(replaced?.ending).toBe(back?.slice(-4));
  expect(inspect(replaced)).not.toContain(A_KEY.openai);
  await replaced?.restore();
  expect(await lines(world)).toEqual({ OPENAI_API_KEY: back ?? next });
});

describe('a key that its service does not take is kept, and said so', () => {
  const cases: readonly [what: string, fault: KeyFault | null, check: object][] = [
    ['refused', null, { kind: 'status', status: 401 }],
    ['forbidden', { status: 403 }, { kind: 'status', status: 403 }],
    ['too many requests', { status: 429 }, { kind: 'status', status: 429 }],
    ['a failure of its own', { status: 503 }, { kind: 'status', status: 503 }],
    [
      'another address',
      { status: 302, location: '/keys/grok/v1/models' },
      { kind: 'status', status: 302 },
    ],
    ['a page', { status: 200, body: '<html>Sign in to this network</html>' }, { kind: 'not-json' }],
    ['half an answer', { status: 200, body: '{"object":"list","data":[' }, { kind: 'not-json' }],
    ['JSON of another kind', { status: 200, body: '{"ok":true}' }, { kind: 'not-json' }],
    [
      'a flood',
      { status: 200, body: 'x'.repeat(5 * 1024 * 1024) },
      { kind: 'fault', cause: 'too-large' },
    ],
    ['a cut', 'cut', { kind: 'fault', cause: 'reset' }],
  ];

  test.each(cases)('%s', async (_, fault, check) => {
    const world = await startWorld();
    world.provider.keys.arm('openai', fault);
    const added = await world.engine.keys.add('openai', A_KEY.openai);
    expect(added.check).toEqual(check);
    expect((await viewOf(world, 'openai')).checked?.check).toEqual(check);
    expect(await lines(world)).toEqual({ OPENAI_API_KEY: A_KEY.openai });
    // Nor is it shown to anybody else.
    expect(world.provider.keys.requests.map(({ service }) => service)).toEqual(['openai']);
  });

  test('silence, until the time is up', async () => {
    const world = await startWorld();
    world.provider.keys.arm('gemini', 'silent');
    const adding = world.engine.keys.add('gemini', A_KEY.gemini, 20_000);
    while (world.provider.keys.requests.length === 0) await new Promise(setImmediate);
    world.clock.advance(20_000);
    expect((await adding).check).toEqual({ kind: 'timeout', seconds: 20 });
    expect(await lines(world)).toEqual({ GEMINI_API_KEY: A_KEY.gemini });
  });

  test('a check later tells how it is by then', async () => {
    const world = await startWorld();
    await world.engine.keys.add('grok', A_KEY.grok);
    expect((await viewOf(world, 'grok')).checked?.check).toEqual({ kind: 'status', status: 400 });
    world.provider.keys.accept('grok', A_KEY.grok);
    expect(await world.engine.keys.check('xai')).toEqual({ kind: 'validated' });
    expect((await viewOf(world, 'grok')).checked?.check).toEqual({ kind: 'validated' });
  });
});

describe('what cannot be kept changes nothing', () => {
  test('what is no key: nothing is stored, sent or written', async () => {
    const world = await startWithTools();
    const token = `sk-ant-oat01-${'a'.repeat(40)}`;
    for (const text of ['', 'two words', token]) {
      await expect(world.engine.keys.add('anthropic', text)).rejects.toMatchObject({
        code: 'wrong-use',
      });
    }
    expect(world.provider.keys.requests).toEqual([]);
    expect((await viewOf(world, 'anthropic')).stored).toBe(false);
    expect(await lines(world)).toEqual({});
  });

  test('a locked keychain refuses a key, shows those there are, and takes none away', async () => {
    const { keychain, lock } = lockable();
    const world = await startWithTools({ keychain });
    delete world.env.AUTHBAR_VAULT;
    const before = await world.another();
    await before.engine.keys.add('openai', A_KEY.openai);

    lock.on = true;
    const { engine } = await world.another();
    const locked = { code: 'keychain-locked' };
    await expect(engine.keys.add('openai', OTHER_KEY.openai)).rejects.toMatchObject(locked);
    await expect(engine.keys.add('grok', A_KEY.grok)).rejects.toMatchObject(locked);
    await expect(engine.keys.forCommand('openai')).rejects.toMatchObject(locked);
    await expect(engine.keys.check('openai')).rejects.toMatchObject(locked);
    const views = await engine.keys.list();
    expect(views.filter(({ stored }) => stored)).toMatchObject([
      { service: 'openai', ending: A_KEY.openai.slice(-4) },
    ]);
    // A tool that comes now is owed the key.
    await rm(toolFile(world, 'pi'), { force: true });
    await engine.setTargetMode('pi', 'off');
    await engine.setTargetMode('pi', 'shared');
    expect(await states(world, 'openai')).toContain('pi: owed');
    await engine.refresh(null);
    expect(await entries(world, 'pi')).toEqual({});
    expect(await lines(world)).toEqual({ OPENAI_API_KEY: A_KEY.openai });

    lock.on = false;
    await engine.refresh(null);
    expect(await entries(world, 'pi')).toEqual({ openai: { type: 'api_key', key: A_KEY.openai } });
  });

  test('a key that was sealed with a lost key is told, and a new one takes its place', async () => {
    const world = await startWorld();
    await world.engine.keys.add('openai', A_KEY.openai);
    await rm(world.context.paths.key);
    const { engine } = await world.another();
    await expect(engine.keys.forCommand('openai')).rejects.toMatchObject({ code: 'list-damaged' });
    await engine.keys.add('openai', OTHER_KEY.openai);
    expect(await engine.keys.forCommand('openai')).toMatchObject({ key: OTHER_KEY.openai });
    expect(await lines(world)).toEqual({ OPENAI_API_KEY: OTHER_KEY.openai });
  });

  test('a sealed file that was changed is told, and never shown to a service', async () => {
    const world = await startWorld();
    await world.engine.keys.add('openai', A_KEY.openai);
    await world.engine.keys.add('grok', A_KEY.grok);
    const { keys } = world.context.paths;
    await writeFile(join(keys, 'grok'), await readFile(join(keys, 'openai')));
    const asked = world.provider.keys.requests.length;
    await expect(world.engine.keys.check('grok')).rejects.toMatchObject({
      code: 'unexpected',
      details: { hint: expect.stringContaining('authbar key add grok') },
    });
    expect(world.provider.keys.requests).toHaveLength(asked);
  });
});

describe('what the person put into a tool stays', () => {
  const mine = 'sk-proj-theirsTheirsTheirsTheirs0123456789';

  test('a key of theirs is left alone, and left when ours goes', async () => {
    const world = await startWithTools();
    await put(credentials(world), `OPENAI_API_KEY=${mine}\nXAI_API_KEY=theirs`);
    const own = {
      openai: { type: 'api_key', key: mine },
      google: { type: 'api_key', key: '!pass' },
    };
    await put(toolFile(world, 'pi'), JSON.stringify(own));
    for (const id of KEY_SERVICES) await world.engine.keys.add(id, A_KEY[id]);

    expect(await lines(world)).toMatchObject({ OPENAI_API_KEY: mine, XAI_API_KEY: 'theirs' });
    expect(await lines(world)).not.toHaveProperty('X_AI_API_KEY');
    expect(await entries(world, 'pi')).toMatchObject(own);
    expect(await states(world, 'openai')).toEqual([
      'peekaboo: theirs',
      'pi: theirs',
      'opencode: written',
    ]);

    for (const id of KEY_SERVICES) await world.engine.keys.remove(id);
    expect(await lines(world)).toEqual({ OPENAI_API_KEY: mine, XAI_API_KEY: 'theirs' });
    expect(await entries(world, 'pi')).toEqual(own);
    expect(await entries(world, 'opencode')).toEqual({});
    expect(await readdir(world.context.paths.keys)).toEqual(['lock']);
  });

  test('even if it is the very same key', async () => {
    const world = await startWorld();
    await put(credentials(world), `OPENAI_API_KEY=${A_KEY.openai}`);
    await world.engine.keys.add('openai', A_KEY.openai);
    expect(await states(world, 'openai')).toEqual(['peekaboo: theirs']);
    await world.engine.keys.remove('openai');
    expect(await lines(world)).toEqual({ OPENAI_API_KEY: A_KEY.openai });
  });

  test('a key that they put in place of ours is theirs from then on', async () => {
    const world = await startWorld();
    await world.engine.keys.add('openai', A_KEY.openai);
    await put(credentials(world), `OPENAI_API_KEY=${mine}`);
    await world.engine.refresh(null);
    await world.engine.keys.add('openai', OTHER_KEY.openai);
    await world.engine.keys.remove('openai');
    expect(await lines(world)).toEqual({ OPENAI_API_KEY: mine });
  });

  test('a file that is damaged is left, and told', async () => {
    const world = await startWithTools();
    await put(toolFile(world, 'pi'), '{"openai": {');
    await world.engine.keys.add('openai', A_KEY.openai);
    const [, pi] = (await viewOf(world, 'openai')).places;
    expect(pi).toMatchObject({ target: 'pi', state: 'owed', code: 'tool-file-damaged' });
    expect(await readFile(toolFile(world, 'pi'), 'utf8')).toBe('{"openai": {');
  });

  test('what they took out there does not come back by itself', async () => {
    const world = await startWithTools();
    await world.engine.keys.add('openai', A_KEY.openai);
    await put(toolFile(world, 'pi'), '{}');
    await world.engine.refresh(null);
    expect(await entries(world, 'pi')).toEqual({});
    expect(await states(world, 'openai')).toContain('pi: removed');
    await world.engine.setTargetMode('pi', 'on');
    expect(await entries(world, 'pi')).toMatchObject({ openai: { key: A_KEY.openai } });
  });
});

describe('a login and a key', () => {
  test('the login has the place that there is for one of them, and the key has it again', async () => {
    const world = await startWithTools();
    await world.engine.keys.add('anthropic', A_KEY.anthropic);
    await world.engine.keys.add('openai', A_KEY.openai);
    await world.signIn('claude');

    const { anthropic, openai } = await entries(world, 'pi');
    expect(anthropic).toMatchObject({ type: 'oauth' });
    expect(anthropic).not.toHaveProperty('key');
    expect(openai).toEqual({ type: 'api_key', key: A_KEY.openai });
    expect(await tokensIn(world, 'opencode', 'anthropic')).not.toBeNull();
    expect(await lines(world)).toMatchObject({
      ANTHROPIC_API_KEY: A_KEY.anthropic,
      ANTHROPIC_ACCESS_TOKEN: expect.any(String),
    });
    expect(await states(world, 'anthropic')).toEqual([
      'peekaboo: written',
      'pi: login',
      'opencode: login',
    ]);
    const targets = await world.engine.targets();
    const held = targets.flatMap(({ target, entries: [entry] }) =>
      entry ? [`${target} ${entry.state}`] : [],
    );
    expect(held).toEqual(['peekaboo in-step', 'pi in-step', 'opencode in-step']);

    await world.engine.logout('claude');
    expect(await entries(world, 'pi')).toMatchObject({
      anthropic: { type: 'api_key', key: A_KEY.anthropic },
    });
    expect(await entries(world, 'opencode')).toMatchObject({
      anthropic: { type: 'api', key: A_KEY.anthropic },
    });
    expect(await lines(world)).toEqual({
      ANTHROPIC_API_KEY: A_KEY.anthropic,
      OPENAI_API_KEY: A_KEY.openai,
    });
  });

  test('the login keeps its place when a key comes after it', async () => {
    const world = await startWithTools();
    await world.signIn('chatgpt');
    await world.engine.keys.add('openai', A_KEY.openai);
    expect(await tokensIn(world, 'opencode', 'openai')).not.toBeNull();
    // Pi has a place for each.
    expect(await tokensIn(world, 'pi', 'openai')).not.toBeNull();
    expect(await entries(world, 'pi')).toMatchObject({ openai: { key: A_KEY.openai } });
    expect((await viewOf(world, 'openai')).used).toEqual({ source: 'login' });
  });

  test('a key of ours that a login finds in Peekaboo’s file is not the person’s', async () => {
    const world = await startWorld();
    await world.engine.keys.add('openai', A_KEY.openai);
    await world.signIn('chatgpt');
    expect(await lines(world)).toMatchObject({
      OPENAI_API_KEY: A_KEY.openai,
      OPENAI_ACCESS_TOKEN: expect.any(String),
    });
    await world.engine.keys.remove('openai');
    expect(await lines(world)).not.toHaveProperty('OPENAI_API_KEY');
    expect(await lines(world)).toHaveProperty('OPENAI_ACCESS_TOKEN');
  });
});

describe('the person’s choices for a tool', () => {
  test('a tool that is turned off loses the key, and has it again when it is turned on', async () => {
    const world = await startWithTools();
    await world.engine.keys.add('gemini', A_KEY.gemini);
    await world.engine.setTargetMode('pi', 'off');
    expect(await entries(world, 'pi')).toEqual({});
    await world.engine.refresh(null);
    expect(await entries(world, 'pi')).toEqual({});
    await world.engine.setTargetMode('pi', 'on');
    expect(await entries(world, 'pi')).toMatchObject({ google: { key: A_KEY.gemini } });
  });

  test('a tool that is moved takes the key along', async () => {
    const world = await startWorld();
    await world.engine.keys.add('gemini', A_KEY.gemini);
    await world.engine.moveTarget('peekaboo', '.tachikoma');
    expect(await lines(world)).toEqual({});
    const moved = await readFile(join(world.userHome, '.tachikoma', 'credentials'), 'utf8');
    expect(moved).toContain(`GEMINI_API_KEY=${A_KEY.gemini}`);
  });

  test('a key that changes changes everywhere, also where only a variable of the tool’s led', async () => {
    const world = await startWithTools();
    const elsewhere = join(world.userHome, 'elsewhere');
    await mkdir(elsewhere, { mode: 0o700 });
    await world.engine.keys.add('grok', A_KEY.grok);
    const env = { ...world.env, PI_CODING_AGENT_DIR: elsewhere };
    const { engine } = await world.another({ env });
    await engine.refresh(null);
    await world.engine.keys.add('grok', OTHER_KEY.grok);
    const found = JSON.parse(await readFile(join(elsewhere, 'auth.json'), 'utf8'));
    expect(found).toEqual({ xai: { type: 'api_key', key: OTHER_KEY.grok } });
    expect(await entries(world, 'pi')).toEqual({ xai: { type: 'api_key', key: OTHER_KEY.grok } });
    await world.engine.keys.remove('grok');
    expect(JSON.parse(await readFile(join(elsewhere, 'auth.json'), 'utf8'))).toEqual({});
  });

  test('a tool that comes later gets the key at the next look', async () => {
    const world = await startWorld();
    await world.engine.keys.add('grok', A_KEY.grok);
    await install(world, 'opencode');
    await world.engine.refresh(null);
    expect(await entries(world, 'opencode')).toEqual({ xai: { type: 'api', key: A_KEY.grok } });
  });
});

describe('a process that is killed', () => {
  async function kill(world: World, task: KeyTask): Promise<void> {
    const child = startChild('key-child.ts', [JSON.stringify(task)], { env: world.env });
    expect(await untilItEnds(child)).toBe('SIGKILL');
  }

  const ADDING: readonly Step[] = ['key:durable', 'key:noted', 'target:locked', 'key:written'];
  test.each(ADDING)('at %s of an added key: the next look hands it out', async (dieAt) => {
    const world = await startWithTools();
    await kill(world, { action: 'add', service: 'openai', key: A_KEY.openai, dieAt });
    await world.engine.refresh(null);
    expect(await lines(world)).toEqual({ OPENAI_API_KEY: A_KEY.openai });
    expect(await entries(world, 'pi')).toMatchObject({ openai: { key: A_KEY.openai } });
    expect((await viewOf(world, 'openai')).ending).toBe(A_KEY.openai.slice(-4));
    // What it wrote is known as ours.
    await world.engine.keys.remove('openai');
    expect(await lines(world)).toEqual({});
    expect(await entries(world, 'pi')).toEqual({});
  });

  test.each(ADDING)(
    'at %s of a replaced key: the next look changes it everywhere',
    async (dieAt) => {
      const world = await startWithTools();
      await world.engine.keys.add('grok', A_KEY.grok);
      await kill(world, { action: 'add', service: 'grok', key: OTHER_KEY.grok, dieAt });
      await world.engine.refresh(null);
      expect(await lines(world)).toEqual({ X_AI_API_KEY: OTHER_KEY.grok });
      expect(await entries(world, 'opencode')).toMatchObject({ xai: { key: OTHER_KEY.grok } });
    },
  );

  const REMOVING: readonly Step[] = ['key:removed', 'target:locked', 'key:withdrawn'];
  test.each(REMOVING)('at %s of a removed key: the next look takes it out', async (dieAt) => {
    const world = await startWithTools();
    await world.engine.keys.add('gemini', A_KEY.gemini);
    await kill(world, { action: 'remove', service: 'gemini', key: '', dieAt });
    await world.engine.refresh(null);
    expect(await lines(world)).toEqual({});
    expect(await entries(world, 'pi')).toEqual({});
    expect(await entries(world, 'opencode')).toEqual({});
    expect(await readdir(world.context.paths.keys)).toEqual(['lock']);
  });
});

test('two processes that add at once end with one key, everywhere the same', async () => {
  const world = await startWithTools();
  const other = await world.another();
  await Promise.all([
    world.engine.keys.add('openai', A_KEY.openai),
    other.engine.keys.add('openai', OTHER_KEY.openai),
  ]);
  const kept = (await world.engine.keys.forCommand('openai'))?.key;
  expect([A_KEY.openai, OTHER_KEY.openai]).toContain(kept);
  expect(await lines(world)).toEqual({ OPENAI_API_KEY: kept });
  expect(await entries(world, 'pi')).toEqual({ openai: { type: 'api_key', key: kept } });
});

test('no key is in any log line, view, error or file of the state folder', async () => {
  const seen: string[] = [];
  const log = (line: LogLine) => seen.push(inspect(line));
  const world = await startWithTools({ log });
  const { engine, provider } = world;
  const tell = async (work: Promise<unknown>) => {
    const outcome = await work.catch((error: unknown) => error);
    seen.push(inspect(outcome, { depth: 10, showHidden: true, maxStringLength: null }));
  };
  for (const id of KEY_SERVICES) {
    await tell(engine.keys.add(id, A_KEY[id]));
    provider.keys.arm(id, { status: 200, body: `<p>${A_KEY[id]}` });
    await tell(engine.keys.check(id));
    provider.keys.arm(id, 'cut');
    await tell(engine.keys.check(id));
    await tell(engine.keys.add(id, `${A_KEY[id]} ${A_KEY[id]}`));
    await tell(engine.keys.add(A_KEY[id], A_KEY[id]));
  }
  await writeFile(join(world.context.paths.keys, 'openai'), 'damaged');
  await tell(engine.keys.check('openai'));
  await tell(engine.keys.list());
  await tell(engine.targets());
  await tell(engine.refresh(null));
  const shown: [string, string][] = [['what was seen', seen.join('\n')]];
  const { home } = world.context.paths;
  for (const name of await readdir(home, { recursive: true })) {
    const path = join(home, name);
    if ((await stat(path)).isDirectory()) continue;
    shown.push([basename(path), await readFile(path, 'latin1')]);
  }
  expect(shown.length).toBeGreaterThan(8);
  for (const [where, text] of shown) {
    for (const key of Object.values(A_KEY)) {
      expect(text.includes(key), `${key} in ${where}`).toBe(false);
      expect(text.includes(key.slice(-8)), `the end of ${key} in ${where}`).toBe(false);
    }
  }
});
