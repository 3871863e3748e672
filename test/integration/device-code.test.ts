import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Engine } from '../../src/core/engine.ts';
import { nodeClock } from '../../src/core/files/node-files.ts';
import type { LoginAttempt, LoginState } from '../../src/core/login.ts';
import { DEVICE_CODE_LIFE } from '../../src/core/login-device.ts';
import {
  askForDeviceCode,
  awaitDeviceGrant,
  type DeviceCode,
  type DeviceProvider,
} from '../../src/core/oauth/device-code.ts';
import { sendSecret } from '../../src/core/oauth/transport.ts';
import type { Clock } from '../../src/core/ports.ts';
import { createProviders, parseProvidersFile } from '../../src/core/providers/index.ts';
import { createSecrets } from '../../src/core/redact.ts';
import type { ErrorCode } from '../../src/shared/errors.ts';
import { startWorld, type World } from '../support/engine.ts';
import { accountFolders, activeTokens, untilIn } from '../support/look.ts';
import {
  enterDeviceCode,
  FAULTS,
  type Fault,
  type StandIn,
  startStandIn,
} from '../support/provider/index.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Time goes by as fast as anybody sleeps, and is remembered. */
class SleepingClock implements Clock {
  readonly slept: number[] = [];
  readonly stop = new AbortController();
  /** What happens while somebody sleeps for the nth time, from 1. */
  during: (nth: number) => unknown = () => {};
  #now = Date.now();

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    this.#now += ms;
    await this.during(this.slept.length);
    if (this.#now - Date.now() > DEVICE_CODE_LIFE) this.stop.abort(new Error('out of time'));
    signal?.throwIfAborted();
  }
}

/** A provider that gives out codes, and somebody who asks it. */
async function startAsking(limits: { timeout?: number } = {}) {
  const standIn = await startStandIn();
  onTestFinished(() => standIn.close());
  const overrides = parseProvidersFile(JSON.stringify(standIn.endpoints));
  const { openai: provider } = createProviders(overrides);
  const urls = provider.endpoints.deviceUrls;
  if (!urls) throw new Error('the stand-in has no codes for another device');
  return asking(standIn, { provider, urls }, limits);
}

function asking(standIn: StandIn | null, service: DeviceProvider, own: { timeout?: number } = {}) {
  const clock = new SleepingClock();
  const parts = {
    clock,
    secrets: createSecrets(),
    send: (request: Parameters<typeof sendSecret>[0], limits: object = {}) =>
      sendSecret(request, { clock: nodeClock, proxy: null, ...own, ...limits }),
  };
  const { signal } = clock.stop;
  return {
    clock,
    standIn,
    ask: () => askForDeviceCode(parts, service, signal),
    wait: (code: DeviceCode) => awaitDeviceGrant(parts, service, code, signal),
    enter: (code: DeviceCode, options?: Parameters<typeof enterDeviceCode>[2]) =>
      enterDeviceCode(service.urls.page, code.userCode, options),
  };
}

