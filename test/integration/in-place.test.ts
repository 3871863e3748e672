import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tryLock } from '../../src/core/files/flock.ts';
import { nodeFiles } from '../../src/core/files/node-files.ts';
import type { Step } from '../../src/core/ports.ts';
import { fileStore } from '../../src/core/targets/file-store.ts';
import type { Store } from '../../src/core/targets/store.ts';
import type { StoreTask } from '../support/children/file-store-child.ts';
import { startChild, untilItEnds } from '../support/children/run-child.ts';
import { tempFolder } from '../support/temp-folder.ts';

const OLD = '{"token":"old","theirs":1}';
const NEW = '{"token":"new and longer","theirs":1}';

function storeAt(path: string, step: (name: Step) => void | Promise<void> = () => {}): Store {
  return fileStore({ fs: nodeFiles, step }, path, { inPlace: true });
}

async function toolFile(content: string | Uint8Array = OLD): Promise<string> {
  const path = join(await tempFolder(), 'auth.json');
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

function journalOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.authbar-journal`);
}

function journal(before: string | Uint8Array, after: string | Uint8Array): string {
  const text = (bytes: string | Uint8Array) => Buffer.from(bytes).toString('base64');
  return JSON.stringify({ schema: 1, before: text(before), after: text(after) });
}

/** What a sweep makes of a file beside a journal. */
async function swept(path: string, now: string | Uint8Array, kept: string): Promise<Buffer> {
  await writeFile(path, now);
  await writeFile(journalOf(path), kept);
  await storeAt(path).sweep();
  expect(await readdir(dirname(path))).toEqual(['auth.json']);
  return readFile(path);
}

async function killed(task: StoreTask): Promise<void> {
  const child = startChild('file-store-child.ts', [JSON.stringify({ inPlace: true, ...task })]);
  expect(await untilItEnds(child)).toBe('SIGKILL');
}

test('the file stays the same one, and so does the lock on it', async () => {
  const path = await toolFile();
  const { ino } = await stat(path);
  const lock = await tryLock(path, { content: '' });
  await storeAt(path).write(Buffer.from(NEW));
  expect((await stat(path)).ino).toBe(ino);
  expect(await tryLock(path, { content: '' })).toBeNull();
  await lock?.release();
});

test('the change is in a private journal before the file is touched, and half of it is seen at most once', async () => {
  const path = await toolFile();
  const seen: [Step, string, string][] = [];
  const store = storeAt(path, async (step) => {
    expect((await stat(journalOf(path))).mode & 0o777).toBe(0o600);
    const kept = await readFile(journalOf(path), 'utf8');
    seen.push([step, await readFile(path, 'utf8'), kept]);
  });
  await store.write(Buffer.from(NEW));
  const half = NEW.slice(0, NEW.length >> 1) + OLD.slice(NEW.length >> 1);
  expect(seen).toEqual([
    ['target:journal', OLD, journal(OLD, NEW)],
    ['target:half-written', half, journal(OLD, NEW)],
  ]);
  expect(await readdir(dirname(path))).toEqual(['auth.json']);
});

describe.each([
  ['longer', OLD, NEW],
  ['shorter', NEW, OLD],
  ['of the same length', OLD, OLD.replace('old', 'new')],
  ['written into an empty file', '', NEW],
])('a writer that is killed while the file becomes %s', (_, before, after) => {
  const half = after.length >> 1;

  test.each([
    ['target:journal', before, before],
    ['target:half-written', after.slice(0, half) + before.slice(half), after],
  ] as const)('at %s leaves what the next one puts right', async (dieAt, left, end) => {
    const path = await toolFile(before);
    const { ino } = await stat(path);
    await killed({ action: 'write', path, text: after, dieAt });
    expect(await storeAt(path).unfinished?.()).toBe(true);
    expect(await readFile(path, 'utf8')).toBe(left);
    // The one who finishes it may be killed as well.
    if (left !== before) await killed({ action: 'sweep', path, dieAt });
    await storeAt(path).sweep();
    expect(await storeAt(path).unfinished?.()).toBe(false);
    expect(await readFile(path, 'utf8')).toBe(end);
    expect(await readdir(dirname(path))).toEqual(['auth.json']);
    expect((await stat(path)).ino).toBe(ino);
  });
});

describe('what is found beside a journal', () => {
  const bytes = fc.uint8Array({ maxLength: 60 });

  test('a write that was broken off anywhere is finished, unless nothing of it is there', async () => {
    const path = await toolFile();
    await fc.assert(
      fc.asyncProperty(bytes, bytes, fc.nat(), async (before, after, cut) => {
        const done = cut % (after.length + 1);
        const torn = Buffer.concat([after.subarray(0, done), before.subarray(done)]);
        const end = await swept(path, torn, journal(before, after));
        expect(end).toEqual(torn.equals(before) ? torn : Buffer.from(after));
      }),
    );
  });

  test('two JSON objects are never mixed, wherever the write was broken off', async () => {
    const path = await toolFile();
    const one = JSON.stringify({ access: 'a1', refresh: 'r1', expires: 1 });
    const two = JSON.stringify({ access: 'a2', refresh: 'r2', expires: 2 });
    for (let cut = 0; cut <= two.length; cut++) {
      const torn = two.slice(0, cut) + one.slice(cut);
      expect([one, two]).toContain(String(await swept(path, torn, journal(one, two))));
    }
  });

  test('blocks that a power cut kept in any order, or lost, are finished', async () => {
    const path = await toolFile();
    const which = fc.array(fc.constantFrom('before', 'after', 'lost'), {
      minLength: NEW.length,
      maxLength: NEW.length,
    });
    await fc.assert(
      fc.asyncProperty(which, async (kept) => {
        const source = {
          before: OLD.padEnd(NEW.length),
          after: NEW,
          lost: '\0'.repeat(NEW.length),
        };
        const torn = kept.map((name, index) => source[name][index]).join('');
        const end = String(await swept(path, torn, journal(source.before, NEW)));
        expect(end).toBe(torn === source.before ? torn : NEW);
      }),
    );
  });

  test('an empty file is filled', async () => {
    expect(String(await swept(await toolFile(), '', journal(OLD, NEW)))).toBe(NEW);
  });

  test('what somebody has written since stays', async () => {
    const path = await toolFile();
    for (const since of ['{"token":"theirs"}', `${NEW.slice(0, -1)},"more":1}`, '{}']) {
      expect(String(await swept(path, since, journal(OLD, NEW)))).toBe(since);
    }
  });

  test.each([
    ['no JSON', '{"schema":1,'],
    ['another layout', JSON.stringify({ schema: 2, before: '', after: '' })],
    ['no base64', JSON.stringify({ schema: 1, before: '!', after: '' })],
    ['nothing', ''],
  ])('the file stays where the journal is damaged: %s', async (_, kept) => {
    expect(String(await swept(await toolFile(), OLD, kept))).toBe(OLD);
  });

  test('a file that is gone stays so', async () => {
    const path = await toolFile();
    await rm(path);
    await writeFile(journalOf(path), journal(OLD, NEW));
    await storeAt(path).sweep();
    expect(await readdir(dirname(path))).toEqual([]);
  });

  test('a file that others can read is closed to them before it is finished', async () => {
    const path = await toolFile(NEW.slice(0, 10));
    await chmod(path, 0o644);
    await writeFile(journalOf(path), journal(OLD, NEW));
    await storeAt(path, async () => {
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    }).sweep();
    expect(await readFile(path, 'utf8')).toBe(NEW);
  });

  test('a folder or a device in the journal’s place is told, and the file stays', async () => {
    for (const make of [mkdir, (at: string) => symlink('/dev/zero', at)]) {
      const path = await toolFile();
      await make(journalOf(path));
      await expect(storeAt(path).sweep()).rejects.toMatchObject({ code: 'tool-file-protected' });
      expect(await readFile(path, 'utf8')).toBe(OLD);
    }
  });
});
