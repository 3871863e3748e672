import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { checkAll } from '../../src/core/check.ts';
import type { Engine } from '../../src/core/engine.ts';
import type { LoginState } from '../../src/core/login.ts';
import { loginCheckable, sourceOf } from '../../src/core/login-check.ts';
import type { LogLine } from '../../src/core/ports.ts';
import { run } from '../../src/core/run.ts';
import { usageOf } from '../../src/core/usage.ts';
import { loadKey } from '../../src/core/vault/key.ts';
import { unsealRecord } from '../../src/core/vault/record.ts';
import { seal } from '../../src/core/vault/seal.ts';
import { commandLineAction, describeError } from '../../src/shared/error-texts.ts';
import { asAppError } from '../../src/shared/errors.ts';
import { startWorld, type World } from '../support/engine.ts';
import { faultyFiles } from '../support/faulty-files.ts';
import { accountFile, activeTokens, beginLogin } from '../support/look.ts';
import { FAULTS, type Fault, PEOPLE, signInAt } from '../support/provider/index.ts';

const MINUTE = 60_000;

/** Everything that a person, a log or another program may see of an engine. */
class Seen {
  readonly #texts: string[] = [];

  readonly log = (line: LogLine): void => this.add(line);

  /** Whatever it is, with all that hangs on it: causes, their causes, hidden fields. */
  readonly add = (value: unknown): void => {
    this.#texts.push(inspect(value, { depth: 10, showHidden: true, maxStringLength: null }));
    if (!(value instanceof Error)) return;
    const error = asAppError(value);
    const described = describeError(error, { now: 0, platform: 'linux' });
    this.#texts.push(value.stack ?? '', JSON.stringify(described), commandLineAction(error));
  };

  /** What a screen draws; the address holds the state parameter on purpose. */
  readonly onState = (state: LoginState): void => {
    this.add(state.kind === 'waiting' ? { ...state, url: '', codeUrl: '' } : state);
  };

  /** What `work` comes to, be it good or bad. The token that it hands out is what it is for. */
  async of(work: Promise<unknown>): Promise<void> {
    await work.then(this.add, this.add);
  }

  get text(): string {
    return this.#texts.join('\n');
  }
}

/** What a test may plant beside what the provider issues. */
const PLANTED = 'planted-canary-0123456789';

async function expectClean(world: World, seen: Seen): Promise<void> {
  const secrets = [...world.provider.tokens, PLANTED];
  const { home } = world.context.paths;
  const shown: [string, string][] = [['what was seen', seen.text]];
  for (const name of await readdir(home, { recursive: true })) {
    const path = join(home, name);
    if ((await stat(path)).isDirectory() || /^\.?grant\b|^key$/.test(basename(name))) continue;
    shown.push([name, await readFile(path, 'latin1')]);
  }
  for (const [where, text] of shown) {
    for (const secret of secrets) {
      // Its end as well: a piece of a token is as bad as the whole.
      expect(text.includes(secret), `${secret} in ${where}`).toBe(false);
      expect(text.includes(secret.slice(-16)), `the end of ${secret} in ${where}`).toBe(false);
    }
  }
}

/** Shows what the browser shows; its address line has the code in it, as it must. */
async function browser(url: string, seen: Seen): Promise<void> {
  const end = await signInAt(url);
  seen.add('body' in end ? end.body : end.kind);
}

/** All that an engine tells without being asked for a token. */
async function lookAround(engine: Engine, seen: Seen): Promise<void> {
  await seen.of(engine.status());
  await seen.of(engine.targets());
  await seen.of(engine.refresh(null));
}

/** The services are asked about every login, and about its plan. */
async function askServices({ engine, context }: World, seen: Seen): Promise<void> {
  const { accounts } = await engine.status();
  const items = accounts.map((view) => loginCheckable(context, sourceOf(engine), view));
  await seen.of(checkAll(items, MINUTE));
  for (const view of accounts) await seen.of(usageOf(context, engine, view, 1));
}

