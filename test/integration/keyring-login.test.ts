import { execFile } from 'node:child_process';
import { access, readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/core/engine.ts';
import type { ChildTask } from '../support/children/engine-child.ts';
import { startChild } from '../support/children/run-child.ts';
import { buildCli, CliRun } from '../support/cli.ts';
import { signIn, startWorld, type World } from '../support/engine.ts';
import { type Keyring, keyringMissing, startKeyring, withKeyring } from '../support/keyring.ts';
import { accountFolders, activeTokens } from '../support/look.ts';
import { FAULTS } from '../support/provider/index.ts';

const MINUTE = 60_000;
const missing = keyringMissing();

describe.skipIf(missing !== null)(
  `logins with the OS keychain${missing ? `: ${missing}` : ''}`,
  () => {
    let keyring: Keyring;
    let world: World;
    let engine: Engine;
    let env: NodeJS.ProcessEnv;

    beforeAll(async () => {
      keyring = await startKeyring();
      // libsecret, in this very process, reads it at its first call.
      Object.assign(process.env, keyring.env);
    });
    afterAll(() => keyring.close());

    beforeEach(async () => {
      await keyring.unlock();
      for (const account of (await keyring.search('Authbar')).accounts) await removeItem(account);
      world = await startWorld();
      env = { ...world.env, ...keyring.env, HOME: world.userHome, AUTHBAR_VAULT: '' };
      engine = await another();
    });

    /** An engine that has the vault's key not in memory yet. */
    async function another(): Promise<Engine> {
      return (await world.another({ env })).engine;
    }

    async function removeItem(account: string): Promise<void> {
      const found = ['clear', 'service', 'Authbar', 'account', account];
      await promisify(execFile)('secret-tool', found, { env: { ...process.env, ...keyring.env } });
    }

    /** Names of our items; the vault's key without the random part. */
    async function items(): Promise<string[]> {
      const { accounts } = await keyring.search('Authbar');
      return accounts.map((name) => name.replace(/^vault-key:[0-9a-f]{16}$/, 'vault-key')).sort();
    }

    function refreshes(): number {
      return world.provider.journal.requests('anthropic', 'refresh');
    }

    test('have a place there before the first of them, unless a file was asked for', async () => {
      await buildCli();
      const targets = async (more: NodeJS.ProcessEnv) =>
        (await new CliRun(['targets'], { ...env, ...more }).ended).stdout;
      expect(await targets({})).toContain('Your keyring\n  No login yet.\n');
      const file = { AUTHBAR_VAULT: 'file' };
      expect(await targets(file)).toContain('Your keyring\n  Nothing is written there.\n');
      const nowhere = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' };
      expect(await targets(nowhere)).toContain('Your keyring\n  Nothing is written there.\n');
    });

    test('one is kept, shown, handed out, renewed, and gone after its sign-out; the key stays', async () => {
      const id = await signIn(engine, 'claude');
      expect(await engine.status()).toMatchObject({
        vault: { kind: 'keychain', state: 'open' },
        accounts: [{ id, state: 'signed-in' }],
      });
      expect(await items()).toEqual(['anthropic:anna@example.com', 'vault-key']);
      await expect(access(world.context.paths.key)).rejects.toThrow();
      const { accessToken } = await engine.token('claude', 0);
      expect((await keyring.search('Authbar')).text).toContain(accessToken);
      expect((await (await another()).token('claude', 0)).accessToken).toBe(accessToken);

      await engine.refresh(null, { force: true });
      const renewed = await engine.token('claude', 0);
      const { text: shown } = await keyring.search('Authbar');
      expect(shown).toContain(renewed.accessToken);
      expect(shown).not.toContain(accessToken);
      expect(shown).toContain(activeTokens(world)[0]);

      const { withdrawals } = await engine.logout('claude');
      expect(withdrawals.map(({ target, result }) => [target, result])).toEqual([
        ['keychain', 'removed'],
        ['peekaboo', 'removed'],
      ]);
      expect(await items()).toEqual(['vault-key']);
      await signIn(await another(), 'chatgpt');
      expect(await items()).toEqual(['openai:anna@example.com', 'vault-key']);
    });

    test('that are locked are told as locked, nothing is asked, sent or lost, and they heal', async () => {
      await signIn(engine, 'claude');
      await keyring.lock();
      const prompts = await keyring.prompts();
      const locked = await another();
      expect(await locked.status()).toMatchObject({
        vault: { kind: 'keychain', state: 'locked' },
        accounts: [{ state: 'locked', code: 'keychain-locked' }],
      });
      const closed = { code: 'keychain-locked' };
      await expect(locked.token('claude', 0)).rejects.toMatchObject(closed);
      const [report] = await locked.refresh(null, { force: true, byPerson: true });
      expect(report).toMatchObject({ how: 'failed', error: closed });
      await expect(locked.logout('claude')).rejects.toMatchObject(closed);
      await expect(signIn(locked, 'claude')).rejects.toMatchObject(closed);
      expect([refreshes(), activeTokens(world).length, await keyring.prompts()]).toEqual([
        0,
        1,
        prompts,
      ]);
      await keyring.unlock();
      expect(await locked.status()).toMatchObject({ accounts: [{ state: 'signed-in' }] });
      expect(await locked.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
    });

    test('whose key is in memory are renewed while it is locked, and the keychain gets them later', async () => {
      await signIn(engine, 'claude');
      await keyring.lock();
      expect(await engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
      const entries = async () =>
        (await engine.targets())
          .flatMap((view) => view.entries.map((entry) => [view.target, entry.state]))
          .sort();
      expect(await entries()).toEqual([
        ['keychain', 'locked'],
        ['peekaboo', 'in-step'],
      ]);
      await keyring.unlock();
      await engine.refresh(null);
      expect(await entries()).toEqual([
        ['keychain', 'in-step'],
        ['peekaboo', 'in-step'],
      ]);
      expect((await keyring.search('Authbar')).text).toContain(activeTokens(world)[0]);
    });

    test('cannot begin while it is locked; then the choice is still free', async () => {
      await keyring.lock();
      await expect(signIn(engine, 'claude')).rejects.toMatchObject({ code: 'keychain-locked' });
      expect(world.provider.journal.entries).toEqual([]);
      env = { ...env, AUTHBAR_VAULT: 'file' };
      const withFile = await another();
      await signIn(withFile, 'claude');
      expect(await withFile.status()).toMatchObject({ vault: { kind: 'file', state: 'open' } });
      expect(await withFile.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
    });

    test('whose key was removed are kept; a new sign-in makes a new one', async () => {
      const id = await signIn(engine, 'claude');
      const { accounts } = await keyring.search('Authbar');
      await removeItem(accounts.find((name) => name.startsWith('vault-key')) ?? '');
      const keyless = await another();
      await expect(keyless.token('claude', 0)).rejects.toMatchObject({ code: 'list-damaged' });
      expect(await accountFolders(world)).toEqual([id]);
      await keyless.logout('claude');
      expect(await items()).toEqual([]);
      const again = await signIn(await another(), 'claude');
      const { accounts: kept } = await keyring.search('Authbar');
      await removeItem(kept.find((name) => name.startsWith('vault-key')) ?? '');
      expect(await signIn(await another(), 'claude')).toBe(again);
      expect(await items()).toEqual(['anthropic:anna@example.com', 'vault-key']);
      expect((await (await another()).token('claude', 0)).accessToken).toBeTruthy();
    });

    test('of one person in two workspaces have an item each, and each leaves with its own', async () => {
      const first = await signIn(engine, 'claude', 'anna');
      const second = await signIn(engine, 'claude', 'anna-at-work');
      expect(await items()).toHaveLength(3);
      const { text: both } = await keyring.search('Authbar');
      for (const id of [first, second]) {
        expect(both).toContain((await engine.token(id, 0)).accessToken);
      }
      await engine.refresh(null, { force: true });
      expect(await items()).toHaveLength(3);
      const kept = (await engine.token(second, 0)).accessToken;
      await engine.logout(first);
      expect(await items()).toHaveLength(2);
      expect((await keyring.search('Authbar')).text).toContain(kept);
      await engine.logout(second);
      expect(await items()).toEqual(['vault-key']);
    });

    test('whose name is found later leave no second item behind', async () => {
      world.provider.faults.arm('anthropic', 'profile', FAULTS.unavailable);
      const id = await signIn(engine, 'claude');
      expect(await items()).toEqual([`anthropic:${id}`, 'vault-key']);
      await engine.refresh(null);
      await engine.refresh(null, { force: true });
      expect(await items()).toHaveLength(2);
      expect((await keyring.search('Authbar')).text).toContain(activeTokens(world)[0]);
      await engine.logout('claude');
      expect(await items()).toEqual(['vault-key']);
    });

    test('that were copied to a computer without their key give way to new ones', async () => {
      const claude = await signIn(engine, 'claude');
      const chatgpt = await signIn(engine, 'chatgpt');
      const theirs = activeTokens(world);
      const { machine } = world.context.paths;
      const mark = JSON.parse(await readFile(machine, 'utf8'));
      await writeFile(machine, JSON.stringify({ ...mark, mark: 'f'.repeat(64) }));
      for (const account of (await keyring.search('Authbar')).accounts) await removeItem(account);

      const here = await another();
      expect(await here.status()).toMatchObject({
        accounts: [{ code: 'other-computer' }, { code: 'other-computer' }],
      });
      expect(await signIn(here, 'claude')).toBe(claude);
      world.clock.advance(MINUTE);
      const fresh = await another();
      expect(await fresh.refresh('claude', { force: true })).toMatchObject([{ how: 'renewed' }]);
      await expect(fresh.token(chatgpt, 0)).rejects.toMatchObject({ code: 'other-computer' });
      for (const token of theirs) expect(world.provider.active(token)).toBe(true);
      expect(await items()).toEqual(['anthropic:anna@example.com', 'vault-key']);
      await fresh.logout('chatgpt');
      expect((await fresh.status()).accounts).toMatchObject([{ id: claude }]);
    });

    test('are told as kept elsewhere where there is no keychain, and no second vault is made', async () => {
      await signIn(engine, 'claude');
      await withKeyring(
        async (none) => {
          const ask = async (action: ChildTask['action'], more: NodeJS.ProcessEnv = {}) => {
            const task: ChildTask = { action, service: 'claude' };
            const child = startChild('engine-child.ts', [JSON.stringify(task)], {
              env: { ...env, ...none.env, HOME: world.userHome, ...more },
            });
            return JSON.parse(await text(child.stdout ?? process.stdin));
          };
          expect(await ask('status')).toEqual(['locked']);
          for (const action of ['token', 'renew', 'sign-in'] as const) {
            expect(await ask(action)).toMatchObject({ code: 'storage-choice' });
          }
          const file = { AUTHBAR_VAULT: 'file' };
          expect(await ask('token', file)).toMatchObject({ code: 'storage-choice' });
          expect(await ask('sign-in', file)).toMatchObject({ code: 'storage-choice' });
        },
        { service: 'none' },
      );
      expect(refreshes()).toBe(0);
      expect(await engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
    });
  },
);
