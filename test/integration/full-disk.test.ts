import { spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startChild } from '../support/children/run-child.ts';
import { isRoot } from '../support/nobody.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A program with a mount table of its own, so that what it mounts ends with it. */
const OWN_MOUNTS = ['unshare', isRoot ? '-m' : '-rm'] as const;
const MOUNT = 'mount -t tmpfs -o size=256k,mode=700 none "$1"';

it('on a disk that is really full, a reservation is kept and everything else is refused', async (test) => {
  const folder = await tempFolder();
  const [program, flags] = OWN_MOUNTS;
  const probe = spawnSync(program, [flags, 'sh', '-c', MOUNT, 'sh', folder]);
  test.skip(
    probe.status !== 0,
    'needs unshare(1) and the right to mount (Linux, root or user namespaces)',
  );
  const child = startChild('fill-disk.ts', [folder], {
    wrapper: [program, flags, 'sh', '-c', `${MOUNT} && shift && exec "$@"`, 'sh', folder],
  });
  expect(JSON.parse(await text(child.stdout ?? process.stdin))).toEqual({
    full: 'ENOSPC',
    ordinary: 'disk-full',
    second: 'disk-full',
    meanwhile: 'old',
    after: 30_000,
    names: ['ballast', 'grant'],
  });
});