/** A service that says what a test wants, for every question the next of `answers`, the last again and again. */
async function startLiar(...answers: readonly { status?: number; body: unknown }[]) {
  let asked = 0;
  const server = createServer((_, response) => {
    const { status = 200, body } = answers[Math.min(asked, answers.length - 1)] ?? { body: {} };
    asked += 1;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = createProviders().openai;
  const urls = {
    code: `${origin}/code`,
    poll: `${origin}/poll`,
    page: `${origin}/page`,
    redirect: `${origin}/redirect`,
  };
  return asking(null, { provider, urls });
}

const CODE = { device_auth_id: 'deviceauth_1', user_code: 'BQ7K-M2XD' };
const ASKED: DeviceCode = { id: 'deviceauth_1', userCode: 'BQ7K-M2XD', interval: 5 * SECOND };

describe('a code for another device', () => {
  test.each<[unknown, number]>([
    ['5', 5],
    [' 7 ', 7],
    [8, 8],
    [1, 1],
    [0, 1],
    [-3, 1],
    ['900', 60],
    [undefined, 5],
    [null, 5],
    ['', 5],
    ['soon', 5],
    ['1e9', 5],
    [{}, 5],
  ])('with an interval of %j is asked about every %d s', async (interval, seconds) => {
    const { ask } = await startLiar({ body: { ...CODE, interval } });
    expect(await ask()).toEqual({ ...ASKED, interval: seconds * SECOND });
  });

  test('may be spelt as Codex has it too', async () => {
    const { ask } = await startLiar({
      body: { device_auth_id: 'deviceauth_1', usercode: 'BQ7K-M2XD' },
    });
    expect(await ask()).toEqual(ASKED);
  });

  const page = '<html><body>Sign in to the network</body></html>';
  test.each<[string, { status?: number; body: unknown }, ErrorCode]>([
    ['no code', { body: { device_auth_id: 'deviceauth_1' } }, 'service-refused'],
    ['no id', { body: { user_code: 'BQ7K-M2XD' } }, 'service-refused'],
    ['an id with a newline', { body: { ...CODE, device_auth_id: 'a\nb' } }, 'service-refused'],
    ['an id that is a number', { body: { ...CODE, device_auth_id: 7 } }, 'service-refused'],
    [
      'a code that moves the cursor',
      { body: { ...CODE, user_code: '\u001b[2J1234' } },
      'service-refused',
    ],
    ['a code that is a sentence', { body: { ...CODE, user_code: 'call us' } }, 'service-refused'],
    ['a code without end', { body: { ...CODE, user_code: 'A'.repeat(99) } }, 'service-refused'],
    ['a list', { body: [] }, 'service-refused'],
    ['half an answer', { body: '{"device_auth_id":"dev' }, 'service-refused'],
    ['nothing', { body: '' }, 'service-refused'],
    ['a page', { body: page }, 'network-page'],
    [
      'that it has no such thing',
      { status: 404, body: { detail: 'Not Found' } },
      'service-refused',
    ],
    [
      'that too many were asked for',
      { status: 429, body: { error: { code: 'rate_limit', message: 'x' } } },
      'asked-to-wait',
    ],
    ['that it is down', { status: 503, body: page }, 'unreachable'],
    ['that it is elsewhere', { status: 302, body: '' }, 'network-page'],
    ['ten million bytes', { body: 'x'.repeat(10_000_000) }, 'unreachable'],
  ])('is none where the service answers with %s', async (_, answer, code) => {
    const { ask } = await startLiar(answer);
    await expect(ask()).rejects.toMatchObject({ code, details: { signingIn: true } });
  });
});

describe('until the person has entered it', () => {
  const repeated = (fault: Fault, times = 1) => Array.from({ length: times }, (): Fault => fault);
  const FIVE = 5 * SECOND;
  const RESET: Fault = FAULTS.reset;

  test.each<[string, readonly Fault[], readonly number[]]>([
    ['pending', [], [FIVE, FIVE, FIVE]],
    ['told to slow down', [FAULTS.slowDown], [FIVE, 2 * FIVE, 2 * FIVE]],
    ['told to slow down twice', repeated(FAULTS.slowDown, 2), [FIVE, 2 * FIVE, 3 * FIVE]],
    ['told to come back later', [FAULTS.tooMany(40)], [FIVE, 40 * SECOND, 2 * FIVE]],
    ['told to come back soon', [FAULTS.tooMany(1)], [FIVE, 2 * FIVE, 2 * FIVE]],
    ['down', [FAULTS.unavailable], [FIVE, FIVE, FIVE]],
    ['behind a gateway', [FAULTS.gateway, FAULTS.badGateway], [FIVE, FIVE, FIVE]],
    ['cut off and back', repeated(RESET, 2), [FIVE, FIVE, FIVE]],
    ['cut off within its answer', [FAULTS.cut], [FIVE, FIVE, FIVE]],
    ['flooding', [FAULTS.flood], [FIVE, FIVE, FIVE]],
    [
      'a network that wants a sign-in',
      [FAULTS.redirect(302, 'http://127.0.0.1:9/'), page200()],
      [FIVE, FIVE, FIVE],
    ],
  ])('a service that is %s is asked on, in its own time', async (_, faults, slept) => {
    const { standIn, clock, ask, wait, enter } = await startAsking();
    const code = await ask();
    for (const fault of faults) standIn?.faults.arm('openai', 'device-poll', fault);
    clock.during = (nth) => nth === slept.length && enter(code);
    const grant = await wait(code);
    expect(clock.slept).toEqual(slept);
    expect(standIn?.tokens).toEqual(expect.arrayContaining([grant.code, grant.verifier]));
    const polls = standIn?.journal.of('openai', 'device-poll') ?? [];
    expect(polls.at(-1)).toMatchObject({
      fields: ['device_auth_id', 'user_code'],
      headers: { 'content-type': 'application/json', 'user-agent': 'authbar/dev' },
      status: 200,
    });
  });

  test('a service that never answers in time is asked less often', async () => {
    const limits: { timeout?: number } = {};
    const { clock, standIn, ask, wait } = await startAsking(limits);
    const code = await ask();
    limits.timeout = 100;
    for (const fault of repeated(FAULTS.silence, 3)) {
      standIn?.faults.arm('openai', 'device-poll', fault);
    }
    clock.during = (nth) => nth === 4 && clock.stop.abort(new Error('enough'));
    await expect(wait(code)).rejects.toThrow('enough');
    expect(clock.slept).toEqual([FIVE, 2 * FIVE, 3 * FIVE, 4 * FIVE]);
  });

  test('a no ends it', async () => {
    const { ask, wait, enter } = await startAsking();
    const code = await ask();
    await enter(code, { deny: true });
    await expect(wait(code)).rejects.toMatchObject({ code: 'sign-in-stopped' });
  });

  test('a code that has run out at the service ends it', async () => {
    const { standIn, ask, wait, enter } = await startAsking();
    const code = await ask();
    standIn?.setClock(DEVICE_CODE_LIFE, 'openai');
    expect(await enter(code)).toMatchObject({ status: 400 });
    await expect(wait(code)).rejects.toMatchObject({
      code: 'sign-in-timeout',
      details: { hint: 'A code works for 15 minutes.' },
    });
  });

  test('a stop ends it at once, be it asleep or asking', async () => {
    const asleep = await startAsking();
    const code = await asleep.ask();
    asleep.clock.during = () => asleep.clock.stop.abort(new Error('stopped'));
    await expect(asleep.wait(code)).rejects.toThrow('stopped');
    expect(asleep.standIn?.journal.requests('openai', 'device-poll')).toBe(0);

    const busy = await startAsking();
    const other = await busy.ask();
    busy.standIn?.faults.arm('openai', 'device-poll', FAULTS.silence);
    const waiting = busy.wait(other);
    while (busy.standIn?.journal.requests('openai', 'device-poll') === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    busy.clock.stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });

  const grant = { authorization_code: 'ac_1', code_verifier: 'a'.repeat(43) };
  // Of 43 times "a", by openssl.
  const challenge = 'ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA';
  test.each<[string, unknown, ErrorCode | null]>([
    ['no code', { ...grant, authorization_code: undefined }, 'service-refused'],
    ['no verifier', { ...grant, code_verifier: undefined }, 'service-refused'],
    ['a code with a newline', { ...grant, authorization_code: 'ac\n1' }, 'service-refused'],
    ['a verifier with a newline', { ...grant, code_verifier: 'a\nb' }, 'service-refused'],
    ['an empty code', { ...grant, authorization_code: '' }, 'service-refused'],
    ['another’s challenge', { ...grant, code_challenge: 'b'.repeat(43) }, 'service-refused'],
    ['a challenge that is a number', { ...grant, code_challenge: 7 }, 'service-refused'],
    ['half an answer', '{"authorization_code":"ac', 'service-refused'],
    ['nothing', '', 'service-refused'],
    ['no challenge', grant, null],
    ['no challenge, as null', { ...grant, code_challenge: null }, null],
    ['its own challenge', { ...grant, code_challenge: challenge }, null],
    ['its own challenge, padded', { ...grant, code_challenge: `${challenge}=` }, null],
  ])('an answer with %s', async (_, body, code) => {
    const { wait } = await startLiar({ body });
    if (code) await expect(wait(ASKED)).rejects.toMatchObject({ code });
    else expect(await wait(ASKED)).toEqual({ code: 'ac_1', verifier: 'a'.repeat(43) });
  });

  test.each<[string, number, unknown, ErrorCode | null]>([
    ['RFC 8628’s pending', 400, { error: 'authorization_pending' }, null],
    ['RFC 8628’s no', 400, { error: 'access_denied' }, 'sign-in-stopped'],
    ['RFC 8628’s end', 400, { error: 'expired_token' }, 'sign-in-timeout'],
    ['another refusal of its own', 400, { error: { code: 'bad_request' } }, 'service-refused'],
    ['a spent grant', 400, { error: 'invalid_grant' }, 'service-refused'],
    ['a 401 that is not its own', 401, '<html></html>', null],
    ['a 404 without words', 404, '', null],
    ['a 403 of any kind', 403, { error: { code: 'unheard_of' } }, null],
  ])('a refusal: %s', async (_, status, body, code) => {
    const { wait } = await startLiar({ status, body }, { body: grant });
    if (code) await expect(wait(ASKED)).rejects.toMatchObject({ code });
    else expect(await wait(ASKED)).toMatchObject({ code: 'ac_1' });
  });
});

function page200(): Fault {
  return { kind: 'answer', status: 200, headers: {}, body: '<html>Sign in first</html>' };
}

/** A sign-in that shows its code. */
async function beginDevice(engine: Engine, options: { timeout?: number } = {}) {
  const states: LoginState[] = [];
  const { attempt, shown } = await new Promise<{
    attempt: LoginAttempt;
    shown: Extract<LoginState, { kind: 'device' }>;
  }>((resolve, reject) => {
    const begun = engine.login('chatgpt', {
      ...options,
      device: true,
      onState: (state) => {
        states.push(state);
        if (state.kind === 'device') resolve({ attempt: begun, shown: state });
      },
    });
    begun.done.catch(reject);
  });
  return { attempt, shown, states };
}

/** From now on the waits between two questions pass at once; the questions take the time that they take. */
function passTheWaits({ clock }: World): void {
  clock.hurry(5 * SECOND);
  clock.advance(5 * SECOND);
}

describe('a sign-in on another device', () => {
  test('shows a code, waits, and ends with a login like any other', async () => {
    const world = await startWorld();
    const { attempt, shown, states } = await beginDevice(world.engine);
    expect(shown.url).toBe(world.provider.endpoints.openai.deviceUrls?.page);
    expect(shown.endsAt - world.clock.now()).toBeLessThanOrEqual(DEVICE_CODE_LIFE);
    expect(await accountFolders(world)).toEqual([]);
    expect(await enterDeviceCode(shown.url, shown.code)).toMatchObject({ status: 200 });
    passTheWaits(world);
    const id = await attempt.done;
    await attempt.closed();
    expect(states.map(({ kind }) => kind)).toEqual(['device', 'finishing', 'signed-in']);
    expect((await world.engine.status()).accounts).toMatchObject([
      { id, email: 'anna@example.com', state: 'signed-in' },
    ]);
    expect(activeTokens(world)).toHaveLength(1);
    const { journal } = world.provider;
    expect(journal.requests('openai', 'exchange')).toBe(1);
    // What it took is no login, and is kept nowhere: nothing in a state that is drawn, either.
    const secrets = world.provider.tokens.filter((token) => token.length > 20);
    expect(secrets.filter((secret) => JSON.stringify(states).includes(secret))).toEqual([]);
  });

  test('takes no pasted code', async () => {
    const world = await startWorld();
    const { attempt, shown } = await beginDevice(world.engine);
    for (const text of [shown.code, 'http://localhost:1455/auth/callback?code=x&state=y']) {
      expect(attempt.paste(text)).toMatchObject({ code: 'sign-in-stopped' });
      expect(attempt.check(text)).toMatchObject({ code: 'sign-in-stopped' });
    }
    expect(attempt.state.kind).toBe('device');
    attempt.cancel();
    await attempt.closed();
  });

  test('is no way to Claude, and leaves an open attempt alone', async () => {
    const world = await startWorld();
    const before = world.engine.login('claude');
    await untilIn(before, 'waiting');
    expect(() => world.engine.login('claude', { device: true })).toThrowError(
      expect.objectContaining({ code: 'wrong-use' }),
    );
    expect(before.state.kind).toBe('waiting');
    before.cancel();
    await before.closed();
  });

  test.each([
    [undefined, 15 * MINUTE, 'A code works for 15 minutes.'],
    [60 * MINUTE, 15 * MINUTE, 'A code works for 15 minutes.'],
    [3 * MINUTE, 3 * MINUTE, undefined],
  ])('with %s ms to do it in ends by itself after %d ms', async (timeout, life, hint) => {
    const world = await startWorld();
    const options = timeout === undefined ? {} : { timeout };
    const { attempt, shown } = await beginDevice(world.engine, options);
    expect(shown.endsAt - world.clock.now()).toBeLessThanOrEqual(life);
    world.clock.advance(life);
    const error = await attempt.done.catch((each) => each);
    expect(error).toMatchObject({ code: 'sign-in-timeout' });
    expect(error.details.hint).toBe(hint);
    await attempt.closed();
    expect(await accountFolders(world)).toEqual([]);
  });

  test('can be stopped: nothing is asked any more, and what is entered late leads nowhere', async () => {
    const world = await startWorld();
    const { attempt, shown, states } = await beginDevice(world.engine);
    attempt.cancel();
    await expect(attempt.done).rejects.toMatchObject({ code: 'sign-in-stopped' });
    await attempt.closed();
    await enterDeviceCode(shown.url, shown.code);
    world.clock.advance(MINUTE);
    await world.provider.journal.settled();
    expect(world.provider.journal.requests('openai', 'device-poll')).toBe(0);
    expect(states.map(({ kind }) => kind)).toEqual(['device', 'failed']);
    expect(await accountFolders(world)).toEqual([]);
  });

  test('can be stopped before there is a code', async () => {
    const world = await startWorld();
    world.provider.faults.arm('openai', 'device-code', FAULTS.silence);
    const attempt = world.engine.login('chatgpt', { device: true });
    while (world.provider.journal.requests('openai', 'device-code') === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    attempt.cancel();
    await expect(attempt.done).rejects.toMatchObject({ code: 'sign-in-stopped' });
    await attempt.closed();
  });

  test('takes the place of an attempt in the browser, and the other way round', async () => {
    const world = await startWorld();
    const first = world.engine.login('chatgpt');
    await untilIn(first, 'waiting');
    const second = await beginDevice(world.engine);
    await expect(first.done).rejects.toMatchObject({ code: 'sign-in-stopped' });
    const third = world.engine.login('chatgpt');
    await expect(second.attempt.done).rejects.toMatchObject({ code: 'sign-in-stopped' });
    third.cancel();
    await third.closed();
  });

  test('that the service denies a code fails with that, and can be tried again', async () => {
    const world = await startWorld();
    world.provider.faults.arm('openai', 'device-code', {
      kind: 'answer',
      status: 404,
      headers: {},
      body: '{"detail":"Not Found"}',
    });
    const attempt = world.engine.login('chatgpt', { device: true });
    await expect(attempt.done).rejects.toMatchObject({ code: 'service-refused' });
    expect(await accountFolders(world)).toEqual([]);
    const { attempt: again, shown } = await beginDevice(world.engine);
    await enterDeviceCode(shown.url, shown.code, { person: 'ben' });
    passTheWaits(world);
    await again.done;
    expect((await world.engine.status()).accounts).toMatchObject([{ email: 'ben@example.com' }]);
  });

  test('whose code does not fit its verifier is refused by the service, and leaves nothing', async () => {
    const world = await startWorld();
    const { attempt, shown } = await beginDevice(world.engine);
    await enterDeviceCode(shown.url, shown.code);
    const challenge = { omit: ['code_challenge'] };
    world.provider.faults.arm('openai', 'device-poll', { kind: 'edit', ...challenge });
    world.provider.faults.arm('openai', 'exchange', {
      kind: 'answer',
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: '{"error":"invalid_grant"}',
    });
    passTheWaits(world);
    await expect(attempt.done).rejects.toMatchObject({ code: 'code-refused' });
    expect(await accountFolders(world)).toEqual([]);
  });
});
