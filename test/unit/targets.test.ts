import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/core/context.ts';
import { createEngine } from '../../src/core/create.ts';
import { inShownOrder } from '../../src/core/targets/names.ts';
import { modeOf, targetsOf } from '../../src/core/targets/registry.ts';
import { TARGET_IDS, type Target, type TargetId } from '../../src/core/targets/target.ts';
import type { Settings } from '../../src/core/vault/settings.ts';
import { tempFolder } from '../support/temp-folder.ts';

const TOOLS: readonly TargetId[] = ['claude-code', 'pi', 'codex', 'synaps', 'opencode'];

interface Machine {
  readonly home: string;
  readonly all: readonly Target[];
  target(id: TargetId): Target;
  /** Where a target's file is, below the person's home. */
  place(id: TargetId): string;
}

interface Choices {
  readonly platform?: NodeJS.Platform;
  readonly env?: (home: string) => NodeJS.ProcessEnv;
  readonly targets?: (home: string) => Settings['targets'];
}

async function machine({ platform = 'linux', env, targets }: Choices = {}): Promise<Machine> {
  const home = await tempFolder();
  const { context } = await createEngine({
    env: { HOME: home, AUTHBAR_HOME: join(home, 'state'), ...env?.(home) },
    userHome: home,
  });
  const all = targetsOf({ ...context, platform } satisfies Context, {
    schema: 1,
    vault: 'file',
    keyId: 'k',
    targets: targets?.(home) ?? {},
  });
  const target = (id: TargetId) => {
    const found = all.find((each) => each.id === id);
    if (!found) throw new Error(id);
    return found;
  };
  return { home, all, target, place: (id) => relative(home, target(id).path ?? '') };
}

function modes(all: readonly Target[]): Record<string, string> {
  return Object.fromEntries(all.map(({ id, defaultMode }) => [id, defaultMode]));
}

describe('the targets', () => {
  it('are all there, in the order in which they are written', async () => {
    const { all } = await machine();
    expect(all.map(({ id }) => id)).toEqual(TARGET_IDS);
    expect(all.map(({ name }) => name)).toEqual([
      ...['Keychain', 'Peekaboo', 'Claude Code', 'Pi', 'Codex', 'SynapsCLI', 'opencode'],
    ]);
  });

  it('are shown in another: what most people know first, and the keychain, which is no program, last', () => {
    const shown = inShownOrder(TARGET_IDS.map((target) => ({ target })));
    expect(shown.map(({ target }) => target)).toEqual([
      ...['claude-code', 'codex', 'pi', 'peekaboo', 'opencode', 'synaps', 'keychain'],
    ]);
  });

  it('get both tokens, except where the tool cannot share them', async () => {
    const linux = {
      keychain: 'off',
      peekaboo: 'shared',
      'claude-code': 'shared',
      pi: 'shared',
      codex: 'shared',
      synaps: 'shared',
      opencode: 'access-only',
    };
    expect(modes((await machine()).all)).toEqual(linux);
    const mac = await machine({ platform: 'darwin' });
    expect(modes(mac.all)).toEqual({ ...linux, 'claude-code': 'off' });
  });

  it('have the mode that the person chose', async () => {
    const targets = { pi: { mode: 'off' as const }, codex: {} };
    const settings: Settings = { schema: 1, vault: 'file', keyId: 'k', targets };
    const { target } = await machine();
    expect(modeOf(target('pi'), settings)).toBe('off');
    expect(modeOf(target('codex'), settings)).toBe('shared');
  });

  it('keep a tool from renewing where its lock can', async () => {
    const { all } = await machine();
    const holding = all.filter(({ hold }) => hold !== undefined);
    expect(holding.map(({ id }) => id)).toEqual(['claude-code', 'pi']);
  });
});

