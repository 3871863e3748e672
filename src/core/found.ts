import type { Context } from './context.ts';
import { type Identity, NO_IDENTITY, type ProviderId, sameOwner } from './grant.ts';
import { identify } from './oauth/identity.ts';
import { providerOf } from './providers/index.ts';
import { isKnown } from './targets/lineage.ts';
import type { Desk } from './targets/publish.ts';
import { targetsOf } from './targets/registry.ts';
import type { Bundle, Target, TargetId } from './targets/target.ts';
import { allAccounts, type Known } from './vault/roster.ts';

/** A login that tools have by themselves. What it consists of stays with them. */
export interface FoundLogin {
  readonly provider: ProviderId;
  readonly email: string | null;
  readonly workspace: string | null;
  /** The account of ours that belongs to the same person; `null`: there is none, or nobody knows. */
  readonly account: string | null;
  /** It has run out, or the service did not answer: nobody can say whose it is. */
  readonly unknown: boolean;
  /** Those that have it, in the order in which they are known here. */
  readonly tools: readonly { readonly target: TargetId; readonly name: string }[];
}

/** What one tool has. */
interface Find {
  readonly target: Target;
  readonly provider: ProviderId;
  readonly identity: Identity | null;
}

/**
 * Looks through the tools' files for logins that did not come from here, and asks their service whose they
 * are, which is shown the access token that the tool would show it. Nothing is written, and nothing of a
 * login is kept: two programs that renew one login burn it, so each gets one of its own. What the system
 * keeps for a tool is not opened: it would ask the person, for each.
 */
export async function findLogins(desk: Desk): Promise<FoundLogin[]> {
  const known = await allAccounts(desk.vault);
  const targets = targetsOf(desk.context, desk.settings).filter(({ path }) => path !== null);
  const finds = await Promise.all(targets.map((target) => findIn(desk.context, target, known)));
  const groups: Find[][] = [];
  for (const find of finds.flat()) {
    const group = groups.find(([first]) => first && isSame(first, find));
    if (group) group.push(find);
    else groups.push([find]);
  }
  return groups.flatMap((group) => loginOf(group, known));
}

async function findIn(context: Context, target: Target, known: readonly Known[]): Promise<Find[]> {
  if (!(await target.installed())) return [];
  const providers = Object.values(context.providers).filter(({ id }) => target.serves(id));
  const finds = providers.map(async ({ id: provider }): Promise<Find[]> => {
    const bundle = await bundleIn(target, provider);
    const ours = bundle && known.some(({ ledger }) => isKnown(bundle, ledger));
    if (!bundle || ours) return [];
    context.secrets.add(bundle.accessToken);
    return [{ target, provider, identity: await identityIn(context, provider, bundle) }];
  });
  return (await Promise.all(finds)).flat();
}

/** What cannot be read is no find: `targets` tells why. */
async function bundleIn(target: Target, provider: ProviderId): Promise<Bundle | null> {
  const holder = { provider, id: '', identity: NO_IDENTITY };
  const held = await target.read(holder).catch(() => null);
  return held?.kind === 'bundle' ? held.bundle : null;
}

async function identityIn(
  { providers, send }: Context,
  provider: ProviderId,
  { accessToken }: Bundle,
): Promise<Identity | null> {
  const { identity, known } = await identify(
    providerOf(providers, provider),
    { accessToken, idToken: null },
    { send },
  );
  return known ? identity : null;
}

/** One whose owner is unknown is nobody's but the tool's. */
function isSame(a: Find, b: Find): boolean {
  if (a.provider !== b.provider || a.identity === null || b.identity === null) return false;
  return sameOwner(a.identity, b.identity);
}

/** One person's login, from all the finds of it. */
function loginOf(finds: readonly Find[], known: readonly Known[]): FoundLogin[] {
  const [first] = finds;
  if (!first) return [];
  const { provider, identity } = first;
  const owner = known.find(
    ({ facts, ledger }) =>
      ledger.tombstone === null &&
      facts.provider === provider &&
      identity !== null &&
      sameOwner(facts.identity, identity),
  );
  return [
    {
      provider,
      email: identity?.email ?? null,
      workspace: identity?.workspace ?? null,
      account: owner?.facts.id ?? null,
      unknown: identity === null,
      tools: finds.map(({ target }) => ({ target: target.id, name: target.name })),
    },
  ];
}
