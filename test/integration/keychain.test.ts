import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeClock } from '../../src/core/files/node-files.ts';
import type { Clock } from '../../src/core/ports.ts';
import { createKeychain, type Keytar } from '../../src/core/vault/keychain.ts';
import { startKeychainProcess } from '../support/keychain-process.ts';
import { type Keyring, keyringMissing, startKeyring, withKeyring } from '../support/keyring.ts';
import { PATIENCE } from '../support/patience.ts';

const SERVICE = 'Authbar';
const ACCOUNT = 'anthropic:anna@example.com';

const missing = keyringMissing();

describe.skipIf(missing !== null)(`the OS keychain${missing ? `: ${missing}` : ''}`, () => {
  let keyring: Keyring;

  beforeAll(async () => {
    keyring = await startKeyring();
    // libsecret, in this very process, reads it at its first call.
    Object.assign(process.env, keyring.env);
  });
  afterAll(() => keyring.close());

  describe('an open one', () => {
    const keychain = createKeychain({ clock: nodeClock });

    test('keeps a value, gives it back, and removes it', async () => {
      await keychain.set(SERVICE, ACCOUNT, 'päss wörd 🔑');
      expect(await keychain.get(SERVICE, ACCOUNT)).toBe('päss wörd 🔑');
      expect((await keyring.search(SERVICE)).accounts).toEqual([ACCOUNT]);
      expect(await keychain.remove(SERVICE, ACCOUNT)).toBe(true);
      expect(await keychain.get(SERVICE, ACCOUNT)).toBeNull();
      expect((await keyring.search(SERVICE)).accounts).toEqual([]);
    });

    test('keeps a long value whole', async () => {
      const value = 'x'.repeat(20_000);
      await keychain.set(SERVICE, 'long', value);
      expect(await keychain.get(SERVICE, 'long')).toBe(value);
      await keychain.remove(SERVICE, 'long');
    });

    test('tells what is not there', async () => {
      expect(await keychain.get(SERVICE, 'nobody')).toBeNull();
      expect(await keychain.remove(SERVICE, 'nobody')).toBe(false);
      expect(await keychain.state()).toBe('open');
    });

    test('does its calls in the order in which they were asked for', async () => {
      const seen = await Promise.all([
        keychain.set(SERVICE, 'order', '1'),
        keychain.get(SERVICE, 'order'),
        keychain.set(SERVICE, 'order', '2'),
        keychain.get(SERVICE, 'order'),
        keychain.remove(SERVICE, 'order'),
        keychain.get(SERVICE, 'order'),
      ]);
      expect(seen).toEqual([undefined, '1', undefined, '2', true, null]);
    });

    test('is looked at by many at once, while it is written and read', async () => {
      const looks = Array.from({ length: 50 }, () => keychain.state());
      const writes = Array.from({ length: 20 }, (_, n) => keychain.set(SERVICE, 'busy', `${n}`));
      await Promise.all(writes);
      expect(new Set(await Promise.all(looks))).toEqual(new Set(['open']));
      expect(await keychain.get(SERVICE, 'busy')).toBe('19');
      await keychain.remove(SERVICE, 'busy');
    });

    test('refuses, before it is asked, what it could not hold', async () => {
      const load = () => Promise.reject(new Error('must not be loaded'));
      const small = createKeychain({ clock: nodeClock, load, limit: 10 });
      const unexpected = expect.objectContaining({ code: 'unexpected' });
      await expect(small.set(SERVICE, ACCOUNT, 'a\0b')).rejects.toEqual(unexpected);
      await expect(small.set(SERVICE, ACCOUNT, '')).rejects.toEqual(unexpected);
      await expect(small.set(SERVICE, ACCOUNT, 'äääääa')).rejects.toEqual(unexpected);
      await expect(small.get(SERVICE, '')).rejects.toEqual(unexpected);
      await expect(small.remove('a\0b', ACCOUNT)).rejects.toEqual(unexpected);
    });

    test('is found again after its daemon was replaced', async () => {
      await keychain.set(SERVICE, 'kept', 'before');
      await keyring.restart();
      expect(await keychain.get(SERVICE, 'kept')).toBe('before');
      await keychain.set(SERVICE, 'kept', 'after');
      expect(await keychain.get(SERVICE, 'kept')).toBe('after');
      await keychain.remove(SERVICE, 'kept');
    });
  });

  describe('a locked one', () => {
    const keychain = createKeychain({ clock: nodeClock });

    test('is told as locked, nobody is asked, nothing is lost, and it works once unlocked', async () => {
      await keychain.set(SERVICE, ACCOUNT, 'safe');
      await keyring.lock();
      expect(await keychain.state()).toBe('locked');
      const locked = expect.objectContaining({ code: 'keychain-locked' });
      await expect(keychain.get(SERVICE, ACCOUNT)).rejects.toEqual(locked);
      await expect(keychain.set(SERVICE, ACCOUNT, 'other')).rejects.toEqual(locked);
      await expect(keychain.remove(SERVICE, ACCOUNT)).rejects.toEqual(locked);
      expect(await keyring.prompts()).toBe(0);
      await keyring.unlock();
      expect(await keychain.state()).toBe('open');
      expect(await keychain.get(SERVICE, ACCOUNT)).toBe('safe');
    });

    test('asks when a person is there, and without an answer is still locked, not empty', async () => {
      const asking = createKeychain({ clock: nodeClock, mayAsk: async () => true });
      await keyring.lock();
      const locked = expect.objectContaining({ code: 'keychain-locked' });
      await expect(asking.get(SERVICE, ACCOUNT)).rejects.toEqual(locked);
      expect(await keyring.prompts()).toBe(1);
      await expect(asking.set(SERVICE, ACCOUNT, 'other')).rejects.toEqual(locked);
      await expect(asking.remove(SERVICE, ACCOUNT)).rejects.toEqual(locked);
      await keyring.unlock();
      expect(await asking.get(SERVICE, ACCOUNT)).toBe('safe');
      await asking.remove(SERVICE, ACCOUNT);
    });
  });

  describe('one that does not answer', () => {
    test('is given up in time, and nothing stays stuck', async () => {
      const keychain = createKeychain({ clock: nodeClock, timeout: 300 });
      keyring.stop();
      try {
        const noAnswer = { code: 'keychain-locked', details: { hint: expect.any(String) } };
        await expect(keychain.get(SERVICE, ACCOUNT)).rejects.toMatchObject(noAnswer);
        expect(await keychain.state()).toBe('locked');
      } finally {
        keyring.resume();
      }
      // As patient as ever: it has to come to itself first.
      expect(await createKeychain({ clock: nodeClock }).state()).toBe('open');
      await expect.poll(() => keychain.stuck, PATIENCE).toBe(false);
    });

    test('keeps the later calls waiting; those whose callers gave up are never made', async () => {
      const gate = new Gate();
      const clock = new HandClock();
      const keychain = createKeychain({ clock, load: async () => gate.before(await keytar()) });
      const first = outcome(keychain.get(SERVICE, 'first'));
      await gate.reached;
      const second = outcome(keychain.set(SERVICE, 'second', 'never'));
      clock.pass();
      expect(await first).toBe('keychain-locked');
      expect(await second).toBe('keychain-locked');
      expect(keychain.stuck).toBe(true);
      const third = outcome(keychain.get(SERVICE, 'second'));
      gate.open();
      expect(await third).toBeNull();
      expect(keychain.stuck).toBe(false);
    });

    test('holds the call, not the process, which can leave at once', async () => {
      const child = startKeychainProcess(keyring.env, { timeout: 500, freeze: keyring.pid });
      try {
        const noAnswer = { code: 'keychain-locked', hint: expect.any(String) };
        expect(await child.call('get', SERVICE, ACCOUNT)).toEqual(noAnswer);
        expect(await child.call('stuck')).toBe(true);
        expect(await child.call('set', SERVICE, ACCOUNT, 'late')).toEqual(noAnswer);
        child.call('leave', '7').catch(() => {});
        expect(await child.ended).toBe(7);
      } finally {
        child.kill();
        keyring.resume();
      }
      expect((await keyring.search(SERVICE)).accounts).toEqual([]);
    });
  });

  describe('one that is not there', () => {
    const missingCode = { code: 'keyring-missing', hint: null };

    test('because keytar does not load', async () => {
      const load = () => Promise.reject(new Error('no native code'));
      for (const platform of ['linux', 'darwin', 'win32'] as const) {
        const keychain = createKeychain({ clock: nodeClock, platform, load });
        expect(await keychain.state()).toBe('unavailable');
        expect(await outcome(keychain.get(SERVICE, ACCOUNT))).toBe('keyring-missing');
      }
    });

    test('because there is no libsecret', async () => {
      // The loader takes the first file of that name, and fails at an empty one.
      await writeFile(join(keyring.env.HOME ?? '', 'libsecret-1.so.0'), '');
      const child = startKeychainProcess({
        ...keyring.env,
        LD_LIBRARY_PATH: keyring.env.HOME ?? '',
      });
      expect(await child.call('state')).toBe('unavailable');
      expect(await child.call('get', SERVICE, ACCOUNT)).toEqual(missingCode);
      child.kill();
    });

    test('because there is no D-Bus session', async () => {
      const address = 'unix:path=/nonexistent/bus';
      const child = startKeychainProcess({ ...keyring.env, DBUS_SESSION_BUS_ADDRESS: address });
      expect(await child.call('state')).toBe('unavailable');
      expect(await child.call('set', SERVICE, ACCOUNT, 'x')).toEqual(missingCode);
      child.kill();
    });

    test('because nobody on the bus offers it', () =>
      withKeyring(
        async ({ env }) => {
          const child = startKeychainProcess(env);
          expect(await child.call('state')).toBe('unavailable');
          expect(await child.call('get', SERVICE, ACCOUNT)).toEqual(missingCode);
          child.kill();
        },
        { service: 'none' },
      ));

    test('because no keyring was ever made, unless a screen is there to ask for one', () =>
      withKeyring(
        async (empty) => {
          const hint = expect.any(String);
          const headless = startKeychainProcess(empty.env);
          expect(await headless.call('state')).toBe('unavailable');
          expect(await headless.call('set', SERVICE, ACCOUNT, 'x')).toEqual({
            ...missingCode,
            hint,
          });
          headless.kill();
          const env = { ...empty.env, WAYLAND_DISPLAY: 'wayland-0' };
          const desktop = startKeychainProcess(env);
          expect(await desktop.call('state')).toBe('locked');
          expect(await desktop.call('get', SERVICE, ACCOUNT)).toMatchObject({
            code: 'keychain-locked',
          });
          desktop.kill();
          expect(await empty.prompts()).toBe(0);
          const asking = startKeychainProcess(env, { mayAsk: true });
          const answer = await asking.call('set', SERVICE, ACCOUNT, 'x');
          expect(answer).toMatchObject({ code: 'keychain-locked' });
          expect(await empty.prompts()).toBe(1);
          asking.kill();
        },
        { service: 'empty' },
      ));
  });

  test.each([
    ['User interaction is not allowed.', 'keychain-locked'],
    ['User canceled the operation.', 'keychain-refused'],
    ['The user name or passphrase you entered is not correct.', 'keychain-refused'],
    ['A default keychain could not be found.', 'keyring-missing'],
    ['A specified logon session does not exist. It may already …', 'keyring-missing'],
    ['Zugriff verweigert', 'keychain-refused'],
  ])('what another system says is understood: %s', async (said, code) => {
    const load = async () => ({
      ...(await keytar()),
      getPassword: () => Promise.reject(new Error(said)),
    });
    const keychain = createKeychain({ clock: nodeClock, platform: 'darwin', load });
    expect(await keychain.state()).toBe('open');
    expect(await outcome(keychain.get(SERVICE, ACCOUNT))).toBe(code);
  });
});

async function keytar(): Promise<Keytar> {
  return (await import('keytar')).default;
}

/** The result, or the code of the failure. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error) => error.code);
}

/** Lets the first call of the real keytar wait until it is opened, as a prompt on a screen would. */
class Gate {
  #open = () => {};
  #arrive = () => {};
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });
  readonly reached = new Promise<void>((resolve) => {
    this.#arrive = resolve;
  });

  open(): void {
    this.#open();
  }

  before(real: Keytar): Keytar {
    return {
      ...real,
      getPassword: async (...names) => {
        this.#arrive();
        await this.#opened;
        return real.getPassword(...names);
      },
    };
  }
}

/** Sleeps end when the test says so. */
class HandClock implements Clock {
  readonly #sleepers = new Set<() => void>();

  now(): number {
    return Date.now();
  }

  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleepers.add(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  }

  pass(): void {
    for (const wake of this.#sleepers) wake();
    this.#sleepers.clear();
  }
}
