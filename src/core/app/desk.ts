import type { AppState } from '../../shared/app-state.ts';
import { describeError, type ErrorDescription } from '../../shared/error-texts.ts';
import { type AppError, asAppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import type { Engine } from '../engine.ts';
import type { Vault } from '../vault/vault.ts';
import type { Shell } from './ports.ts';
import { changePrefs, type Prefs } from './prefs.ts';

/** What the parts of the desktop share. */
export interface DeskParts {
  readonly engine: Engine;
  readonly context: Context;
  /** For the settings. */
  readonly vault: Vault;
  readonly shell: Shell;
  state(): AppState;
  readonly prefs: Prefs;
  /** Reads everything anew, and tells if something has changed. Never rejects. */
  refresh(): Promise<void>;
  /** Tells what has changed without reading anything. */
  publish(): void;
}

/** An error in the words of this person's system. */
export function described(
  { context, shell }: Pick<DeskParts, 'context' | 'shell'>,
  error: AppError,
): ErrorDescription {
  const { platform, locale } = shell.facts();
  return describeError(error, { platform, locale, now: context.clock.now() });
}

/** Remembers a choice, and shows it. */
export async function choose(
  desk: DeskParts,
  change: (prefs: Prefs) => Partial<Prefs>,
): Promise<void> {
  await changePrefs(desk.vault, change);
  await desk.refresh();
}

/** Lets `work` go on by itself; what goes wrong with it is logged. */
export function inBackground(desk: Pick<DeskParts, 'context'>, work: Promise<unknown>): void {
  work.catch((error) => logFailure(desk, error));
}

/** For what nobody waits for. */
export function logFailure({ context }: Pick<DeskParts, 'context'>, error: unknown): void {
  const { code } = asAppError(error);
  context.log({ level: 'error', event: 'desktop-work-failed', fields: { code } });
}
