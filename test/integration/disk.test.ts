import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/core/engine.ts';
import { type AppError, asAppError } from '../../src/shared/errors.ts';
import { startChild } from '../support/children/run-child.ts';
import { signIn, startWorld, type World } from '../support/engine.ts';
import { faultyFiles } from '../support/faulty-files.ts';
import { activeTokens, peekaboo } from '../support/look.ts';
import { isRoot } from '../support/nobody.ts';
import { tempFolder } from '../support/temp-folder.ts';

const MINUTE = 60_000;

/** What fails, how many file calls in a row (6: as when a disk takes a while to come back), and its code. */
const FAULTS = [
  ['ENOSPC', 1, 'disk-full'],
  ['EIO', 6, 'unexpected'],
  ['EROFS', 1, 'folder-protected'],
] as const;

/** The pauses between the tries to store an answer pass at once; the time that a request has is real. */
function hurry({ clock }: World): void {
  clock.hurry(16_000);
}

/** Files of which `span` calls in a row fail, beginning with number `first`. */
function failing(errno: string, first: number, span: number) {
  return faultyFiles(errno, (_, index) => index >= first && index < first + span);
}

/** The login that the engine has is the one that lives at the provider. */
async function expectWorks(world: World, engine: Engine, where: string): Promise<void> {
  world.clock.advance(16 * MINUTE);
  await engine.refresh(null);
  const [report] = await engine.refresh(null, { force: true });
  expect(report, where).toMatchObject({ how: 'renewed', account: { state: 'signed-in' } });
  expect(activeTokens(world), where).toHaveLength(1);
}

/** Each call, or each eleventh one. */
const STRIDE = process.env.AUTHBAR_LONG === '1' ? 1 : 11;

describe.each(FAULTS)('%s at a file call, %i in a row,', (errno, span, code) => {
  test('of a renewal loses no login, whichever call it is', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    hurry(world);
    const whole = faultyFiles(errno, () => false);
    const { engine: healthy } = await world.another({ fs: whole.fs });
    await healthy.refresh(null, { force: true });
    const total = whole.calls.length;
    // The first call is for the endpoints, before there is an engine.
    for (let first = 1; first < total; first += STRIDE) {
      const { fs, calls } = failing(errno, first, span);
      const { engine } = await world.another({ fs });
      const error = await engine
        .refresh(null, { force: true })
        .then(([report]) => report?.error ?? null, asAppError);
      const where = `${span} from call ${first}, ${calls[first]}`;
      if (error) expect([code], where).toContain(error.code);
      await expectWorks(world, world.engine, where);
      expect(await peekaboo(world), where).toContain(`_REFRESH_TOKEN=${activeTokens(world)[0]}`);
    }
  });

  test('of a sign-in loses no login that was given', async () => {
    const world = await startWorld();
    hurry(world);
    for (let first = 0, reached = true; reached; first += STRIDE) {
      const userHome = join(world.userHome, `home-${first}`);
      const env = { ...world.env, HOME: userHome, AUTHBAR_HOME: join(userHome, 'state') };
      const { fs, calls } = failing(errno, first, span);
      const where = `${span} from call ${first}`;
      const error: AppError | null = await world
        .another({ fs, env, userHome })
        .then(({ engine }) => signIn(engine, 'claude'))
        .then(() => null, asAppError);
      reached = calls.length > first;
      if (error)
        expect([code, 'unsafe-setting'], `${where}, ${calls[first]}`).toContain(error.code);
      const given = activeTokens(world);
      expect(given.length, where).toBeLessThanOrEqual(1);
      const { engine } = await world.another({ env, userHome });
      if (given.length > 0) await expectWorks(world, engine, `${where}, ${calls[first]}`);
      else expect((await engine.status()).accounts, where).toEqual([]);
      for (const { id } of (await engine.status()).accounts) await engine.logout(id);
    }
  });
});

/** A program with a mount table of its own, so that what it mounts ends with it. */
const OWN_MOUNTS = ['unshare', isRoot ? '-m' : '-rm'] as const;
const MOUNT = 'mount -t tmpfs -o size=4m,mode=700 none "$1"';

test('on a disk that is really full nothing is sent, and what was sent for is kept', async (each) => {
  const world = await startWorld();
  const folder = await tempFolder();
  const [program, flags] = OWN_MOUNTS;
  const probe = spawnSync(program, [flags, 'sh', '-c', MOUNT, 'sh', folder]);
  each.skip(
    probe.status !== 0,
    'needs unshare(1) and the right to mount (Linux, root or user namespaces)',
  );
  const child = startChild('small-disk.ts', [folder], {
    wrapper: [program, flags, 'sh', '-c', `${MOUNT} && shift && exec "$@"`, 'sh', folder],
    env: world.env,
  });
  const { filledMeanwhile, ...rest } = JSON.parse(await text(child.stdout ?? process.stdin));
  expect(rest).toEqual({
    first: 'signed-in',
    whenFull: 'disk-full',
    another: 'disk-full',
    works: true,
    healed: 'renewed',
    state: ['signed-in'],
  });
  expect(['renewed', 'disk-full']).toContain(filledMeanwhile);
  // The one whose answer went into the room that was kept for it, and the one when there was room again.
  expect(world.provider.journal.of('anthropic', 'refresh').map(({ status }) => status)).toEqual([
    200, 200,
  ]);
  expect(activeTokens(world)).toHaveLength(1);
});
