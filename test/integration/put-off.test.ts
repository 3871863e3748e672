import { chmod } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { RefreshReport } from '../../src/core/engine.ts';
import { startWorld, type World } from '../support/engine.ts';
import { activeTokens } from '../support/look.ts';
import { FAULTS } from '../support/provider/index.ts';
import { rawSignIn } from '../support/provider/raw-client.ts';
import { change, install, putThere, toolFile } from '../support/tools.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A machine with one tool on it, signed in to Claude. */
async function signedIn(): Promise<World> {
  const world = await startWorld();
  await install(world, 'pi');
  await world.signIn('claude');
  world.clock.hurry(2000);
  return world;
}

function pass(world: World, ms: number): void {
  world.clock.advance(ms);
  world.provider.setClock(ms);
}

function renewals({ provider }: World): number {
  return provider.journal.requests('anthropic', 'refresh');
}

/** A look on a machine that is put to sleep as soon as one renewal has been sent. */
async function lookBeforeSleep(world: World): Promise<readonly RefreshReport[]> {
  const before = renewals(world);
  const mayStart = () => renewals(world) === before;
  const reports = await world.engine.refresh(null, { force: true, mayStart });
  expect(renewals(world)).toBe(before + 1);
  return reports;
}

/** A renewal that does not reach the tool: what that gets by itself is another login than ours. */
async function renewPastTheTool(world: World): Promise<void> {
  await chmod(toolFile(world, 'pi'), 0o400);
  await world.engine.refresh(null, { force: true });
  await chmod(toolFile(world, 'pi'), 0o600);
}

/** The tool has a login of which nobody can say whose it is before it is renewed. */
async function putUnproven(world: World, refresh: string): Promise<void> {
  await change(world, 'pi', 'anthropic', (entry) => {
    Object.assign(entry, { access: 'sk-ant-oat-nobody-knows', refresh });
  });
}

describe('when the machine goes to sleep, a renewal that has begun sends nothing more', () => {
  test('after an answer that never came; the next look settles it', async () => {
    const world = await signedIn();
    world.provider.faults.arm('anthropic', 'refresh', FAULTS.reset);
    expect(await lookBeforeSleep(world)).toMatchObject([{ how: 'failed' }]);
    expect((await world.engine.status()).accounts).toMatchObject([{ state: 'late' }]);
    pass(world, MINUTE);
    expect(await world.engine.refresh(null)).toMatchObject([{ how: 'renewed', error: null }]);
    expect(renewals(world)).toBe(2);
    expect(activeTokens(world)).toHaveLength(1);
  });

  test('after a tool’s login that was of no use; the next look renews ours', async () => {
    const world = await signedIn();
    await putUnproven(world, 'sk-ant-ort-nobody-knows');
    pass(world, 56 * MINUTE);
    expect(await lookBeforeSleep(world)).toMatchObject([{ how: 'not-needed', error: null }]);
    expect(await world.engine.refresh(null)).toMatchObject([{ how: 'renewed' }]);
    expect((await world.engine.status()).accounts).toMatchObject([{ state: 'signed-in' }]);
  });

  test('after a login that is over; the next look renews the one that was kept beside it', async () => {
    const world = await signedIn();
    await renewPastTheTool(world);
    pass(world, MINUTE);
    const theirs = await rawSignIn(world.provider, 'anthropic');
    await putThere(world, 'pi', 'anthropic', theirs);
    expect(await world.engine.refresh(null)).toMatchObject([{ how: 'adopted' }]);
    world.provider.revokeFamily('anthropic', theirs.refresh_token);
    await lookBeforeSleep(world);
    pass(world, HOUR);
    expect(await world.engine.refresh(null)).toMatchObject([{ how: 'renewed' }]);
    expect((await world.engine.status()).accounts).toMatchObject([{ state: 'signed-in' }]);
  });

  test('after a login that is over; the next look tries what a tool has', async () => {
    const world = await signedIn();
    await renewPastTheTool(world);
    for (const token of activeTokens(world)) world.provider.revokeFamily('anthropic', token);
    const theirs = await rawSignIn(world.provider, 'anthropic');
    await putUnproven(world, theirs.refresh_token);
    pass(world, 56 * MINUTE);
    expect(await lookBeforeSleep(world)).toMatchObject([{ how: 'not-needed', error: null }]);
    expect((await world.engine.status()).accounts).not.toMatchObject([{ state: 'sign-in-again' }]);
    expect(await world.engine.refresh(null)).toMatchObject([{ how: 'adopted', error: null }]);
  });
});
