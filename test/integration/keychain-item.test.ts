import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeClock } from '../../src/core/files/node-files.ts';
import { readItem, removeItem, writeItem } from '../../src/core/targets/keychain-item.ts';
import { createKeychain } from '../../src/core/vault/keychain.ts';
import { startKeychainProcess } from '../support/keychain-process.ts';
import { type Keyring, keyringMissing, startKeyring } from '../support/keyring.ts';

const SERVICE = 'Authbar';
const ACCOUNT = 'anthropic:anna@example.com';
const LIMIT = 2_000;

const missing = keyringMissing();

describe.skipIf(missing !== null)(`a keychain item${missing ? `: ${missing}` : ''}`, () => {
  let keyring: Keyring;
  const keychain = createKeychain({ clock: nodeClock, limit: LIMIT });
  const split = { limit: LIMIT };

  beforeAll(async () => {
    keyring = await startKeyring();
    // libsecret, in this very process, reads it at its first call.
    Object.assign(process.env, keyring.env);
  });
  afterAll(() => keyring.close());

  const accounts = async () => (await keyring.search(SERVICE)).accounts.sort();

  test('is one item where it fits', async () => {
    await writeItem(keychain, SERVICE, ACCOUNT, '{"a":1}', split);
    expect((await keyring.search(SERVICE)).secrets).toEqual(['{"a":1}']);
    expect(await readItem(keychain, SERVICE, ACCOUNT)).toBe('{"a":1}');
    expect(await removeItem(keychain, SERVICE, ACCOUNT, split)).toBe(true);
    expect(await removeItem(keychain, SERVICE, ACCOUNT, split)).toBe(false);
    expect(await accounts()).toEqual([]);
  });

  test('is cut where it does not fit, within no character, and leaves nothing of the old one', async () => {
    for (const value of [
      'é€🔑'.repeat(900),
      'b'.repeat(9_000),
      '🔑'.repeat(500),
      'c'.repeat(4_001),
    ]) {
      await writeItem(keychain, SERVICE, ACCOUNT, value, split);
      expect(await readItem(keychain, SERVICE, ACCOUNT)).toBe(value);
      const pieces = (await accounts()).filter((name) => name !== ACCOUNT);
      expect(new Set(pieces.map((name) => name.slice(0, -2))).size).toBeLessThanOrEqual(1);
    }
    expect(await accounts()).toHaveLength(4);
    await writeItem(keychain, SERVICE, ACCOUNT, 'short', split);
    expect(await accounts()).toEqual([ACCOUNT]);
    await writeItem(keychain, SERVICE, ACCOUNT, 'd'.repeat(4_000), split);
    expect(await removeItem(keychain, SERVICE, ACCOUNT, split)).toBe(true);
    expect(await accounts()).toEqual([]);
  });

  test('that looks like our own head is still read as itself', async () => {
    await writeItem(keychain, SERVICE, ACCOUNT, 'e'.repeat(5_000), split);
    const head = (await keychain.get(SERVICE, ACCOUNT)) ?? '';
    await writeItem(keychain, SERVICE, ACCOUNT, head, split);
    expect(await readItem(keychain, SERVICE, ACCOUNT)).toBe(head);
    await removeItem(keychain, SERVICE, ACCOUNT, split);
  });

  test('of which a piece is gone or changed reads as none, and the next write heals it', async () => {
    const value = 'f'.repeat(5_000);
    await writeItem(keychain, SERVICE, ACCOUNT, value, split);
    const piece = (await accounts()).find((name) => name.endsWith('.1')) ?? '';
    await keychain.set(SERVICE, piece, 'changed');
    expect(await readItem(keychain, SERVICE, ACCOUNT)).toBeNull();
    await keychain.remove(SERVICE, piece);
    expect(await readItem(keychain, SERVICE, ACCOUNT)).toBeNull();
    await writeItem(keychain, SERVICE, ACCOUNT, value, split);
    expect(await readItem(keychain, SERVICE, ACCOUNT)).toBe(value);
    await removeItem(keychain, SERVICE, ACCOUNT, split);
  });

  test('is the old or the new one at whichever change its writer is killed', async () => {
    const before = 'g'.repeat(5_000);
    const after = 'h'.repeat(7_000);
    const headAt = 5; // Four pieces, the head, then three removals.
    for (let killAfter = 1; killAfter <= 8; killAfter++) {
      await writeItem(keychain, SERVICE, ACCOUNT, before, split);
      expect(await accounts()).toHaveLength(4);
      const child = startKeychainProcess(keyring.env, { killAfter, limit: LIMIT });
      child.call('write-item', SERVICE, ACCOUNT, after).catch(() => {});
      expect(await child.ended).toBe('SIGKILL');
      const expected = killAfter < headAt ? before : after;
      expect(await readItem(keychain, SERVICE, ACCOUNT)).toBe(expected);
    }
    await writeItem(keychain, SERVICE, ACCOUNT, before, split);
    expect(await accounts()).toHaveLength(4);
    await removeItem(keychain, SERVICE, ACCOUNT, split);
    expect(await accounts()).toEqual([]);
  });

  test('is never a mix for a reader while others write', async () => {
    const values = ['i'.repeat(3_000), 'j'.repeat(5_000), 'k'.repeat(7_000), 'short'];
    await writeItem(keychain, SERVICE, ACCOUNT, values[0] ?? '', split);
    const writer = startKeychainProcess(keyring.env, { limit: LIMIT });
    let writing = true;
    const written = (async () => {
      for (let n = 0; n < 16; n++) {
        await writer.call('write-item', SERVICE, ACCOUNT, values[n % values.length] ?? '');
      }
      writing = false;
    })();
    const seen = new Set<unknown>();
    while (writing)
      seen.add(await readItem(keychain, SERVICE, ACCOUNT).catch((error) => error.code));
    await written;
    writer.kill();
    seen.delete('tool-busy');
    expect([...seen].filter((value) => !values.includes(String(value)))).toEqual([]);
    expect(seen.size).toBeGreaterThan(0);
    await removeItem(keychain, SERVICE, ACCOUNT, split);
  });
});
