import type { Context } from '../../core/context.ts';
import { findProvider } from '../../core/providers/index.ts';
import type { ModeChoice } from '../../core/targets/decide.ts';
import type { TargetView } from '../../core/targets/report.ts';
import { TARGET_IDS, type TargetId } from '../../core/targets/target.ts';
import type { Withdrawal } from '../../core/targets/withdraw.ts';
import { AppError } from '../../shared/errors.ts';
import { noSuch } from '../../shared/nearest.ts';
import { wordsFor } from '../../shared/words.ts';
import type { Tools } from '../command.ts';
import { OWED } from '../exit-codes.ts';
import { paint, print, printJson } from '../output.ts';
import { linesFor, linesOfOff, linesOfWithdrawal, notFound, placeOfView } from '../target-words.ts';

const MODES: readonly ModeChoice[] = ['shared', 'access-only', 'off'];

/** What a person asks for a tool. */
export interface Ask {
  readonly tool: string;
  /** The mode, the folder, the service. */
  readonly value: string | null;
  readonly json: boolean;
}

/** Where the logins are written, and whether they are in step there. */
export async function targets(tools: Tools, json: boolean): Promise<number> {
  const views = await tools.engine.targets();
  if (json) {
    tellJson(views);
    return 0;
  }
  await show(tools, views.filter(isShown));
  const missing = views.filter((view) => !isShown(view));
  if (missing.length > 0) print(notFound(missing));
  return 0;
}

/** Has a tool get the login, as it did before if it was turned off. */
export async function enableTarget(tools: Tools, ask: Ask): Promise<number> {
  return setMode(tools, ask, 'on');
}

/** Takes our logins out of a tool, and gives it none from then on. */
export async function disableTarget(tools: Tools, ask: Ask): Promise<number> {
  return setMode(tools, ask, 'off');
}

/** Chooses how much of a login a tool gets. */
export async function changeMode(tools: Tools, ask: Ask): Promise<number> {
  const mode = MODES.find((each) => each === ask.value?.toLowerCase());
  if (!mode) throw new AppError('wrong-use', { hint: 'A mode is shared, access-only or off.' });
  return setMode(tools, ask, mode);
}

/** Moves a target to another folder and writes the login there. */
export async function moveTarget(tools: Tools, ask: Ask): Promise<number> {
  const id = targetNamed(ask.tool);
  const folder = ask.value ?? '';
  if (folder.trim() === '' || folder.includes('\0')) {
    throw new AppError('wrong-use', { hint: 'Name the folder, as in `.tachikoma`.' });
  }
  return conclude(tools, ask, id, await tools.engine.moveTarget(id, folder));
}

/** Puts our login into a tool, whatever is there. */
export async function takeTarget(tools: Tools, ask: Ask): Promise<number> {
  const id = targetNamed(ask.tool);
  const replaced = await tools.engine.takeTarget(id, ask.value);
  const provider = ask.value && findProvider(tools.context.providers, ask.value).id;
  const code = await conclude(tools, ask, id, [], provider);
  if (replaced && !ask.json) {
    print(`What was there is kept for 7 days: \`authbar targets restore ${id}\` puts it back.`);
  }
  return code;
}

/** Puts back what a take replaced. */
export async function restoreTarget(tools: Tools, ask: Ask): Promise<number> {
  const id = targetNamed(ask.tool);
  await tools.engine.restoreTarget(id, ask.value);
  if (!ask.json) print('What was there before is back.');
  await conclude(tools, ask, id, []);
  return 0;
}

async function setMode(tools: Tools, ask: Ask, mode: ModeChoice): Promise<number> {
  const id = targetNamed(ask.tool);
  return conclude(tools, ask, id, await tools.engine.setTargetMode(id, mode));
}

/**
 * Tells what a change came to.
 * @param provider The one that it was about; `null`: all.
 * @returns the exit code.
 */
async function conclude(
  tools: Tools,
  { json }: Ask,
  id: TargetId,
  withdrawals: readonly Withdrawal[],
  provider: string | null = null,
): Promise<number> {
  const views = await tools.engine.targets();
  const changed = views.filter(({ target }) => target === id);
  if (json) {
    tellJson(views);
  } else {
    const off = changed.filter((view) => isShown(view) && view.mode === 'off');
    await show(
      tools,
      changed.filter((view) => isShown(view) && view.mode !== 'off'),
    );
    for (const view of off) {
      print(paint(process.stdout, 'bold', placeOfView(view)));
      for (const line of linesOfOff(withdrawals)) print(line);
    }
    for (const { name } of changed.filter((view) => !isShown(view))) {
      print(
        `${name} is not on ${wordsFor(process.platform).computer} yet. It’s noted for when it is.`,
      );
    }
    // Two logins leave the same file: one line says it.
    const left = off.length > 0 ? [] : withdrawals.flatMap(linesOfWithdrawal);
    for (const line of new Set(left)) print(line);
  }
  const asked = changed
    .flatMap(({ entries }) => entries)
    .filter((entry) => provider === null || entry.provider === provider);
  const complete =
    asked.every(({ state }) => state === 'in-step') &&
    withdrawals.every(({ result }) => result !== 'failed');
  return complete ? 0 : OWED;
}

function tellJson(views: readonly TargetView[]): void {
  printJson({ targets: views.map(({ name: _, present: __, ...view }) => view) });
}

async function show({ engine, context }: Tools, views: readonly TargetView[]): Promise<void> {
  const { accounts, vault } = await engine.status();
  const undecided = vault.kind === null && (await mayUseKeychain(context));
  for (const view of views) {
    print(paint(process.stdout, 'bold', placeOfView(view)));
    const pending = undecided && view.target === 'keychain';
    for (const line of linesFor(context, view, accounts, pending)) print(`  ${line}`);
  }
}

/** A tool that is not here has one line for all of them. The keychain is no tool. */
function isShown({ installed, target, entries }: TargetView): boolean {
  return installed || target === 'keychain' || entries.length > 0;
}

/** Whether the first sign-in would choose the keychain. Never asks the person anything. */
async function mayUseKeychain({ env, keychain }: Context): Promise<boolean> {
  return env.AUTHBAR_VAULT !== 'file' && (await keychain.state()) !== 'unavailable';
}

/** The tool that a person names: `codex`, `Claude Code`. @throws AppError `wrong-use` with the list. */
export function targetNamed(name: string): TargetId {
  const id = name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
  const found = TARGET_IDS.find((each) => each === id || (each === 'synaps' && id === 'synapscli'));
  if (found) return found;
  throw new AppError('wrong-use', { hint: noSuch('tool', name, TARGET_IDS) });
}
