import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/core/engine.ts';
import { asAppError } from '../../src/shared/errors.ts';
import { signIn, startWorld, type World } from '../support/engine.ts';
import { activeTokens, peekaboo } from '../support/look.ts';
import { FAULTS } from '../support/provider/index.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Copy {
  readonly engine: Engine;
  readonly home: string;
  readonly userHome: string;
}

/** The whole home of `world`, Peekaboo's file included, as it comes out of a backup on another computer. */
async function copied(world: World, without: readonly string[] = []): Promise<Copy> {
  const userHome = await tempFolder();
  await cp(world.userHome, userHome, { recursive: true });
  const home = join(userHome, 'state');
  for (const path of without) await rm(join(home, path));
  const mark = JSON.parse(await readFile(join(home, 'machine'), 'utf8'));
  // What this computer's own id gives under that salt is another mark.
  await writeFile(join(home, 'machine'), JSON.stringify({ ...mark, mark: 'f'.repeat(64) }));
  const env = { ...world.env, HOME: userHome, AUTHBAR_HOME: home };
  const { engine } = await world.another({ env, userHome });
  return { engine, home, userHome };
}

/** Since the copy was made. */
function requests({ provider }: World): string[] {
  return provider.journal.entries.map(({ endpoint }) => endpoint);
}

describe('a folder that was copied from another computer', () => {
  test('says so and sends nothing, whatever is asked', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    await world.signIn('chatgpt');
    const { engine } = await copied(world);
    world.provider.journal.clear();
    expect((await engine.status()).accounts).toMatchObject([
      { state: 'other-computer', code: 'other-computer' },
      { state: 'other-computer', code: 'other-computer' },
    ]);
    const reports = await engine.refresh(null, { force: true, byPerson: true });
    expect(reports.map(({ error }) => error?.code)).toEqual(['other-computer', 'other-computer']);
    await expect(engine.token('claude', 0)).rejects.toMatchObject({ code: 'other-computer' });
    expect(requests(world)).toEqual([]);
    await world.engine.refresh(null, { force: true });
    expect(activeTokens(world)).toHaveLength(2);
  });

  test('can be signed out here, and the other computer stays signed in', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { engine, userHome } = await copied(world);
    world.provider.journal.clear();
    expect(await engine.logout('claude')).toMatchObject({
      revoked: false,
      foreign: true,
      unended: false,
    });
    expect(requests(world)).toEqual([]);
    expect((await engine.status()).accounts).toEqual([]);
    expect(await peekaboo({ userHome })).not.toContain('TOKEN');
    const [report] = await world.engine.refresh(null, { force: true });
    expect(report).toMatchObject({ how: 'renewed' });
  });

  test('takes a new sign-in, which leaves the other computer’s login alone', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    const [theirs = ''] = activeTokens(world);
    const { engine, userHome } = await copied(world);
    expect(await signIn(engine, 'claude')).toBe(id);
    expect((await engine.status()).accounts).toMatchObject([
      { id, state: 'signed-in', inUse: true },
    ]);
    expect(world.provider.active(theirs)).toBe(true);
    expect(activeTokens(world)).toHaveLength(2);
    const { accessToken } = await engine.token('claude', 0);
    expect(await peekaboo({ userHome })).toContain(`_ACCESS_TOKEN=${accessToken}`);
    expect(await engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
    expect(await world.engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
  });

  test.each([
    ['that are shown', []],
    ['that nothing shows', ['accounts/ID/view.json']],
  ])('keeps the other logins %s unusable after that', async (_, lost) => {
    const world = await startWorld();
    const chatgpt = await world.signIn('chatgpt');
    const { engine, userHome } = await copied(
      world,
      lost.map((path) => path.replace('ID', chatgpt)),
    );
    await signIn(engine, 'claude', 'ben');
    world.provider.journal.clear();
    expect((await engine.status()).accounts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: chatgpt, state: 'sign-in-again', code: 'other-computer' }),
        expect.objectContaining({ provider: 'anthropic', state: 'signed-in', inUse: true }),
      ]),
    );
    const before = await peekaboo({ userHome });
    await expect(engine.token('chatgpt', 0)).rejects.toMatchObject({ code: 'other-computer' });
    const reports = await engine.refresh('chatgpt', { force: true, byPerson: true });
    expect(reports).toMatchObject([{ how: 'failed', error: { code: 'other-computer' } }]);
    expect(requests(world)).toEqual([]);
    expect(await peekaboo({ userHome })).toBe(before);
    await engine.logout('chatgpt');
    expect(requests(world)).toEqual([]);
    expect(await world.engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
  });

  test('keeps one without an access token unusable too', async () => {
    const world = await startWorld();
    world.provider.faults.arm('openai', 'exchange', FAULTS.brokenToken);
    await world.signIn('chatgpt');
    const { engine } = await copied(world);
    await signIn(engine, 'claude');
    world.provider.journal.clear();
    const [report] = await engine.refresh('chatgpt', { force: true });
    expect(report?.error).toMatchObject({ code: 'other-computer' });
    expect(requests(world)).toEqual([]);
  });

  test('lets somebody else’s new login be the one in use', async () => {
    const world = await startWorld();
    await world.signIn('claude', 'anna');
    const { engine } = await copied(world);
    const ben = await signIn(engine, 'claude', 'ben');
    expect((await engine.token('claude', 0)).account).toBe(ben);
  });

  test('is not made this computer’s by a sign-in that nobody finishes', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { engine } = await copied(world);
    const attempt = engine.login('claude');
    attempt.cancel();
    await attempt.closed();
    expect((await engine.status()).accounts[0]?.code).toBe('other-computer');
    expect(asAppError(await engine.token('claude', 0).catch(asAppError)).code).toBe(
      'other-computer',
    );
  });
});
