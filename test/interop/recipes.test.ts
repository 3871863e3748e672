import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { BUNDLE, buildCli } from '../support/cli.ts';
import { type Machine, renewals, startMachine, vaultToken } from './machine.ts';

const CODEX = fileURLToPath(
  new URL('programs/node_modules/@openai/codex/bin/codex.js', import.meta.url),
);

// The recipes of docs/RECIPES.md, with the programs that they are for.

beforeAll(buildCli);

/** A machine on which `authbar` is a command, for every program that is started from now on. */
async function startWithAuthbar(): Promise<Machine> {
  const machine = await startMachine();
  const folder = join(machine.userHome, 'bin');
  await mkdir(folder);
  const { HOME, AUTHBAR_HOME, AUTHBAR_VAULT, AUTHBAR_PROVIDERS_FILE } = machine.env;
  const env = Object.entries({ HOME, AUTHBAR_HOME, AUTHBAR_VAULT, AUTHBAR_PROVIDERS_FILE });
  const variables = env.map(([name, value]) => `${name}='${value}'`).join(' ');
  const script = `#!/bin/sh\n${variables} exec '${process.execPath}' '${BUNDLE}' "$@"\n`;
  await writeFile(join(folder, 'authbar'), script, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return machine;
}

const PI = [
  ['claude', 'anthropic', 'anthropic'],
  ['chatgpt', 'openai', 'openai-codex'],
] as const;

describe.each(PI)('Pi with `!authbar token %s` for a key', (service, provider, entry) => {
  async function startRecipe(): Promise<Machine & { readonly file: string }> {
    const machine = await startWithAuthbar();
    await machine.signIn(service);
    await machine.engine.setTargetMode('pi', 'off');
    const file = join(machine.pi.folder, 'auth.json');
    const key = { type: 'api_key', key: `!authbar token ${service}` };
    await writeFile(file, JSON.stringify({ [entry]: key }), { mode: 0o600 });
    return { ...machine, file };
  }

  test('it sends the token that Authbar has, and its file stays as it is', async () => {
    const machine = await startRecipe();
    const before = await readFile(machine.file, 'utf8');
    const token = await vaultToken(machine, service);
    const pi = await machine.pi.load();
    expect(await pi.key(provider)).toEqual({ key: token, errors: [] });
    await machine.pi.ask(provider);
    expect([...machine.backend.used]).toEqual([token]);
    await machine.engine.refresh(null, { force: true });
    expect(await readFile(machine.file, 'utf8')).toBe(before);
  });

  test('its limit: a Pi that runs keeps the first one for as long as it runs', async () => {
    const machine = await startRecipe();
    const running = await machine.pi.load();
    const { key: first } = await running.key(provider);
    await machine.engine.refresh(null, { force: true });
    const token = await vaultToken(machine, service);
    expect(token).not.toBe(first);
    expect((await running.key(provider)).key).toBe(first);
    expect((await (await machine.pi.load()).key(provider)).key).toBe(token);
    expect(renewals(machine.provider, provider)).toEqual([1, 0]);
  });
});

test('`authbar exec claude -- pi`: Pi sends the token that it was started with', async () => {
  const machine = await startWithAuthbar();
  await machine.signIn('claude');
  await machine.engine.setTargetMode('pi', 'off');
  const token = await vaultToken(machine, 'claude');
  await machine.pi.ask('anthropic', { through: ['authbar', 'exec', 'claude', '--'] });
  expect([...machine.backend.used]).toEqual([token]);
});

describe('Codex', () => {
  /** Runs `codex` to its end. What it wants of the internet ends at the backend. */
  async function runCodex(
    { codex, userHome, backend }: Machine,
    args: readonly string[],
    more: NodeJS.ProcessEnv = {},
  ): Promise<string> {
    const env = {
      PATH: process.env.PATH,
      HOME: userHome,
      CODEX_HOME: codex.folder,
      HTTPS_PROXY: backend.origin,
      NO_PROXY: '127.0.0.1',
      ...more,
    };
    return new Promise((resolve) => {
      const done = (_: unknown, stdout: string, stderr: string) => resolve(stdout + stderr);
      execFile(process.execPath, [CODEX, ...args], { env, cwd: userHome }, done).stdin?.end();
    });
  }

  test('with a provider whose key comes from `authbar token chatgpt` sends that', async () => {
    const machine = await startWithAuthbar();
    await machine.signIn('chatgpt');
    await machine.engine.setTargetMode('codex', 'off');
    const token = await vaultToken(machine, 'chatgpt');
    const lines = [
      '',
      '[model_providers.authbar]',
      'name = "ChatGPT through Authbar"',
      `base_url = "${machine.backend.origin}/backend-api/codex"`,
      'wire_api = "responses"',
      '[model_providers.authbar.auth]',
      'command = "authbar"',
      'args = ["token", "chatgpt"]',
    ];
    await appendFile(join(machine.codex.folder, 'config.toml'), lines.join('\n'));
    const provider = ['-c', 'model_provider="authbar"'];
    await runCodex(machine, ['exec', '--skip-git-repo-check', ...provider, 'Hello']);
    expect([...machine.backend.used]).toEqual([token]);
  });

  test('takes no plan’s token in CODEX_ACCESS_TOKEN, which is why `exec` does not set it', async () => {
    const machine = await startWithAuthbar();
    await machine.signIn('chatgpt');
    const token = await vaultToken(machine, 'chatgpt');
    expect(await runCodex(machine, ['login', 'status'])).toContain('Logged in using ChatGPT');
    const status = await runCodex(machine, ['login', 'status'], { CODEX_ACCESS_TOKEN: token });
    expect(status).toContain('failed to decode agent identity JWT');
  });
});
