import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import fc from 'fast-check';
import * as v from 'valibot';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LogLine } from '../../src/core/ports.ts';
import { answerCalls, CALL_NAMES, type Caller } from '../../src/main/ipc/calls.ts';
import { describeError } from '../../src/shared/error-texts.ts';
import { AppError } from '../../src/shared/errors.ts';
import {
  CALLS,
  type CallName,
  type Envelope,
  type Handlers,
} from '../../src/shared/ipc-contract.ts';

type Listener = (event: IpcMainInvokeEvent, ...args: unknown[]) => Promise<Envelope<unknown>>;

/** What the gate may use of ipcMain: it notes who answers what. */
class FakeIpcMain implements Pick<IpcMain, 'handle'> {
  readonly listeners = new Map<string, Listener>();

  handle(channel: string, listener: Listener): void {
    // As Electron does.
    if (this.listeners.has(channel)) throw new Error(`a second handler for ${channel}`);
    this.listeners.set(channel, listener);
  }
}

const OURS = { senderFrame: null } as unknown as IpcMainInvokeEvent;
const STRANGER = { senderFrame: null } as unknown as IpcMainInvokeEvent;
const SECRET = 'sk-ant-oat01-CANARY-000000';

let ipcMain: FakeIpcMain;
let lines: LogLine[];
let reached: { readonly name: CallName; readonly argument: unknown }[];
let around: CallName[];
let failure: unknown;

beforeEach(() => {
  ipcMain = new FakeIpcMain();
  lines = [];
  reached = [];
  around = [];
  failure = null;
  const handlers = Object.fromEntries(
    CALL_NAMES.map((name) => [
      name,
      async (argument: unknown) => {
        reached.push({ name, argument });
        if (failure) throw failure;
        return `did ${name}`;
      },
    ]),
  ) as unknown as Handlers;
  answerCalls(ipcMain, handlers, {
    isTrusted: (caller: Caller) => caller === OURS,
    describe: (error) => describeError(error, { platform: 'darwin', now: 0 }),
    log: (line) => lines.push(line),
    around: (name, work) => {
      around.push(name);
      return work();
    },
  });
});

function call(name: string, event: IpcMainInvokeEvent, ...args: unknown[]) {
  const listener = ipcMain.listeners.get(name);
  if (!listener) throw new Error(`no handler for ${name}`);
  return listener(event, ...args);
}

test('every call of the contract has exactly one handler, and nothing else has one', () => {
  expect([...ipcMain.listeners.keys()].sort()).toEqual(Object.keys(CALLS).sort());
});

describe('a call of our own page', () => {
  test('reaches its handler with its argument', async () => {
    const answer = await call('account:history', OURS, { account: 'a1' });
    expect(answer).toEqual({ ok: true, value: 'did account:history' });
    expect(reached).toEqual([{ name: 'account:history', argument: { account: 'a1' } }]);
    expect(around).toEqual(['account:history']);
  });

  test.each([
    ['a key too many', { account: 'a1', more: 1 }],
    ['the wrong type', { account: 7 }],
    ['no id', { account: '../../etc/passwd' }],
    ['an oversized text', { account: 'a'.repeat(65) }],
    ['nothing', undefined],
  ])('is refused with %s', async (_, argument) => {
    const answer = await call('account:history', OURS, argument);
    expect(answer).toMatchObject({ ok: false, error: { code: 'unexpected' } });
    expect(reached).toEqual([]);
  });

  test('is refused with a second argument, and with one where there is none', async () => {
    expect(await call('state', OURS, undefined, 1)).toMatchObject({ ok: false });
    expect(await call('state', OURS, 1)).toMatchObject({ ok: false });
    expect(reached).toEqual([]);
  });

  test('is told of a failure in words, by its code', async () => {
    failure = new AppError('keychain-locked');
    const answer = await call('keychain:unlock', OURS);
    expect(answer).toMatchObject({ ok: false, error: { code: 'keychain-locked' } });
  });

  test('learns nothing else of what was thrown', async () => {
    failure = new Error(`${SECRET} in /home/anna/.claude`, { cause: new Error(SECRET) });
    const answer = await call('state', OURS);
    expect(answer).toMatchObject({ ok: false, error: { code: 'unexpected' } });
    expect(JSON.stringify([answer, lines])).not.toMatch(/CANARY|anna/);
  });
});

describe('a call of anyone else', () => {
  test('is refused, whatever it asks', async () => {
    for (const name of CALL_NAMES) {
      expect(await call(name, STRANGER, undefined)).toMatchObject({ ok: false });
    }
    expect(reached).toEqual([]);
  });

  test('is logged by its channel, never by what it sent', async () => {
    await call('sign-in:enter-code', STRANGER, { text: SECRET });
    await call('sign-in:enter-code', OURS, { text: 7, code: SECRET });
    expect(lines[0]).toEqual({
      level: 'error',
      event: 'call-refused',
      fields: { channel: 'sign-in:enter-code', what: 'caller' },
    });
    expect(JSON.stringify(lines)).not.toContain('CANARY');
  });
});

test('whatever is sent, a handler gets only what its schema lets through', async () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.anything(),
    fc.record({ account: fc.oneof(fc.string(), fc.constant(null)), provider: fc.string() }),
    fc.record({ text: fc.string({ maxLength: 5000 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...CALL_NAMES), anything, async (name, value) => {
      reached.length = 0;
      const valid = v.safeParse(CALLS[name].argument, value);
      const answer = await call(name, OURS, value);
      expect(answer.ok).toBe(valid.success);
      expect(reached).toEqual(valid.success ? [{ name, argument: valid.output }] : []);
    }),
    { numRuns: 1000 },
  );
});