/** A body that repeats what it was sent, as careless servers do. */
function echo(status: number, text: string): Fault {
  const body = JSON.stringify({ error: 'invalid_grant', error_description: text, token: text });
  return { kind: 'answer', status, headers: { 'x-token': text }, body };
}

describe('no secret is seen', () => {
  test('of sign-ins, however they end', async () => {
    const seen = new Seen();
    const world = await startWorld({ log: seen.log });
    const { engine, provider } = world;
    const faults = [FAULTS.empty, FAULTS.cut, FAULTS.brokenToken, FAULTS.gateway, FAULTS.flood];
    for (const fault of [...faults, echo(400, PLANTED), echo(500, PLANTED)]) {
      provider.faults.arm('openai', 'exchange', fault);
      const attempt = engine.login('chatgpt', {
        onState: (state) => {
          seen.onState(state);
          if (state.kind === 'waiting') void browser(state.url, seen);
        },
      });
      await seen.of(attempt.done);
      world.clock.advance(2000);
    }
    const { attempt, waiting, states } = await beginLogin(engine, 'claude');
    const page = await signInAt(waiting.codeUrl ?? '');
    const code = page.kind === 'code-page' ? page.code : '';
    for (const wrong of [
      `${code}x#y`,
      code.slice(0, -3),
      `${waiting.url}&code=${code}`,
      `?${code}`,
    ]) {
      seen.add(attempt.paste(wrong));
    }
    seen.add(attempt.paste(code));
    await seen.of(attempt.done);
    states.forEach(seen.onState);
    const again = await beginLogin(engine, 'claude');
    again.attempt.paste(code.split('#')[0] ?? '');
    await seen.of(again.attempt.done);
    await seen.of(
      (
        await beginLogin(engine, 'claude').then((late) => {
          world.clock.advance(10 * MINUTE);
          return late;
        })
      ).attempt.done,
    );
    await lookAround(engine, seen);
    expect(provider.tokens.length).toBeGreaterThan(10);
    await expectClean(world, seen);
  });

  test('of renewals, however they end, nor of a sign-out', async () => {
    const seen = new Seen();
    const world = await startWorld({ log: seen.log });
    const { engine, provider, clock } = world;
    await world.signIn('claude');
    await world.signIn('chatgpt');
    for (const id of ['anthropic', 'openai'] as const) {
      const own = activeTokens(world).join(' ');
      const faults: Fault[] = [
        echo(500, own),
        echo(403, own),
        echo(429, own),
        FAULTS.empty,
        FAULTS.brokenToken,
        FAULTS.redirect(302, `/?token=${own}`),
        { kind: 'edit', omit: ['access_token'] },
        FAULTS.answerLost,
      ];
      for (const fault of faults) {
        provider.faults.arm(id, 'refresh', fault);
        await seen.of(engine.refresh(id, { force: true, byPerson: true }));
        clock.advance(7 * 60 * MINUTE);
        await lookAround(engine, seen);
      }
    }
    const stop = new AbortController();
    const running = run(world.context, engine, {
      kind: 'daemon',
      version: '0',
      signal: stop.signal,
      onReport: seen.add,
    });
    clock.advance(MINUTE);
    stop.abort();
    await seen.of(running);
    await seen.of(
      engine
        .token('claude', 0)
        .catch((error) => seen.add(error))
        .then(() => null),
    );
    for (const service of ['claude', 'chatgpt']) await seen.of(engine.logout(service));
    await expectClean(world, seen);
  });

  test('of checks and of the use of a plan, whatever the services answer', async () => {
    const seen = new Seen();
    const world = await startWorld({ log: seen.log });
    await world.signIn('claude');
    await world.signIn('chatgpt');
    const own = world.provider.tokens.join(' ');
    for (const fault of [null, echo(401, own), echo(403, own), echo(500, own), echo(200, own)]) {
      for (const endpoint of ['profile', 'usage'] as const) {
        if (fault) world.provider.faults.arm('anthropic', endpoint, fault);
        if (fault) world.provider.faults.arm('openai', endpoint, fault);
      }
      await askServices(world, seen);
      world.clock.advance(61 * MINUTE);
    }
    expect(world.provider.journal.requests('openai', 'usage')).toBeGreaterThan(8);
    await expectClean(world, seen);
  });

  test('when a file call fails, whichever it is', async () => {
    const seen = new Seen();
    const world = await startWorld({ log: seen.log });
    await world.signIn('claude');
    const ticking = setInterval(() => world.clock.advance(300), 5);
    for (let first = 1; first < 100; first += 3) {
      const { fs } = faultyFiles('EIO', (_, index) => index === first);
      const { engine } = await world.another({ fs });
      await seen.of(engine.refresh(null, { force: true }));
    }
    clearInterval(ticking);
    await expectClean(world, seen);
  });

  test('when files hold what they should not', async () => {
    const seen = new Seen();
    const world = await startWorld({ log: seen.log });
    const id = await world.signIn('claude');
    const { paths } = world.context;
    const grant = accountFile(world, id, 'grant');
    const { keyId } = JSON.parse(await readFile(paths.settings, 'utf8'));
    const key = await loadKey(world.context, 'file', keyId);
    if (!key) throw new Error('no key');
    const whole = await readFile(grant);
    const record = unsealRecord(key, whole, id);
    const odd = [
      JSON.stringify({ ...record, addedAt: 'never', token: record.grant?.refreshToken }),
      `${JSON.stringify(record)}x`,
      record.grant?.accessToken ?? '',
    ];
    for (const text of odd) {
      await writeFile(grant, seal(key, Buffer.from(text), id));
      const { engine } = await world.another();
      await seen.of(engine.token('claude', 0));
      await seen.of(engine.refresh(null, { force: true }));
      await lookAround(engine, seen);
      await rm(grant, { force: true });
    }
    await writeFile(grant, whole);

    const credentials = join(world.userHome, '.peekaboo/credentials');
    const bytes = await readFile(credentials);
    for (const content of [
      `\0${bytes}`,
      `${bytes}`.repeat(4000),
      bytes.toString().replaceAll('=', ' '),
    ]) {
      await writeFile(credentials, content);
      await lookAround(world.engine, seen);
      await seen.of(world.engine.refresh(null, { force: true }));
      world.clock.advance(MINUTE);
    }
    await rm(credentials);
    await mkdir(credentials);
    await lookAround(world.engine, seen);

    const keyText = await readFile(paths.key, 'utf8');
    await writeFile(paths.key, `${PLANTED}\n`);
    await lookAround((await world.another()).engine, seen);
    await seen.of((await world.another()).engine.token('claude', 0));
    await writeFile(paths.key, keyText);
    const providers = join(world.userHome, 'bad-providers.json');
    for (const text of [
      `{"openai": "${PLANTED}"`,
      `{"openai":{"tokenUrl":"http://u:${PLANTED}@x"}}`,
    ]) {
      await writeFile(providers, text);
      await seen.of(world.another({ env: { ...world.env, AUTHBAR_PROVIDERS_FILE: providers } }));
    }
    expect(seen.text.includes(keyText.trim())).toBe(false);
    await expectClean(world, seen);
  });
});

test('what a provider writes into names and addresses loses all that cannot be seen', async () => {
  const nasty = 'a\u001b[31mn\u202ena\u0000\n\u2028@\u200bexample.com\u0007';
  const [anna] = PEOPLE;
  if (!anna) throw new Error('nobody');
  const people = [{ ...anna, email: nasty, workspace: nasty }];
  const world = await startWorld({ standIn: { people } });
  await world.signIn('claude', 'anna');
  await world.signIn('chatgpt', 'anna');
  const { accounts } = await world.engine.status();
  expect(accounts).toHaveLength(2);
  for (const { email, workspace, plan } of accounts) {
    expect(email).toMatch(/example\.com$/);
    for (const text of [email, workspace, plan]) {
      expect(text ?? '').not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }
  }
  const [report] = await world.engine.refresh('chatgpt', { force: true });
  expect(report).toMatchObject({ how: 'renewed' });
});
