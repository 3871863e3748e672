import { expect, test } from 'vitest';
import {
  ago,
  authFiles,
  handedOut,
  IN_STEP,
  renewals,
  startMachine,
  vaultToken,
} from './machine.ts';

/** Its own locks, which it leaves behind: regular files. */
const ITS_FILES = ['auth.json', 'auth.json.lock', 'auth.lock'];

/** With so many minutes of its hour over, Codex renews a login: below 5 minutes of life. */
const OVER = 56;

test('Codex reads what Authbar wrote, and sends exactly that', async () => {
  const machine = await startMachine();
  await machine.signIn('chatgpt');
  const token = await vaultToken(machine, 'chatgpt');
  const codex = await machine.codex.start();
  expect(await codex.token()).toBe(token);
  await codex.askService();
  expect([...machine.backend.used]).toEqual([token]);
  expect(renewals(machine.provider, 'openai')).toEqual([0, 0]);
});

test('What Codex renews by itself is adopted and handed to all others', async () => {
  const machine = await startMachine();
  await ago(machine, OVER, () => machine.signIn('chatgpt'));
  const codex = await machine.codex.start();
  const token = await codex.token();
  expect(renewals(machine.provider, 'openai')).toEqual([1, 0]);
  expect(await authFiles(machine.codex)).toEqual(ITS_FILES);

  expect(await machine.engine.refresh(null)).toMatchObject([{ how: 'adopted', error: null }]);
  expect(await vaultToken(machine, 'chatgpt')).toBe(token);
  expect(await handedOut(machine, 'openai', token ?? '')).toEqual(IN_STEP.openai);
  const pi = await machine.pi.load();
  expect(await pi.key('openai')).toEqual({ key: token, errors: [] });
  expect(renewals(machine.provider, 'openai')).toEqual([1, 0]);
});

test('Codex takes what Authbar renewed while it ran when it is told to get a new one', async () => {
  const machine = await startMachine();
  await ago(machine, 45, () => machine.signIn('chatgpt'));
  const codex = await machine.codex.start();
  const first = await codex.token();
  expect(await machine.engine.refresh(null)).toMatchObject([{ how: 'renewed', error: null }]);
  const token = await vaultToken(machine, 'chatgpt');
  // What it read when it started is good for a while yet, and Codex does not look again without a reason.
  expect(await codex.token()).toBe(first);
  expect(await codex.freshToken()).toBe(token);
  expect(renewals(machine.provider, 'openai')).toEqual([1, 0]);
});

test('Codex takes what Authbar renewed while it ran when its service refuses the old one', async () => {
  const machine = await startMachine();
  await ago(machine, 45, () => machine.signIn('chatgpt'));
  const codex = await machine.codex.start();
  const first = await codex.token();
  await machine.engine.refresh(null);
  const token = await vaultToken(machine, 'chatgpt');
  machine.backend.refuse(first ?? '');
  await codex.askService();
  expect(await codex.token()).toBe(token);
  expect([...machine.backend.used].at(-1)).toBe(token);
  expect(renewals(machine.provider, 'openai')).toEqual([1, 0]);
});

test('Codex takes what Authbar renewed while it ran when its own time to renew has come', async () => {
  const machine = await startMachine();
  // Five minutes and a bit before its end: time enough to start with it, and the bit is waited for.
  await ago(machine, 55 - 12 / 60, () => machine.signIn('chatgpt'));
  const codex = await machine.codex.start();
  const first = await codex.token();
  await machine.engine.refresh(null);
  const token = await vaultToken(machine, 'chatgpt');
  expect(token).not.toBe(first);
  await expect.poll(() => codex.token(), { timeout: 60_000, interval: 250 }).toBe(token);
  expect(renewals(machine.provider, 'openai')).toEqual([1, 0]);
});

test('Codex still saves what it renews after Authbar has written its file', async () => {
  const machine = await startMachine();
  await machine.signIn('chatgpt');
  expect(await machine.engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
  const token = await vaultToken(machine, 'chatgpt');
  expect(await authFiles(machine.codex)).toEqual(ITS_FILES);

  const codex = await machine.codex.start();
  await codex.renew();
  const renewed = await codex.token();
  expect(renewed).not.toBe(token);
  await codex.close();
  expect(await authFiles(machine.codex)).toEqual(ITS_FILES);
  expect(await (await machine.codex.start()).token()).toBe(renewed);
  expect(renewals(machine.provider, 'openai')).toEqual([2, 0]);
});