describe('a tool', () => {
  it.each([
    ['pi', '.pi/agent/auth.json'],
    ['synaps', '.synaps-cli/auth.json'],
    ['codex', '.codex/auth.json'],
    ['claude-code', '.claude/.credentials.json'],
    ['opencode', '.local/share/opencode/auth.json'],
  ] as const)('%s is where it is by itself, on macOS too', async (id, path) => {
    expect((await machine()).place(id)).toBe(path);
    expect((await machine({ platform: 'darwin' })).place(id)).toBe(path);
  });

  it.each([
    ['pi', 'PI_CODING_AGENT_DIR', '/HOME/p', 'p/auth.json'],
    ['pi', 'PI_CODING_AGENT_DIR', '~/p', 'p/auth.json'],
    ['pi', 'PI_CODING_AGENT_DIR', '~', 'auth.json'],
    ['pi', 'PI_CODING_AGENT_DIR', '~p', '.pi/agent/auth.json'],
    ['pi', 'PI_CODING_AGENT_DIR', 'p', '.pi/agent/auth.json'],
    ['codex', 'CODEX_HOME', '/HOME/c/', 'c/auth.json'],
    ['codex', 'CODEX_HOME', '', '.codex/auth.json'],
    ['codex', 'CODEX_HOME', 'c', '.codex/auth.json'],
    ['claude-code', 'CLAUDE_CONFIG_DIR', '/HOME/c', 'c/.credentials.json'],
    ['opencode', 'XDG_DATA_HOME', '/HOME/data', 'data/opencode/auth.json'],
    ['opencode', 'XDG_DATA_HOME', 'data', '.local/share/opencode/auth.json'],
    ['opencode', 'XDG_DATA_HOME', '', '.local/share/opencode/auth.json'],
    ['synaps', 'SYNAPS_PROFILE', 'work', '.synaps-cli/work/auth.json'],
    ['synaps', 'SYNAPS_PROFILE', '', '.synaps-cli/auth.json'],
    ['synaps', 'SYNAPS_PROFILE', '.', '.synaps-cli/auth.json'],
    ['synaps', 'SYNAPS_PROFILE', '..', '.synaps-cli/auth.json'],
    ['synaps', 'SYNAPS_PROFILE', '../x', '.synaps-cli/auth.json'],
    ['synaps', 'SYNAPS_PROFILE', 'a\\b', '.synaps-cli/auth.json'],
    ['synaps', 'SYNAPS_PROFILE', '/etc', '.synaps-cli/auth.json'],
  ] as const)('%s is where %s=%s has it', async (id, name, value, path) => {
    const env = (home: string) => ({ [name]: value.replace('/HOME', home) });
    expect((await machine({ env })).place(id)).toBe(path);
  });

  it.each(TOOLS)('%s is where the person has it, whatever its own setting', async (id) => {
    const env = (home: string) => ({
      PI_CODING_AGENT_DIR: home,
      CODEX_HOME: home,
      CLAUDE_CONFIG_DIR: home,
      XDG_DATA_HOME: home,
      SYNAPS_PROFILE: 'work',
    });
    const name = id === 'claude-code' ? '.credentials.json' : 'auth.json';
    const below = await machine({ env, targets: () => ({ [id]: { path: 'my/tools' } }) });
    expect(below.place(id)).toBe(`my/tools/${name}`);
    const absolute = await machine({ env, targets: (home) => ({ [id]: { path: `${home}/t` } }) });
    expect(absolute.place(id)).toBe(`t/${name}`);
  });

  it.each(TOOLS)('%s is on the machine once its folder is', async (id) => {
    const { target } = await machine();
    const folder = dirname(target(id).path ?? '');
    expect(await target(id).installed()).toBe(false);
    await mkdir(dirname(folder), { recursive: true });
    await writeFile(folder, '');
    expect(await target(id).installed()).toBe(false);
    const other = await machine();
    await mkdir(dirname(other.target(id).path ?? ''), { recursive: true });
    expect(await other.target(id).installed()).toBe(true);
  });
});
