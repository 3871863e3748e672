import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { FAULTS } from '../support/provider/index.ts';
import {
  ago,
  authFiles,
  handedOut,
  IN_STEP,
  passTime,
  renewals,
  startMachine,
  vaultToken,
} from './machine.ts';

/** With so many minutes of its hour over, Pi renews a login: 5 minutes before the end, or at the end. */
const SERVICES = [
  ['claude', 'anthropic', 56],
  ['chatgpt', 'openai', 61],
] as const;

describe.each(SERVICES)('Pi with a %s login', (service, provider, over) => {
  test('reads what Authbar wrote, and sends exactly that', async () => {
    const machine = await startMachine();
    await machine.signIn(service);
    const token = await vaultToken(machine, service);
    const pi = await machine.pi.load();
    expect(await pi.key(provider)).toEqual({ key: token, errors: [] });
    await machine.pi.ask(provider);
    expect([...machine.backend.used]).toEqual([token]);
    expect(renewals(machine.provider, provider)).toEqual([0, 0]);
  });

  test('renews by itself; that is adopted and handed to all others', async () => {
    const machine = await startMachine();
    await ago(machine, over, () => machine.signIn(service));
    const before = await machine.pi.load();
    const { key, errors } = await before.key(provider);
    expect(errors).toEqual([]);
    expect(renewals(machine.provider, provider)).toEqual([1, 0]);

    expect(await machine.engine.refresh(null)).toMatchObject([{ how: 'adopted', error: null }]);
    expect(await vaultToken(machine, service)).toBe(key);
    expect(await handedOut(machine, provider, key ?? '')).toEqual(IN_STEP[provider]);
    expect(renewals(machine.provider, provider)).toEqual([1, 0]);
  });

  test('takes what Authbar renewed while it ran, and asks for nothing itself', async () => {
    const machine = await startMachine();
    await machine.signIn(service);
    const pi = await machine.pi.load();
    const { key: first } = await pi.key(provider);

    passTime(machine, 45);
    expect(await machine.engine.refresh(null)).toMatchObject([{ how: 'renewed', error: null }]);
    const token = await vaultToken(machine, service);
    expect(token).not.toBe(first);
    // What it read when it started is good for a while yet, and Pi does not look again before its end.
    expect(await pi.key(provider)).toEqual({ key: first, errors: [] });
    passTime(machine, over - 45);
    expect(await pi.key(provider)).toEqual({ key: token, errors: [] });
    expect(renewals(machine.provider, provider)).toEqual([1, 0]);
  });

  test('locks its file as before, once Authbar has written it', async () => {
    const machine = await startMachine();
    await ago(machine, over, () => machine.signIn(service));
    expect(await authFiles(machine.pi)).toEqual(['auth.json']);
    const pi = await machine.pi.load();
    machine.provider.faults.arm(provider, 'refresh', FAULTS.late(500));
    const renewed = pi.key(provider);
    while (renewals(machine.provider, provider)[0] === 0) await sleep(5);
    expect(await authFiles(machine.pi)).toEqual(['auth.json', 'auth.json.lock/']);
    expect(await renewed).toMatchObject({ errors: [] });
    expect(await authFiles(machine.pi)).toEqual(['auth.json']);
  });

  test('and Authbar that renew at one moment send one request', async () => {
    const machine = await startMachine();
    await ago(machine, over, () => machine.signIn(service));
    const pi = await machine.pi.load();
    machine.provider.faults.arm(provider, 'refresh', FAULTS.late(500));
    const theirs = pi.key(provider);
    while (renewals(machine.provider, provider)[0] === 0) await sleep(5);
    expect(await machine.engine.refresh(null)).toMatchObject([{ how: 'adopted', error: null }]);
    expect(await vaultToken(machine, service)).toBe((await theirs).key);
    expect(renewals(machine.provider, provider)).toEqual([1, 0]);
  });
});
