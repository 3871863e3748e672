import { askEngine } from '../../core/broker/ask.ts';
import type { Context } from '../../core/context.ts';
import type { RefreshReport } from '../../core/engine.ts';
import { runningEngine } from '../../core/engine-lock.ts';
import type { AccountView } from '../../shared/account-view.ts';
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
  const reports = await askEngine(
    context,
    (running) => running.refresh(name, { force }),
    () => engine.refresh(name, { force, byPerson: true }),
  );
  const attended = (await runningEngine(context))?.hung === false;
  if (json) {
    printJson({ accounts: reports.map((report) => documentOf(report, attended)) });
  } else if (reports.length === 0) {
    print('Nobody is signed in. Nothing to renew.');
  } else {
    const { accounts } = await engine.status();
    const lines = reports.flatMap((report) => linesOf(context, report, accounts, attended));
    for (const line of lines) print(line);
  }
  return gravestOf(reports.flatMap(({ error }) => (error ? [error.code] : [])));
}

/**
 * What became of one account: a line, and below it the next step where there is one.
 * @param all All accounts that there are.
 * @param attended Whether a process keeps the logins fresh.
 */
export function linesOf(
  context: Context,
  { account, how, error }: RefreshReport,
  all: readonly AccountView[],
  attended: boolean,
): string[] {
  const name = nameOf(context, account, all);
  if (error) {
    const told = tell(error, attended);
    return [`${name}: ${told.message}`, `  ${nextStep(told)}`];
  }
  const next = how === 'signed-out' ? '' : nextRenewal(account, Date.now());
  return [`${name}: ${RESULTS[how]}${next}.`];
}

const RESULTS: Readonly<Record<RefreshReport['how'], string>> = {
  renewed: 'renewed',
  adopted: 'a tool had renewed it, and everyone has that now',
  'not-needed': 'not needed yet',
  failed: 'not renewed',
  'signed-out': 'its sign-out is finished',
};

function documentOf({ account, how, error }: RefreshReport, attended: boolean): object {
  const { id, provider, email, state, expiresAt, renewsAt } = account;
  return {
    account: id,
    provider,
    email,
    result: how,
    state,
    expiresAt,
    renewsAt,
    error: error && tell(error, attended),
  };
}
