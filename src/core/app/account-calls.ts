import type { AccountView } from '../../shared/account-view.ts';
import type { AppState, CheckReport, SignOutView } from '../../shared/app-state.ts';
import { AppError } from '../../shared/errors.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import type { UsageView } from '../../shared/usage.ts';
import { wordsFor } from '../../shared/words.ts';
import { CHECK_TIMEOUT, type Check, checkAll } from '../check.ts';
import { readHistory } from '../history.ts';
import { loginCheckable, sourceOf } from '../login-check.ts';
import { providerShown } from '../providers/index.ts';
import type { SignOutReport } from '../sign-out.ts';
import { inShownOrder } from '../targets/names.ts';
import type { Withdrawal } from '../targets/withdraw.ts';
import { type Usage, usageOf } from '../usage.ts';
import { cleanName } from '../vault/choices.ts';
import type { DeskParts } from './desk.ts';
import { accountPage } from './links.ts';
import type { DesktopHandlers } from './ports.ts';
import { accountOf } from './snapshot.ts';

type AccountCalls = Pick<
  DesktopHandlers,
  | 'account:check'
  | 'account:history'
  | 'account:usage'
  | 'account:use'
  | 'account:move'
  | 'account:rename'
  | 'account:sign-out'
  | 'account:open-service'
>;

/** What the person does with an account. */
export function accountCalls(desk: DeskParts, checks: Checks): AccountCalls {
  return {
    'account:check': ({ account }) => checks.run(account),
    'account:history': ({ account }) => readHistory(desk.context, [account]),
    'account:usage': async ({ account }) => {
      const { engine, context } = desk;
      const view = required(desk, account);
      // To look at a login is no reason to renew it.
      if ((view.expiresAt ?? 0) <= context.clock.now()) return null;
      return usageView(await usageOf(context, engine, view, 1));
    },
    // What keeps a tool from having it shows on the card.
    'account:use': async ({ account }) => {
      await desk.engine.use(required(desk, account).id, null);
      await desk.refresh();
    },
    'account:move': async ({ account, to }) => {
      await desk.engine.move(required(desk, account).id, to);
      await desk.refresh();
    },
    'account:rename': async ({ account, name }) => {
      await desk.engine.rename(required(desk, account).id, cleanName(name) || null);
      await desk.refresh();
    },
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
  const page = accountPage(providerShown(context.providers, provider));
  if (page === null || !(await openExternal(page))) throw new AppError('browser-not-opened');
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
   * Asks the service with each account's own access token, as `authbar check` does.
   * @param account `null`: all.
   * @throws AppError what kept this machine from asking at all.
   */
  async run(account: string | null): Promise<CheckReport[]> {
    const { accounts } = this.#desk.state();
    const chosen = account === null ? accounts : [required(this.#desk, account)];
    const ids = chosen.map(({ id }) => id);
    this.#count(ids, 1);
    try {
      const { context, engine } = this.#desk;
      const items = chosen.map((view) => loginCheckable(context, sourceOf(engine), view));
      return checkReports(ids, await checkAll(items, CHECK_TIMEOUT));
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

/** Of an account that could not even be asked about nothing is told, unless there is no other. */
function checkReports(accounts: readonly string[], checks: readonly Check[]): CheckReport[] {
  const told = accounts.flatMap((account, at): CheckReport[] => {
    const result = RESULTS[checks[at]?.result ?? 'unasked'];
    return result ? [{ account, result }] : [];
  });
  const [first] = checks;
  if (told.length === 0 && first?.error) throw first.error;
  return told;
}

/** Whoever waited for an answer in vain has not reached the service. */
const RESULTS: Readonly<Record<Check['result'], CheckReport['result'] | null>> = {
  works: 'works',
  refused: 'refused',
  unreachable: 'unreachable',
  'timed-out': 'unreachable',
  unasked: null,
};

/** What is not known shows as little as what is not offered: nobody has to do anything about it. */
function usageView(usage: Usage): UsageView | null {
  if (usage.kind === 'untold') return { windows: null };
  return usage.kind === 'told' && usage.windows.length > 0 ? { windows: usage.windows } : null;
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
