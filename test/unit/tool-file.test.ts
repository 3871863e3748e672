import {
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hold } from '../../src/core/files/hold.ts';
import { nodeClock, nodeFiles } from '../../src/core/files/node-files.ts';
import { type Grant, NO_IDENTITY } from '../../src/core/grant.ts';
import { pathsOf } from '../../src/core/paths.ts';
import type { Step } from '../../src/core/ports.ts';
import { fileStore } from '../../src/core/targets/file-store.ts';
import { ownLock } from '../../src/core/targets/own-lock.ts';
import { peekabooCodec } from '../../src/core/targets/peekaboo.ts';
import type { Holder, Target } from '../../src/core/targets/target.ts';
import { isFolder, type ToolFile, toolTarget } from '../../src/core/targets/tool-file.ts';
import { startChild, untilItSpeaks } from '../support/children/run-child.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ANNA: Holder = { provider: 'anthropic', id: 'anna', identity: NO_IDENTITY };
const SHARED = { mode: 'shared', fresh: false } as const;
const OURS = 'ANTHROPIC_ACCESS_TOKEN=at\nANTHROPIC_REFRESH_TOKEN=rt\nMINE=1\n';

function grant(accessToken: string): Grant {
  return {
    id: 'grant',
    parent: null,
    origin: 'https://example.com',
    accessToken,
    refreshToken: `${accessToken}-refresh`,
    idToken: null,
    expiresAt: 1_800_000_000_000,
    life: 3_600_000,
    obtainedAt: 1_799_996_400_000,
    scopes: [],
  };
}

interface Bench {
  readonly target: Target;
  readonly path: string;
  readonly lockPath: string;
  /** What was reached, in order. */
  readonly steps: Step[];
}

/** A tool that keeps its logins as Peekaboo does, in a folder of its own. */
async function bench(
  content: string | null = OURS,
  tool: Partial<ToolFile> = {},
  step: (name: Step) => void = () => {},
): Promise<Bench> {
  const folder = await tempFolder();
  const path = join(folder, 'credentials');
  if (content !== null) await writeFile(path, content, { mode: 0o600 });
  const paths = pathsOf(join(folder, 'state'));
  const steps: Step[] = [];
  const context = {
    fs: nodeFiles,
    clock: nodeClock,
    paths,
    step: (name: Step) => {
      steps.push(name);
      step(name);
    },
  };
  const target = toolTarget(context, {
    id: 'peekaboo',
    name: 'A tool',
    path,
    codec: peekabooCodec,
    store: fileStore(context, path),
    lock: ownLock(context),
    defaultMode: 'access-only',
    locksRenewals: true,
    installed: async () => true,
    ...tool,
  });
  return { target, path, lockPath: paths.targetsLock, steps };
}

async function age(path: string, seconds: number): Promise<void> {
  const then = Date.now() / 1000 - seconds;
  await utimes(path, then, then);
}

/** A hold that another process has taken away. */
const LOST: Hold = { intact: false, release: async () => {} };

describe('reading', () => {
  it('gives what the file holds, without the tool’s lock', async () => {
    const { target, lockPath } = await bench();
    await mkdir(dirname(lockPath));
    const lock = startChild('hold-lock.ts', [lockPath]);
    await untilItSpeaks(lock);
    expect(await target.read(ANNA)).toMatchObject({
      kind: 'bundle',
      bundle: { accessToken: 'at', refreshToken: 'rt', idToken: null, owner: null },
    });
    expect(await target.lockedBy?.()).toBe(lock.pid);
  });

  it('tells no file from an empty one, and a young empty one from one that was left so', async () => {
    expect(await (await bench(null)).target.read(ANNA)).toEqual({ kind: 'nothing' });
    for (const empty of ['', ' \r\n\t\n']) {
      const { target, path } = await bench(empty);
      expect(await target.read(ANNA)).toEqual({ kind: 'being-written' });
      await age(path, 11);
      expect(await target.read(ANNA)).toEqual({ kind: 'blanked' });
      await age(path, -3600);
      expect(await target.read(ANNA)).toEqual({ kind: 'blanked' });
    }
  });

  it('does not understand what is no text or too large, and leaves it alone', async () => {
    const { target, path } = await bench('\0');
    for (const size of [1, 5 * 1024 * 1024]) {
      await truncate(path, size);
      expect(await target.read(ANNA)).toEqual({ kind: 'unreadable', code: 'tool-file-damaged' });
      await target.open(0, async (open) => {
        for (const act of [
          () => open.write(ANNA, grant('new'), SHARED),
          () => open.remove(ANNA),
          () => open.keep(ANNA),
          () => open.restore(ANNA, '{}'),
          () => open.rehearse(),
        ]) {
          await expect(act()).rejects.toMatchObject({
            code: 'tool-file-damaged',
            details: { path, tool: 'A tool' },
          });
        }
      });
      expect((await stat(path)).size).toBe(size);
    }
  });
});

