import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { BUNDLE, buildCli, type CliEnd, type CliWorld, startCliWorld } from '../support/cli.ts';
import { A_KEY, OTHER_KEY } from '../support/keys.ts';

beforeAll(buildCli);

const KEY = A_KEY.openai;
const ENDING = KEY.slice(-4);

/** Runs a command with this on its standard input. */
async function give(
  world: CliWorld,
  args: readonly string[],
  input: string,
  env: NodeJS.ProcessEnv = {},
): Promise<CliEnd> {
  const run = world.start(args, env);
  run.child.stdin?.end(input);
  return run.ended;
}

const peekaboo = ({ home }: CliWorld) => join(home, '.peekaboo', 'credentials');

async function written(world: CliWorld): Promise<string> {
  return readFile(peekaboo(world), 'utf8').catch(() => '');
}

describe('authbar key add', () => {
  test('takes a key from standard input, and says where it went', async () => {
    const world = await startCliWorld();
    world.provider.keys.accept('openai', KEY);
    expect(await give(world, ['key', 'add', 'openai'], `"${KEY}"\n`)).toEqual({
      code: 0,
      stdout: [
        '[ok] Stored and validated OpenAI',
        '  Written to ~/.peekaboo/credentials (Peekaboo), as OPENAI_API_KEY.',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(await written(world)).toContain(`OPENAI_API_KEY=${KEY}`);
  });

  test('keeps a key that is refused, in the known words, and ends with 3', async () => {
    const world = await startCliWorld();
    const { code, stdout } = await give(world, ['key', 'add', 'xai'], A_KEY.grok);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^\[warn\] Stored but validation failed: status 400\n/);
    expect(stdout).toContain('  → Copy all of it, and run `authbar key add grok` again.\n');
    expect(await written(world)).toContain(`X_AI_API_KEY=${A_KEY.grok}`);
  });

  test('says that a key that is refused replaced one that worked', async () => {
    const world = await startCliWorld();
    world.provider.keys.accept('openai', KEY);
    await give(world, ['key', 'add', 'openai'], KEY);
    const { code, stdout } = await give(world, ['key', 'add', 'openai'], OTHER_KEY.openai);
    expect(code).toBe(3);
    expect(stdout).toContain(
      `failed: status 401\n  The key before it, …${ENDING}, worked, and is replaced now.\n  → Copy `,
    );
    expect(await written(world)).toContain(OTHER_KEY.openai);
  });

  test('waits for the service as long as it is told, and ends with 4', async () => {
    const world = await startCliWorld();
    world.provider.keys.arm('gemini', 'silent');
    const args = ['key', 'add', 'gemini', '--timeout', '1'];
    const { code, stdout } = await give(world, args, A_KEY.gemini);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^\[warn\] Stored but validation timed out after 1s\n/);
    expect(await written(world)).toContain(`GEMINI_API_KEY=${A_KEY.gemini}`);
  });

  test('says what stands in the way of it, and ends with 6 for what is owed', async () => {
    const world = await startCliWorld();
    world.provider.keys.accept('anthropic', A_KEY.anthropic);
    world.provider.keys.accept('openai', KEY);
    const pi = join(world.home, '.pi', 'agent');
    await mkdir(pi, { recursive: true, mode: 0o700 });
    await writeFile(join(pi, 'auth.json'), '{"openai":', { mode: 0o600 });
    await mkdir(join(world.home, '.peekaboo'), { mode: 0o700 });
    await writeFile(peekaboo(world), `OPENAI_API_KEY=${OTHER_KEY.openai}`, { mode: 0o600 });
    const { code, stdout } = await give(world, ['key', 'add', 'openai'], KEY);
    expect(code).toBe(6);
    expect(stdout).toContain(
      'Left alone: ~/.peekaboo/credentials (Peekaboo) has something of yours for OpenAI already.',
    );
    expect(stdout).toMatch(/Not in step yet: .*\(Pi\)\.\n.*damaged.*\n.*\[tool-file-damaged\]/);
    expect(stdout).not.toContain(OTHER_KEY.openai);
  });

  test.each([
    ['nothing', '', 'There was no key.'],
    ['two lines', `${KEY}\n${KEY}\n`, 'A key is one line, and that was more.'],
    ['a flood', 'k'.repeat(200_000), 'That is too long to be a key.'],
    ['a login’s token', `sk-ant-oat01-${'a'.repeat(40)}`, 'That is the token of a Claude login'],
  ])('refuses %s, and stores nothing', async (_, input, sentence) => {
    const world = await startCliWorld();
    const { code, stdout, stderr } = await give(world, ['key', 'add', 'openai'], input);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/canary|aaaa|kkkk/i);
    expect(world.provider.keys.requests).toEqual([]);
    expect(await readdir(world.home)).toEqual(['providers.json']);
  });

  test.each([
    ['behind the service', ['openai', KEY]],
    ['as the service', [KEY]],
    ['as an option', ['openai', `--key=${KEY}`]],
    ['behind an option', ['openai', '--api-key', KEY]],
  ])('refuses a key that is an argument, %s, and does not repeat it', async (_, args) => {
    const world = await startCliWorld();
    const { code, stdout, stderr } = await give(world, ['key', 'add', ...args], KEY);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('A key is never part of the command');
    expect(stderr).toContain('make a new key at the service and delete the old one');
    expect(stderr).not.toContain(KEY.slice(8, 20));
    expect(await written(world)).toBe('');
  });

  test.each([
    [['key', KEY]],
    [['key', `--key=${KEY}`]],
    [['key', 'add', 'mistral']],
    [['key', 'remove', KEY]],
    [['exec', KEY, '--', 'true']],
  ])('repeats no key in any other mistake: %j', async (args) => {
    const world = await startCliWorld();
    const { code, stdout, stderr } = await give(world, args, KEY);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toContain(KEY.slice(8, 20));
  });

  test('shows the key in no argument and no variable while it works, nor in its log', async () => {
    const world = await startCliWorld();
    world.provider.keys.arm('openai', 'silent');
    const run = world.start(['key', 'add', 'openai'], { AUTHBAR_LOG: 'debug' });
    run.child.stdin?.end(KEY);
    while (world.provider.keys.requests.length === 0) await new Promise(setImmediate);
    // Of this process alone: others have keys of their own in theirs, and are nobody's business here.
    const ps = spawnSync('ps', ['eww', '-p', String(run.child.pid)], { encoding: 'utf8' }).stdout;
    expect(ps.includes('key add openai')).toBe(true);
    expect(ps.includes(KEY)).toBe(false);
    run.child.kill('SIGKILL');
    const { stdout, stderr } = await run.ended;
    expect(`${stdout}${stderr}`).not.toContain(KEY);
    // Whoever stops waiting for the service has the key all the same.
    expect((await world.run(['key'])).stdout).toContain('Not checked yet.');
  });
});

