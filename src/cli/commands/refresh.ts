import type { Context } from '../../core/context.ts';
import type { RefreshReport } from '../../core/engine.ts';
import type { Tools } from '../command.ts';
import { gravestOf } from '../exit-codes.ts';
import { nextStep, tell } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { nameOf, nextRenewal } from '../words.ts';

/** How `authbar refresh` was asked. */
export interface RefreshCommandOptions {
  readonly force: boolean;
  readonly json: boolean;
}

/** Renews what is due, or what is named and forced. */
export async function refresh(
  { engine, context }: Tools,
  name: string | null,
  { force, json }: RefreshCommandOptions,
): Promise<number> {
  const reports = await engine.refresh(name, { force, byPerson: true });
  if (json) printJson({ accounts: reports.map(documentOf) });
  else if (reports.length === 0) print('Nobody is signed in. Nothing to renew.');
  else for (const report of reports) for (const line of linesOf(context, report)) print(line);
  return gravestOf(reports.flatMap(({ error }) => (error ? [error.code] : [])));
}

/** What became of one account: a line, and below it the next step where there is one. */
export function linesOf(context: Context, { account, how, error }: RefreshReport): string[] {
  const name = nameOf(context, account);
  if (error) {
    const told = tell(error);
    return [`${name}: ${told.message}`, `  ${nextStep(told)}`];
  }
  return [`${name}: ${RESULTS[how]}${nextRenewal(account, Date.now())}.`];
}

const RESULTS: Readonly<Record<RefreshReport['how'], string>> = {
  renewed: 'renewed',
  adopted: 'a tool had renewed it, and everyone has that now',
  'not-needed': 'not needed yet',
  failed: 'not renewed',
};

function documentOf({ account, how, error }: RefreshReport): object {
  const { id, provider, email, state, expiresAt, renewsAt } = account;
  return {
    account: id,
    provider,
    email,
    result: how,
    state,
    expiresAt,
    renewsAt,
    error: error && tell(error),
  };
}