describe('the tool’s lock', () => {
  it('is held while the work is done, and then no more, however that ends', async () => {
    const { target, steps } = await bench();
    const own = await target.open(0, async () => {
      await expect(target.open(0, async () => 'in')).rejects.toMatchObject({
        code: 'tool-busy',
        details: { pid: process.pid, tool: 'A tool' },
      });
      return target.lockedBy?.();
    });
    expect(own).toBe(process.pid);
    await expect(target.open(0, () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    expect(await target.lockedBy?.()).toBeNull();
    expect(steps).toEqual(['target:locked', 'target:locked']);
  });

  it('is let go where a step throws', async () => {
    let stop = true;
    const { target } = await bench(OURS, {}, () => {
      if (stop) throw new Error('stopped');
    });
    await expect(target.open(0, async () => 'in')).rejects.toThrow('stopped');
    stop = false;
    expect(await target.open(0, async () => 'in')).toBe('in');
  });

  it('that is held already is not taken again, and not let go', async () => {
    const { target, path, steps } = await bench();
    const hold = await target.hold?.(0);
    const changed = await target.open(0, (open) => open.remove(ANNA), hold);
    expect(changed).toBe(true);
    expect(await readFile(path, 'utf8')).toBe('MINE=1\n');
    expect(steps).toEqual(['target:locked']);
    expect(hold?.intact).toBe(true);
    await expect(target.hold?.(0)).rejects.toMatchObject({ code: 'tool-busy' });
    await hold?.release();
    await hold?.release();
    expect(hold?.intact).toBe(false);
    await (await target.hold?.(0))?.release();
  });

  it('that was lost since is taken anew', async () => {
    const { target, steps } = await bench();
    expect(await target.open(0, async () => 'in', LOST)).toBe('in');
    expect(steps).toEqual(['target:locked']);
  });

  it('that is lost in the middle of the work stops every change', async () => {
    const hold = { intact: true, release: async () => {} };
    const lock = { acquire: async () => hold, holder: async () => null };
    const { target, path } = await bench(OURS, { lock });
    await target.open(0, async (open) => {
      hold.intact = false;
      for (const act of [
        () => open.write(ANNA, grant('new'), SHARED),
        () => open.remove(ANNA),
        () => open.restore(ANNA, '{}'),
        () => open.sweep(),
      ]) {
        await expect(act()).rejects.toMatchObject({
          code: 'tool-busy',
          details: { path, tool: 'A tool' },
        });
      }
      expect(await open.read(ANNA)).toMatchObject({ kind: 'bundle' });
    });
    expect(await readFile(path, 'utf8')).toBe(OURS);
  });

  it('that is lost between the sweep and the writing stops it too', async () => {
    const hold = { intact: true, release: async () => {} };
    const lock = { acquire: async () => hold, holder: async () => null };
    const codec: ToolFile['codec'] = {
      ...peekabooCodec,
      write: (...args) => {
        hold.intact = false;
        return peekabooCodec.write(...args);
      },
    };
    const { target, path } = await bench(OURS, { lock, codec });
    const writing = target.open(0, (open) => open.write(ANNA, grant('new'), SHARED));
    await expect(writing).rejects.toMatchObject({ code: 'tool-busy' });
    expect(await readFile(path, 'utf8')).toBe(OURS);
  });

  it('is held for a renewal only where the tool does so itself', async () => {
    expect((await bench(OURS, { locksRenewals: false })).target.hold).toBeUndefined();
  });
});

describe('writing', () => {
  it('sweeps, changes our entry, and nothing where nothing changes', async () => {
    const { target, path } = await bench();
    const leftover = join(dirname(path), '.credentials.0123abcd.authbar-tmp');
    await writeFile(leftover, 'old');
    await target.open(0, (open) => open.write(ANNA, grant('new'), SHARED));
    const text = await readFile(path, 'utf8');
    expect(text).toContain('ANTHROPIC_ACCESS_TOKEN=new\nANTHROPIC_REFRESH_TOKEN=new-refresh\n');
    expect(text).toContain('MINE=1\n');
    expect(await readdir(dirname(path))).toEqual(['credentials', 'state']);
    const { ino, mtimeMs } = await stat(path);
    await target.open(0, (open) => open.write(ANNA, grant('new'), SHARED));
    expect(await stat(path)).toMatchObject({ ino, mtimeMs });
  });

  it.each([null, '', '\n'])('starts anew from %j', async (content) => {
    const { target, path } = await bench(content);
    await target.open(0, (open) => open.write(ANNA, grant('new'), SHARED));
    expect(await readFile(path, 'utf8')).toMatch(/^# Peekaboo.*ANTHROPIC_ACCESS_TOKEN=new/s);
  });

  it('tells which tool it was that refused', async () => {
    const missing = join(await tempFolder(), 'missing/credentials');
    const store = fileStore({ fs: nodeFiles, step: () => {} }, missing);
    const { target } = await bench(null, { path: missing, store });
    const writing = target.open(0, (open) => open.write(ANNA, grant('new'), SHARED));
    await expect(writing).rejects.toMatchObject({
      code: 'tool-file-protected',
      details: { tool: 'A tool', path: dirname(missing), hint: 'Its folder is missing.' },
    });
  });
});

describe('removing', () => {
  it('says whether something of ours was there, and takes a file along that is empty then', async () => {
    const { target, path } = await bench(OURS.replace('MINE=1\n', ''));
    expect(await target.open(0, (open) => open.remove(ANNA))).toBe(true);
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await target.open(0, (open) => open.remove(ANNA))).toBe(false);
    for (const text of ['', 'MINE=1\n']) {
      await writeFile(path, text);
      expect(await target.open(0, (open) => open.remove(ANNA))).toBe(false);
      expect(await readFile(path, 'utf8')).toBe(text);
    }
  });
});

describe('what was kept', () => {
  it('comes back as it was', async () => {
    const { target, path } = await bench();
    await target.open(0, async (open) => {
      const kept = await open.keep(ANNA);
      await open.write(ANNA, grant('new'), { mode: 'shared', fresh: true });
      await open.restore(ANNA, kept ?? '');
    });
    expect(await readFile(path, 'utf8')).toBe(OURS);
  });

  it.each([null, '', 'MINE=1\n'])('is nothing where there is %j', async (content) => {
    const { target } = await bench(content);
    expect(await target.open(0, (open) => open.keep(ANNA))).toBeNull();
  });
});

it('a rehearsal changes nothing', async () => {
  for (const content of [null, '', OURS]) {
    const { target, path } = await bench(content);
    await target.open(0, (open) => open.rehearse());
    expect(await readFile(path, 'utf8').catch(() => null)).toBe(content);
  }
});

it('a folder is one, also behind a link; a file or nothing is none', async () => {
  const folder = await tempFolder();
  await symlink('.', join(folder, 'link'));
  await writeFile(join(folder, 'file'), '');
  const found = ['.', 'link', 'file', 'missing', 'file/below'].map((name) =>
    isFolder(nodeFiles, join(folder, name)),
  );
  expect(await Promise.all(found)).toEqual([true, true, false, false, false]);
});
