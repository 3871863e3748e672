import type { AccountView } from '../../shared/account-view.ts';
import type { AppState, CheckReport, SignOutView } from '../../shared/app-state.ts';
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { wordsFor } from '../../shared/words.ts';
import type { RefreshReport } from '../engine.ts';
import { readHistory } from '../history.ts';
import { findProvider } from '../providers/index.ts';
import type { SignOutReport } from '../sign-out.ts';
import { inShownOrder } from '../targets/names.ts';
import type { Withdrawal } from '../targets/withdraw.ts';
import type { DeskParts } from './desk.ts';
import { ACCOUNT_PAGES } from './links.ts';
import type { DesktopHandlers } from './ports.ts';
import { accountOf } from './snapshot.ts';

type AccountCalls = Pick<
  DesktopHandlers,
  'account:check' | 'account:history' | 'account:sign-out' | 'account:open-service'
>;

/** What keeps us from the service, or the service from answering: nobody knows how the login is. */
const UNREACHED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'asked-to-wait',
  'clock-wrong',
  'network-page',
  'network-password',
  'not-private',
  'offline',
  'service-refused',
  'unreachable',
]);

/** What the person does with an account. */
export function accountCalls(desk: DeskParts, checks: Checks): AccountCalls {
  return {
    'account:check': ({ account }) => checks.run(account),
    'account:history': ({ account }) => readHistory(desk.context, [account]),
    'account:sign-out': async ({ account }) => {
      const { kind } = desk.state().vault;
      const report = await desk.engine.logout(account);
      await desk.refresh();
      return signOutView(report, desk.context.platform, kind);
    },
    'account:open-service': async ({ account }) => openService(desk, required(desk, account)),
  };
}

/** Opens the service's own page about an account. @throws AppError `browser-not-opened`. */
export async function openService(
  { context, shell: { openExternal } }: Pick<DeskParts, 'context' | 'shell'>,
  { provider }: Pick<AccountView, 'provider'>,
): Promise<void> {
  const { id } = findProvider(context.providers, provider);
  if (!(await openExternal(ACCOUNT_PAGES[id]))) throw new AppError('browser-not-opened');
}

/** The accounts that the person has asked about, while they wait for the answer. */
export class Checks {
  readonly #desk: DeskParts;
  readonly #running = new Map<string, number>();

  constructor(desk: DeskParts) {
    this.#desk = desk;
  }

  get ids(): readonly string[] {
    return [...this.#running.keys()];
  }

  /**
   * Asks the service for a renewal, which nothing but a login that works gets.
   * @param account `null`: all.
   * @throws AppError what kept this machine from asking at all.
   */
  async run(account: string | null): Promise<CheckReport[]> {
    const all = this.#desk.state().accounts.map(({ id }) => id);
    const ids = account === null ? all : [required(this.#desk, account).id];
    this.#count(ids, 1);
    try {
      const reports = await this.#desk.engine.look(ids, { force: true, byPerson: true });
      return checkReports(reports);
    } finally {
      this.#count(ids, -1);
      await this.#desk.refresh();
    }
  }

  #count(ids: readonly string[], change: number): void {
    for (const id of ids) {
      const count = (this.#running.get(id) ?? 0) + change;
      if (count > 0) this.#running.set(id, count);
      else this.#running.delete(id);
    }
    this.#desk.publish();
  }
}

/** Of an account that this machine could not even ask about nothing is told, unless there is no other. */
function checkReports(reports: readonly RefreshReport[]): CheckReport[] {
  const told = reports.flatMap(({ account, error }): CheckReport[] => {
    const result = resultOf(account, error);
    return result ? [{ account: account.id, result }] : [];
  });
  const [unasked] = reports;
  if (told.length === 0 && unasked?.error) throw unasked.error;
  return told;
}

function resultOf({ state }: AccountView, error: AppError | null): CheckReport['result'] | null {
  if (!error) return 'works';
  if (state === 'sign-in-again' || state === 'paused') return 'refused';
  return UNREACHED.has(error.code) ? 'unreachable' : null;
}

function signOutView(
  { withdrawals, revoked, unended }: SignOutReport,
  platform: NodeJS.Platform,
  keptIn: AppState['vault']['kind'],
): SignOutView {
  const { keychain } = wordsFor(platform);
  const placeOf = ({ target, name }: Withdrawal) => (target === 'keychain' ? keychain : name);
  const all = inShownOrder(withdrawals);
  const removed = all.filter(({ result }) => result === 'removed').map(placeOf);
  return {
    // The sealed login is no target’s: it went with the account.
    removed: keptIn === 'file' ? [...removed, TEXTS.keptIn.inFile] : removed,
    kept: all
      .filter(({ result }) => result === 'failed')
      .map((each) => ({ tool: each.target, name: placeOf(each) })),
    ended: revoked || (unended ? false : null),
  };
}

function required(desk: Pick<DeskParts, 'state'>, id: string): AccountView {
  const account = accountOf(desk.state(), id);
  if (!account) throw new AppError('no-such-login');
  return account;
}
