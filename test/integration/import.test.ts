import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FoundLogin } from '../../src/core/found.ts';
import { buildCli, type CliEnd, type CliWorld, startCliWorld } from '../support/cli.ts';
import type { World } from '../support/engine.ts';
import { rawRefresh, rawSignIn } from '../support/provider/raw-client.ts';
import { HOMES, install, putThere, type ToolId, tokensIn, toolFile } from '../support/tools.ts';

beforeAll(buildCli);

type Machine = CliWorld & { readonly userHome: string; readonly clock: World['clock'] };

async function startMachine(...tools: ToolId[]): Promise<Machine> {
  const world = await startCliWorld();
  const machine = { ...world, userHome: world.home, clock: { now: Date.now } as World['clock'] };
  await install(machine, ...tools);
  return machine;
}

/** A tool signs somebody in by itself. */
async function signInThere(
  machine: Machine,
  tool: ToolId,
  provider: 'anthropic' | 'openai',
  person = 'anna',
): Promise<string> {
  const tokens = await rawSignIn(machine.provider, provider, { person });
  await putThere(machine, tool, provider, tokens);
  return tokens.refresh_token;
}

async function found(machine: Machine): Promise<readonly FoundLogin[]> {
  const { stdout, stderr, code } = await machine.run(['import', '--json']);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return JSON.parse(stdout).logins;
}

function linesOf({ stdout }: CliEnd): string[] {
  return stdout.split('\n');
}

describe('authbar import', () => {
  test.each(HOMES)(
    'finds what %s has of %s, says whose it is, and changes nothing',
    async (tool, provider) => {
      const machine = await startMachine(tool);
      const refresh = await signInThere(machine, tool, provider, 'ben');
      const before = await readFile(toolFile(machine, tool), 'utf8');
      expect(await found(machine)).toMatchObject([
        {
          provider,
          email: 'ben@example.com',
          account: null,
          unknown: false,
          tools: [{ target: tool }],
        },
      ]);
      expect(await readFile(toolFile(machine, tool), 'utf8')).toBe(before);
      expect((await rawRefresh(machine.provider, provider, refresh)).status).toBe(200);
    },
  );

  test('names one person’s login once, with every tool that has one', async () => {
    const machine = await startMachine('pi', 'claude-code');
    await signInThere(machine, 'pi', 'anthropic');
    await signInThere(machine, 'claude-code', 'anthropic');
    const end = await machine.run(['import']);
    expect(linesOf(end)).toEqual([
      expect.stringMatching(/^Claude · anna@example\.com/),
      '  In Claude Code, Pi',
      '  → Run `authbar login claude` to have it kept fresh here.',
      '',
      'A sign-in here is a login of its own: those of your tools stay as they are.',
      '',
    ]);
  });

  test('leads to a sign-in of our own, after which there is nothing left to find', async () => {
    const machine = await startMachine('pi');
    const theirs = await signInThere(machine, 'pi', 'anthropic');
    expect((await machine.signIn('claude')).code).toBe(0);
    expect(await found(machine)).toEqual([]);
    expect((await tokensIn(machine, 'pi', 'anthropic'))?.refresh).not.toBe(theirs);
    // Theirs was not burnt.
    expect(machine.provider.active(theirs)).toBe(true);
  });

  test('another person’s stays in its tool, and is found beside ours', async () => {
    const machine = await startMachine('codex');
    await signInThere(machine, 'codex', 'openai', 'ben');
    expect((await machine.signIn('chatgpt')).code).toBe(6);
    expect(await found(machine)).toMatchObject([{ email: 'ben@example.com', account: null }]);
  });

  test('one that has run out is nobody’s, and said to be so', async () => {
    const machine = await startMachine('pi');
    const tokens = await rawSignIn(machine.provider, 'anthropic');
    await putThere(machine, 'pi', 'anthropic', { ...tokens, access_token: 'sk-ant-oat01-gone' });
    expect(await found(machine)).toMatchObject([{ email: null, unknown: true }]);
    expect(linesOf(await machine.run(['import']))[0]).toBe(
      'Claude · whose isn’t known: it has run out, or nobody answers',
    );
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{"anthropic":'],
    ['a key', '{"anthropic":{"type":"api_key","key":"sk-ant-api03-x"}}'],
    [
      'a token with a newline',
      '{"anthropic":{"type":"oauth","access":"a\\nb","refresh":"c","expires":1}}',
    ],
    ['a list', '[]'],
  ])('a file with %s holds no login', async (_, text) => {
    const machine = await startMachine('pi');
    await writeFile(toolFile(machine, 'pi'), text);
    expect(await found(machine)).toEqual([]);
    expect(linesOf(await machine.run(['import']))[0]).toBe(
      'Your tools have no logins but those from here.',
    );
  });

  test('prints no token', async () => {
    const machine = await startMachine('pi', 'codex');
    await signInThere(machine, 'pi', 'anthropic');
    await signInThere(machine, 'codex', 'openai');
    const ends = [await machine.run(['import']), await machine.run(['import', '--json'])];
    const printed = ends.map(({ stdout, stderr }) => stdout + stderr).join('\n');
    for (const token of machine.provider.tokens) expect(printed).not.toContain(token);
  });
});
