import type { AccountView } from '../shared/account-view.ts';
import { AppError, asAppError, hasCode } from '../shared/errors.ts';
import { providerOf } from './providers/index.ts';
import { troubleError } from './refresh/attempt.ts';
import { renew } from './refresh/renew.ts';
import type { Desk } from './targets/publish.ts';
import { type AccessToken, lasts, tokenOf } from './token.ts';
import type { OpenAccount } from './vault/account.ts';

/** How long a token that still works is held back for a renewal in another process, ms. */
const SHORT_WAIT = 5000;

/**
 * A token of a login that has too little life left, or with which something is wrong: renewed if it has
 * to be, else what there is.
 * @throws AppError when there is none that works: `no-such-login`, `login-ended` and its kin,
 * `unreachable` and its kin, what the keychain throws.
 */
export async function renewedToken(
  desk: Desk,
  view: AccountView,
  minLife: number,
): Promise<AccessToken> {
  if (view.code === 'sign-out-unfinished') throw new AppError('no-such-login');
  await desk.vault.requireOwn(view.id);
  const record = await desk.vault.readRecord(view.id);
  // A renewal came back as somebody else's: nobody asked for that person's login.
  if (record?.estranged) {
    const { service } = providerOf(desk.context.providers, record.provider);
    throw new AppError('other-account', { service });
  }
  const now = desk.context.clock.now();
  if (record?.grant && lasts(record.grant, minLife, now)) {
    const ledger = await desk.vault.readLedger(view.id);
    const over = ledger.trouble?.end === 'over' ? troubleError(desk, { record, ledger }) : null;
    return tokenOf(desk.context.providers, record, record.grant, over);
  }
  // Whoever has a token that works does not wait for another process's slow network.
  const works = record?.grant && lasts(record.grant, 1, now) ? record : null;
  try {
    return await afterRenewal(desk, view, minLife, works ? SHORT_WAIT : undefined);
  } catch (error) {
    // Whatever keeps the renewal from being tried, what still works is handed out, if it is still this
    // person's and this machine's.
    const gone = hasCode(error, 'no-such-login', 'other-computer', 'other-account');
    if (gone || !works?.grant) throw error;
    return tokenOf(desk.context.providers, works, works.grant, asAppError(error));
  }
}

async function afterRenewal(
  desk: Desk,
  { id }: AccountView,
  minLife: number,
  wait: number | undefined,
): Promise<AccessToken> {
  const now = () => desk.context.clock.now();
  const wanted = ({ record: { grant } }: OpenAccount) => !grant || !lasts(grant, minLife, now());
  const request = { id, wanted, byPerson: false, ...(wait === undefined ? {} : { wait }) };
  const { account, how } = await renew(desk, request);
  const error = how === 'failed' ? troubleError(desk, account) : null;
  const { record } = account;
  if (!record.grant || !lasts(record.grant, 1, now())) throw error ?? troubleError(desk, account);
  return tokenOf(desk.context.providers, record, record.grant, error);
}
