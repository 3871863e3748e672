import type { AccountView } from '../shared/account-view.ts';
import { AppError, asAppError } from '../shared/errors.ts';
import type { Context } from './context.ts';
import { isOfAnother } from './oauth/token-endpoint.ts';
import { providerOf, providerShown } from './providers/index.ts';
import type { Desk } from './targets/publish.ts';
import { nameGiven } from './vault/choices.ts';
import type { VaultState } from './vault/key.ts';
import { isKeyless } from './vault/keys.ts';
import { recover } from './vault/recover.ts';
import { allAccounts, inOrder, inUseIds, type Known } from './vault/roster.ts';
import type { VaultKind } from './vault/settings.ts';
import { type Facts, viewOf } from './vault/view.ts';

/** What `status` tells. */
export interface Status {
  readonly vault: { readonly kind: VaultKind | null; readonly state: VaultState };
  /** As the person has put them, else as they were added. */
  readonly accounts: readonly AccountView[];
}

/** Everything that is known without a key. */
export interface Survey {
  readonly status: Status;
  readonly known: readonly Known[];
}

/** Looks at every account. Asks nobody; reads no login unless a crash left one half done. */
export async function survey(desk: Desk): Promise<Survey> {
  const { context, vault: kept } = desk;
  await recover(desk);
  const vault = await kept.describe();
  const known = await allAccounts(kept);
  const inUse = inUseIds(known, desk.settings);
  const ownMachine = await kept.isOwnMachine();
  // Another process may have added or removed one.
  await context.custom.reload();
  const now = context.clock.now();
  const views = await Promise.all(
    known.map(async ({ facts, ledger }) => {
      const gone = vault.kind === 'file' && (await isKeyless(context, facts.id));
      return viewOf(facts, ledger, {
        now,
        vault: gone ? 'gone' : vault.state,
        ownMachine,
        present: await kept.hasRecord(facts.id),
        inUse: inUse.has(facts.id),
        name: nameGiven(desk.settings, facts.id),
        providerGone: isGone(context, facts),
      });
    }),
  );
  const order = inOrder(
    views.map(({ id }) => id),
    desk.settings,
  );
  const accounts = views.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  return { status: { vault, accounts }, known };
}

/** Its id may be another service's by now. */
function isGone({ providers }: Context, { provider: id, origin }: Facts): boolean {
  const provider = providerOf(providers, id);
  return provider.gone === true || (origin !== undefined && isOfAnother({ origin }, provider));
}

/** `error` with the name of the service, which what lies below the engine often does not know. */
export function about({ providers }: Context, { provider }: AccountView, error: unknown): AppError {
  const coded = asAppError(error);
  if (coded.details.service) return coded;
  const { service } = providerShown(providers, provider);
  return new AppError(coded.code, { ...coded.details, service }, coded.cause ?? coded);
}