/** `script` of util-linux gives a command a terminal. */
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes(
  'util-linux',
);

describe.skipIf(!hasScript)('at a terminal (needs `script` of util-linux)', () => {
  /** The command at a terminal of its own, and all that is shown there. */
  function atTerminal(world: CliWorld, command: string) {
    const child = spawn('script', ['-qec', command, '/dev/null'], { env: world.env });
    const shown = { text: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      shown.text += text;
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const prompt = async () => {
      while (!shown.text.includes('It isn’t shown:')) await once(child.stdout, 'data');
    };
    return { child, shown, prompt, ended: once(child, 'close').then(([code]) => code) };
  }

  const ADD = `${process.execPath} ${BUNDLE} key add openai`;

  test('asks for the key and shows nothing of it', async () => {
    const world = await startCliWorld();
    world.provider.keys.accept('openai', KEY);
    const { child, shown, prompt, ended } = atTerminal(world, ADD);
    await prompt();
    child.stdin.write(`${KEY}x\u007f\r`);
    expect(await ended).toBe(0);
    expect(shown.text).toContain('Paste your OpenAI key, then press Enter.');
    expect(shown.text).toContain('[ok] Stored and validated OpenAI');
    expect(shown.text).not.toContain(KEY.slice(0, 8));
  });

  test.each([
    ['\r', KEY, '  The one before is back.'],
    ['n\r', OTHER_KEY.openai, '  → Copy all of it'],
    ['\u0003', OTHER_KEY.openai, `…${ENDING}, worked, and is replaced now.`],
  ])('asks whether a key that worked comes back: %j', async (answer, kept, words) => {
    const world = await startCliWorld();
    world.provider.keys.accept('openai', KEY);
    await give(world, ['key', 'add', 'openai'], KEY);
    const { child, shown, prompt, ended } = atTerminal(world, ADD);
    await prompt();
    child.stdin.write(`${OTHER_KEY.openai}\r`);
    while (!shown.text.includes('[Y/n]')) await once(child.stdout, 'data');
    child.stdin.write(answer);
    expect(await ended).toBe(3);
    expect(shown.text).toContain(words);
    expect(await written(world)).toContain(kept);
  });

  test('refuses a paste of several lines, and leaves none of it to the shell', async () => {
    const world = await startCliWorld();
    const { child, shown, prompt, ended } = atTerminal(world, `${ADD}; cat`);
    await prompt();
    child.stdin.write(`${KEY}\rtouch stolen\rrest`);
    while (!shown.text.includes('[wrong-use]')) await once(child.stdout, 'data');
    child.stdin.write('\u0004');
    await ended;
    expect(shown.text).toContain('A key is one line, and that was more.');
    expect(shown.text).not.toMatch(/touch stolen|rest/);
  });

  test('ends with Ctrl-C, and keeps nothing', async () => {
    const world = await startCliWorld();
    const { child, prompt, ended } = atTerminal(world, ADD);
    await prompt();
    child.stdin.write(`${KEY}\u0003`);
    expect(await ended).toBe(130);
    expect(await written(world)).toBe('');
  });
});

describe('authbar key list', () => {
  test('shows each key by its end, where it is, and what counts for more', async () => {
    const world = await startCliWorld();
    world.provider.keys.accept('openai', KEY);
    await give(world, ['key', 'add', 'openai'], KEY);
    const { stdout, stderr } = await world.run(['key', 'list'], { OPENAI_API_KEY: 'of-the-shell' });
    expect(stderr).toBe('');
    expect(stdout).toBe(
      [
        `OpenAI · ends in …${ENDING}`,
        '  OpenAI accepted it just now.',
        '  Written to ~/.peekaboo/credentials (Peekaboo), as OPENAI_API_KEY.',
        '  OPENAI_API_KEY is set here: tools that are started from here use that first.',
        '',
        'No key for Anthropic, Grok (xAI), Gemini.',
        '  → Run `authbar key add anthropic`.',
        '',
      ].join('\n'),
    );
  });

  test('is one document for programs, with the same words as other tools have', async () => {
    const world = await startCliWorld();
    await give(world, ['key', 'add', 'openai'], KEY);
    const before = Date.now() - 60_000;
    const { stdout } = await world.run(['key', 'list', '--json'], { XAI_API_KEY: 'of-the-shell' });
    const { schema, keys } = JSON.parse(stdout);
    expect(schema).toBe(1);
    expect(keys).toMatchObject([
      {
        service: 'openai',
        stored: true,
        ending: ENDING,
        status: 'stored (credentials OPENAI_API_KEY, validation failed: status 401)',
        places: [
          {
            target: 'peekaboo',
            path: peekaboo(world),
            entry: 'OPENAI_API_KEY',
            state: 'written',
            code: null,
          },
        ],
        variables: [],
        used: 'key',
      },
      { service: 'anthropic', stored: false, ending: null, status: 'missing', used: 'nothing' },
      { service: 'grok', stored: false, variables: ['XAI_API_KEY'], used: 'environment' },
      { service: 'gemini', stored: false, places: [] },
    ]);
    expect(keys[0].addedAt).toBeGreaterThan(before);
    expect(stdout).not.toMatch(/of-the-shell|canary/i);
  });
});

describe('authbar key remove', () => {
  test('takes the key out, and says that it works elsewhere', async () => {
    const world = await startCliWorld();
    await give(world, ['key', 'add', 'openai'], KEY);
    expect(await world.run(['key', 'remove', 'openai'])).toEqual({
      code: 0,
      stdout: [
        'Removed the OpenAI key.',
        '  Taken out of ~/.peekaboo/credentials (Peekaboo).',
        '  It still works elsewhere, until you delete it at OpenAI.',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(await written(world)).not.toContain('OPENAI_API_KEY');
    const again = await world.run(['key', 'remove', 'openai']);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain(
      'There is no OpenAI key yet: `authbar key add openai` takes one.',
    );
  });

  test('and `add` tell a program what they did, and no key', async () => {
    const world = await startCliWorld();
    const added = await give(world, ['key', 'add', 'openai', '--json'], KEY);
    expect(JSON.parse(added.stdout)).toMatchObject({
      schema: 1,
      key: { service: 'openai', stored: true, places: [{ target: 'peekaboo', state: 'written' }] },
    });
    const removed = await world.run(['key', 'remove', 'openai', '--json']);
    expect(JSON.parse(removed.stdout)).toMatchObject({
      schema: 1,
      key: { service: 'openai', stored: false, places: [] },
      removed: [{ target: 'peekaboo', path: peekaboo(world) }],
    });
    expect(added.stdout + removed.stdout).not.toContain(KEY);
  });

  test('what cannot be taken out now is told, and goes with the next look', async () => {
    const world = await startCliWorld();
    await give(world, ['key', 'add', 'openai'], KEY);
    const text = await written(world);
    await writeFile(peekaboo(world), `${text}\0`);
    const { code, stdout } = await world.run(['key', 'remove', 'openai']);
    expect(code).toBe(6);
    expect(stdout).toContain('Still in ~/.peekaboo/credentials (Peekaboo).');
    expect((await world.run(['key', 'list'])).stdout).toContain('OpenAI · removed');
    await writeFile(peekaboo(world), text);
    await world.run(['refresh']);
    expect(await written(world)).not.toContain('OPENAI_API_KEY');
    expect((await world.run(['key', 'list'])).stdout).not.toContain('removed');
  });
});

describe('where there is a key and no login', () => {
  const SHOW = ['--', 'sh', '-c', 'printf "%s|%s" "$OPENAI_API_KEY" "$OPENAI_BASE_URL"'];

  test('exec hands the key to the command, and says so', async () => {
    const world = await startCliWorld();
    await give(world, ['key', 'add', 'openai'], KEY);
    const env = { OPENAI_API_KEY: 'of-the-shell', OPENAI_BASE_URL: 'https://elsewhere.example' };
    expect(await world.run(['exec', 'chatgpt', ...SHOW], env)).toEqual({
      code: 0,
      stdout: `${KEY}|`,
      stderr: 'There is no ChatGPT login: the command gets your OpenAI API key.\n',
    });
  });

  test('a service that has keys only is known to exec by its own names', async () => {
    const world = await startCliWorld();
    await give(world, ['key', 'add', 'grok'], A_KEY.grok);
    const { stdout, stderr } = await world.run([
      'exec',
      'xai',
      '--',
      'sh',
      '-c',
      'echo $XAI_API_KEY',
    ]);
    expect({ stdout, stderr }).toEqual({ stdout: `${A_KEY.grok}\n`, stderr: '' });
    const none = await world.run(['exec', 'gemini', '--', 'true']);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain(
      'There is no Gemini key yet: `authbar key add gemini` takes one.',
    );
  });

  test('the login is used where there is one', async () => {
    const world = await startCliWorld();
    await give(world, ['key', 'add', 'openai'], KEY);
    await world.haveLogin('chatgpt');
    const { stdout, stderr } = await world.run(['exec', 'openai', ...SHOW]);
    expect({ stdout, stderr }).toEqual({ stdout: '|', stderr: '' });
  });

  test('a login of one person is never replaced by a key', async () => {
    const world = await startCliWorld();
    await give(world, ['key', 'add', 'openai'], KEY);
    const { code, stdout } = await world.run(['exec', 'openai:anna@example.com', ...SHOW]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });

  test('nor one that another computer was to share', async () => {
    const world = await startCliWorld();
    await give(world, ['key', 'add', 'openai'], KEY);
    const env = { AUTHBAR_SOCKET: join(world.home, 'gone.sock') };
    const { code, stdout } = await world.run(['exec', 'openai', ...SHOW], env);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  });

  test('token hands out logins only, and says what does the other', async () => {
    const world = await startCliWorld();
    await give(world, ['key', 'add', 'openai'], KEY);
    const end = await world.run(['token', 'openai']);
    expect(end).toMatchObject({ code: 3, stdout: '' });
    expect(end.stderr).toContain(
      'There is an OpenAI API key, but this is for logins only; `authbar exec openai -- …` gives it to a command.',
    );
    expect(end.stderr).not.toContain(KEY);
    const grok = await world.run(['token', 'grok']);
    expect(grok).toMatchObject({ code: 2, stdout: '' });
    expect(grok.stderr).toContain('Grok (xAI) has API keys only, and no logins.');
  });
});
