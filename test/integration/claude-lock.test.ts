import type { ChildProcess } from 'node:child_process';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Hold } from '../../src/core/files/hold.ts';
import { nodeClock, nodeFiles } from '../../src/core/files/node-files.ts';
import { claudeLock } from '../../src/core/targets/claude-lock.ts';
import { inOrder, NOTHING_HELD, type Take } from '../../src/core/targets/locks.ts';
import type { ToolLock } from '../../src/core/targets/tool-lock.ts';
import { startChild, untilItEnds, untilItSpeaks } from '../support/children/run-child.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SAVING = '.storage-write.lock';
const REFRESH = '.oauth_refresh.lock';
const RECORD = '.oauth_refresh.lock.owner';

let home: string;
let folder: string;
let lock: ToolLock;

beforeEach(async () => {
  home = await tempFolder();
  folder = join(home, '.claude');
  await mkdir(folder);
  lock = lockOn(folder);
});

function lockOn(path: string): ToolLock {
  return claudeLock({ clock: nodeClock, fs: nodeFiles }, path);
}

/** All that keeps Claude Code from renewing and from saving. */
function whole(of: ToolLock): Take {
  return inOrder(
    [(ms) => of.acquire(ms), async (ms) => (await of.saving?.(ms)) ?? NOTHING_HELD],
    nodeClock,
  );
}

async function held(of = lock): Promise<Hold> {
  const hold = await whole(of)(0);
  onTestFinished(() => hold.release());
  return hold;
}

/** Claude Code, and which lock keeps it out, or `held`. */
async function claude(...args: string[]): Promise<{ child: ChildProcess; says: string }> {
  const child = startChild('claude-locks.ts', [folder, ...args]);
  return { child, says: (await untilItSpeaks(child)).trim() };
}

async function end(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  await untilItEnds(child);
}

/** All that lies about, lock folders above all. */
async function names(): Promise<string[]> {
  return [...(await readdir(home)), ...(await readdir(folder))].sort();
}

describe('the locks of Claude Code', () => {
  it('keep it out of all it does, older versions too, and are gone afterwards', async () => {
    const hold = await held();
    expect(await names()).toEqual(['.claude', '.claude.lock', REFRESH, SAVING]);
    expect((await claude()).says).toBe(REFRESH);
    expect((await claude('old')).says).toBe('.claude.lock');
    expect(hold.intact).toBe(true);
    await hold.release();
    await hold.release();
    expect(hold.intact).toBe(false);
    expect(await names()).toEqual(['.claude']);
    const next = await claude();
    expect(next.says).toBe('held');
    await end(next.child);
  });

  it('cannot be had while it has them, and its process is named', async () => {
    const { child, says } = await claude();
    expect(says).toBe('held');
    expect(await lock.holder()).toBe(child.pid);
    await expect(lock.acquire(0)).rejects.toMatchObject({
      code: 'tool-busy',
      details: { pid: child.pid },
    });
    const waiting = lock.acquire(30_000);
    await end(child);
    const hold = await waiting;
    expect(hold.intact).toBe(true);
    await hold.release();
    expect(await lock.holder()).toBeNull();
  });

  it('cannot be had while an older version has the one it knows; none of the others is kept', async () => {
    const { child, says } = await claude('old');
    expect(says).toBe('held');
    await expect(lock.acquire(0)).rejects.toMatchObject({ code: 'tool-busy' });
    expect(await names()).toEqual(['.claude', '.claude.lock']);
    await end(child);
  });

  it('cannot be had while it saves something; none of the others is kept', async () => {
    await mkdir(join(folder, SAVING));
    await expect(whole(lock)(0)).rejects.toMatchObject({ code: 'tool-busy' });
    expect(await names()).toEqual(['.claude', SAVING]);
  });

  it('of a killed process count until they are old, without its name', async () => {
    const { child } = await claude();
    child.kill('SIGKILL');
    await untilItEnds(child);
    expect(await lock.holder()).toBeNull();
    const busy = await lock.acquire(0).catch((error) => error);
    expect(busy).toMatchObject({ code: 'tool-busy' });
    expect(busy.details).not.toHaveProperty('pid');

    await age('.claude.lock', SAVING, REFRESH);
    const hold = await held();
    expect(hold.intact).toBe(true);
    // Its record is about another lock: Claude Code takes nothing from us because of it.
    expect(await names()).toContain(RECORD);
    await hold.release();
  });

  it('exclude us from ourselves, by a link to the folder too', async () => {
    const link = join(home, 'linked');
    await symlink(folder, link);
    await held(lockOn(link));
    expect(await names()).toContain('.claude.lock');
    expect(await names()).not.toContain('linked.lock');
    await expect(lock.acquire(0)).rejects.toMatchObject({ code: 'tool-busy' });
  });

  it('are two where nobody can make the one beside the folder', async () => {
    await writeFile(join(home, '.claude.lock'), 'not a lock');
    await age('.claude.lock');
    const hold = await held();
    expect(hold.intact).toBe(true);
    expect(await names()).toEqual(['.claude', '.claude.lock', REFRESH, SAVING]);
    await hold.release();
    expect(await names()).toEqual(['.claude', '.claude.lock']);
  });

  it('are not made where Claude Code has never been', async () => {
    const missing = join(home, 'missing');
    await expect(lockOn(missing).acquire(0)).rejects.toMatchObject({
      code: 'tool-file-protected',
      details: { path: missing },
    });
    expect(await lockOn(missing).holder()).toBeNull();
    expect(await names()).toEqual(['.claude']);
  });
});

describe('whoever has the lock is not named', () => {
  beforeEach(() => mkdir(join(folder, REFRESH)));

  async function record(change: object): Promise<void> {
    const { birthtimeMs } = await nodeFiles.stat(join(folder, REFRESH));
    const ours = { pid: process.pid, pidSpace: hostname(), lockBirthtimeMs: birthtimeMs };
    await writeFile(join(folder, RECORD), JSON.stringify({ ...ours, ...change }));
  }

  it.each([
    ['of an earlier lock', { lockBirthtimeMs: 1 }],
    ['from another machine', { pidSpace: 'elsewhere#pid:[1]' }],
    ['of another kind', { pid: 'one' }],
    ['that is no process', { pid: 2 ** 31 - 1 }],
    ['that goes on and on', { more: 'x'.repeat(5000) }],
  ])('by a record %s', async (_, change) => {
    await record({});
    expect(await lock.holder()).toBe(process.pid);
    await record(change);
    expect(await lock.holder()).toBeNull();
  });

  it('by what is no record', async () => {
    await writeFile(join(folder, RECORD), '{');
    expect(await lock.holder()).toBeNull();
  });
});

/** Makes it look as if nobody had touched these for minutes. */
async function age(...which: string[]): Promise<void> {
  const then = new Date(Date.now() - 120_000);
  for (const name of which) {
    await utimes(join(name === '.claude.lock' ? home : folder, name), then, then);
  }
}
