import { execFileSync } from 'node:child_process';
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/shared/errors.ts';
import { startWorld, type World } from '../support/engine.ts';
import { activeTokens, peekaboo } from '../support/look.ts';
import { isRoot, NOBODY } from '../support/nobody.ts';
import {
  entryStates,
  install,
  outOfStep,
  SERVICES,
  SOME_HOMES,
  type ToolId,
  toolFile,
  toolsFor,
} from '../support/tools.ts';

/** What stands where a tool's file belongs. */
interface Obstacle {
  readonly name: string;
  /** The file is not where it was then. */
  readonly instead?: boolean;
  readonly put: (file: string) => Promise<unknown>;
  /** Left out: what `put` made goes away. */
  readonly undo?: (file: string) => Promise<unknown>;
  readonly state: 'not-writable' | 'unreadable';
  readonly code: ErrorCode;
}

const REFUSED = { state: 'not-writable', code: 'tool-file-protected' } as const;
const DAMAGED = { state: 'unreadable', code: 'tool-file-damaged', instead: true } as const;

const OBSTACLES: readonly Obstacle[] = [
  {
    ...REFUSED,
    name: 'a folder in its place',
    instead: true,
    put: async (file) => {
      await mkdir(file);
      await writeFile(join(file, 'mine'), 'x');
    },
  },
  {
    ...REFUSED,
    name: 'a pipe in its place',
    instead: true,
    put: async (file) => execFileSync('mkfifo', [file]),
  },
  {
    ...REFUSED,
    name: 'a link to /dev/null',
    instead: true,
    put: (file) => symlink('/dev/null', file),
  },
  {
    ...REFUSED,
    name: 'a link in a circle',
    instead: true,
    put: (file) => symlink(basename(file), file),
  },
  {
    ...REFUSED,
    name: 'a second name',
    put: (file) => link(file, `${file}.other`),
    undo: (file) => rm(`${file}.other`),
  },
  {
    ...REFUSED,
    name: 'a file that may only be read',
    put: (file) => chmod(file, 0o400),
    undo: (file) => chmod(file, 0o600),
  },
  {
    ...REFUSED,
    name: 'a folder that others can change',
    put: (file) => chmod(dirname(file), 0o777),
    undo: (file) => chmod(dirname(file), 0o700),
  },
  {
    ...DAMAGED,
    name: 'a file of 5 MB',
    put: (file) => writeFile(file, JSON.stringify({ mine: 'x'.repeat(5 * 1024 * 1024) })),
  },
  {
    ...DAMAGED,
    name: 'a file that is nested 10,000 levels deep',
    put: (file) => writeFile(file, `{"mine":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
  },
  {
    ...DAMAGED,
    name: 'a file that ends in the middle',
    put: (file) => writeFile(file, '{"mine": {"access": "x", "type"'),
  },
];

const NEEDS_ROOT: readonly Obstacle[] = [
  {
    ...REFUSED,
    name: 'a file of somebody else',
    put: (file) => chown(file, NOBODY, NOBODY),
    undo: (file) => chown(file, process.geteuid?.() ?? 0, process.getegid?.() ?? 0),
  },
  {
    ...REFUSED,
    name: 'a folder of somebody else',
    put: (file) => chown(dirname(file), NOBODY, NOBODY),
    undo: (file) => chown(dirname(file), process.geteuid?.() ?? 0, process.getegid?.() ?? 0),
  },
];

async function put({ put, instead }: Obstacle, file: string): Promise<void> {
  if (instead) await rename(file, `${file}.mine`);
  await put(file);
}

async function undo({ undo, instead }: Obstacle, file: string): Promise<void> {
  await undo?.(file);
  if (!instead) return;
  await rm(file, { recursive: true });
  await rename(`${file}.mine`, file);
}

/** All that a write could change of what is there. */
async function picture(file: string): Promise<unknown> {
  const entry = await lstat(file);
  const { ino, mode, uid, nlink, size, mtimeMs } = entry;
  const bytes = entry.isFile() ? (await readFile(file)).toString('base64') : null;
  const target = entry.isSymbolicLink() ? await readlink(file) : null;
  const folder = (await stat(dirname(file))).mode;
  return { ino, mode, uid, nlink, size, mtimeMs, bytes, target, folder };
}

/** A machine with every tool on it, signed in. */
async function signedIn(provider: keyof typeof SERVICES): Promise<World> {
  const world = await startWorld();
  await install(world, ...toolsFor(provider));
  await world.signIn(SERVICES[provider]);
  world.clock.hurry(2000);
  return world;
}

describe.each(SOME_HOMES)('%s', (tool, provider) => {
  const others = toolsFor(provider).filter((other) => other !== tool);

  /** The vault and all the others have a login that is good, and this tool's entry is like that. */
  async function expectRefused(world: World, { state, code }: Obstacle): Promise<void> {
    expect(await outOfStep(world, provider, others)).toEqual([]);
    const { accessToken } = await world.engine.token(SERVICES[provider], 0);
    expect(await peekaboo(world)).toContain(accessToken);
    expect(activeTokens(world)).toHaveLength(1);
    const states = new Map<ToolId, unknown>(others.map((other) => [other, ['in-step', null]]));
    states.set(tool, [state, code]);
    expect(await entryStates(world)).toEqual(states);
  }

  test.each(isRoot ? [...OBSTACLES, ...NEEDS_ROOT] : OBSTACLES)(
    'with $name stays as it is, and gets the login once that is gone',
    async (obstacle) => {
      const world = await signedIn(provider);
      const file = toolFile(world, tool);
      const devNull = (await stat('/dev/null')).mode;
      await put(obstacle, file);
      const before = await picture(file);
      const [report] = await world.engine.refresh(null, { force: true });
      expect(report).toMatchObject({ how: 'renewed', error: null });
      await expectRefused(world, obstacle);
      // A look that finds nothing to do does no harm either.
      expect(await world.engine.refresh(null)).toMatchObject([{ how: 'not-needed', error: null }]);
      await expectRefused(world, obstacle);
      expect(await picture(file)).toEqual(before);
      expect((await stat('/dev/null')).mode).toBe(devNull);
      await undo(obstacle, file);
      await world.engine.refresh(null);
      expect(await outOfStep(world, provider)).toEqual([]);
      expect((await entryStates(world)).get(tool)).toEqual(['in-step', null]);
    },
  );

  test('with a folder in the place of its file does not keep the first sign-in from anybody', async () => {
    const world = await startWorld();
    await install(world, ...toolsFor(provider));
    const file = toolFile(world, tool);
    await mkdir(file);
    await world.signIn(SERVICES[provider]);
    await expectRefused(world, { ...REFUSED, name: '', put: async () => {} });
    await rm(file, { recursive: true });
    await world.engine.refresh(null);
    expect(await outOfStep(world, provider)).toEqual([]);
  });

  test.each([
    ['CRLF', '{\r\n  ', '\r\n'],
    ['a byte order mark', '\ufeff{\n  ', '\n'],
    ['both', '\ufeff{\r\n  ', '\r\n'],
    ['a comment', '{\n  // "access": "mine"\n  ', '\n'],
    [
      'keys that mean something to JavaScript',
      '{\n  "__proto__": { "access": "x", "type": "oauth" },\n  "constructor": 1,\n  ',
      '\n',
    ],
    ['a number beyond 2⁵³', '{\n  "mine": 12345678901234567890,\n  ', '\n'],
  ])('with %s keeps it, and is in step', async (_, head, lineEnd) => {
    const world = await signedIn(provider);
    const file = toolFile(world, tool);
    const own = JSON.stringify(JSON.parse(await readFile(file, 'utf8')), null, 2);
    await writeFile(file, head + own.replace(/^\{\s*/, '').replaceAll('\n', lineEnd));
    await world.engine.refresh(null, { force: true });
    expect(await outOfStep(world, provider)).toEqual([]);
    const text = await readFile(file, 'utf8');
    expect(text.slice(0, head.length)).toBe(head);
    expect(text.replaceAll(lineEnd, '')).not.toMatch(/[\r\n]/);
    expect(text.split(lineEnd)).toHaveLength((head + own).split('\n').length - 1);
    expect((await entryStates(world)).get(tool)).toEqual(['in-step', null]);
  });

  test('with its file elsewhere, behind a link, keeps the link', async () => {
    const world = await signedIn(provider);
    const file = toolFile(world, tool);
    const real = join(world.userHome, 'dotfiles', 'login');
    await mkdir(dirname(real), { mode: 0o700 });
    await rename(file, real);
    await symlink(real, file);
    await world.engine.refresh(null, { force: true });
    expect(await outOfStep(world, provider)).toEqual([]);
    expect(await readlink(file)).toBe(real);
    expect((await lstat(real)).isFile()).toBe(true);
  });
});
