import { AppError, type ErrorCode } from '../../shared/errors.ts';
import { TARGET_IDS, type TargetId } from '../targets/target.ts';
import { choose, type DeskParts } from './desk.ts';
import type { DesktopHandlers } from './ports.ts';
import type { Prefs } from './prefs.ts';

type ToolCalls = Pick<
  DesktopHandlers,
  'tool:mode' | 'tool:take' | 'tool:leave' | 'tool:show-file' | 'tool:ask-consent'
>;

/** How the keychain says that the person, or nobody, let us in. */
const KEPT_OUT: ReadonlySet<ErrorCode | null> = new Set<ErrorCode | null>([
  'keychain-locked',
  'keychain-refused',
]);

/** What the person decides about a tool. */
export function toolCalls(desk: DeskParts): ToolCalls {
  return {
    'tool:mode': async ({ tool, mode }) => {
      const withdrawals = await desk.engine.setTargetMode(targetNamed(tool), mode);
      await desk.refresh();
      const kept = withdrawals.find(({ result }) => result === 'failed');
      if (kept) throw failure(kept);
    },
    'tool:take': async ({ tool, provider }) => {
      await desk.engine.takeTarget(targetNamed(tool), provider);
      const accounts = accountsIn(desk, tool, provider);
      await choose(desk, (prefs) => ({ leftAlone: without(prefs, tool, accounts) }));
    },
    'tool:leave': async ({ tool, provider }) => {
      const left = accountsIn(desk, tool, provider);
      await choose(desk, (prefs) => ({
        leftAlone: [...without(prefs, tool, left), ...left.map((account) => ({ tool, account }))],
      }));
    },
    'tool:show-file': async ({ tool }) => {
      const path = desk.state().tools.find(({ id }) => id === tool)?.path;
      if (path) desk.shell.showFile(path);
    },
    'tool:ask-consent': async ({ tool }) => ({ granted: await letIn(desk, targetNamed(tool)) }),
  };
}

/**
 * Writes the login for a tool that keeps it in the keychain, for which the system asks the person. Who says
 * no is not asked again: the tool is off then, and nothing in the background comes near it.
 */
async function letIn({ engine, vault, refresh }: DeskParts, id: TargetId): Promise<boolean> {
  await engine.setTargetMode(id, 'on');
  const view = (await engine.targets({ quiet: true })).find(({ target }) => target === id);
  const granted = view !== undefined && !view.entries.some(({ code }) => KEPT_OUT.has(code));
  if (!granted) {
    // Not through the engine: taking out what is there would ask once more.
    await vault.changeSettings((settings) => ({
      ...settings,
      targets: { ...settings.targets, [id]: { ...settings.targets[id], mode: 'off' } },
    }));
  }
  await refresh();
  return granted;
}

function failure({
  code,
  name,
  path,
}: {
  readonly code: ErrorCode | null;
  readonly name: string;
  readonly path: string | null;
}): AppError {
  return new AppError(code ?? 'unexpected', { tool: name, ...(path && { path }) });
}

/** The accounts whose login a tool is to have, or has somebody else's in its place. */
function accountsIn({ state }: Pick<DeskParts, 'state'>, tool: string, provider: string): string[] {
  const entries = state().tools.find(({ id }) => id === tool)?.entries ?? [];
  return entries.filter((entry) => entry.provider === provider).map(({ account }) => account);
}

function without(
  { leftAlone }: Pick<Prefs, 'leftAlone'>,
  tool: string,
  accounts: readonly string[],
): Prefs['leftAlone'] {
  return leftAlone.filter((each) => each.tool !== tool || !accounts.includes(each.account));
}

/** @throws AppError `wrong-use`. */
function targetNamed(tool: string): TargetId {
  const id = TARGET_IDS.find((each) => each === tool);
  if (!id) throw new AppError('wrong-use', { hint: 'There is no such tool.' });
  return id;
}
