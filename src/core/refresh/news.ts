import * as v from 'valibot';
import type { Context } from '../context.ts';
import { type Grant, GrantSchema, TokenSchema } from '../grant.ts';
import { LONGEST_LIFE } from '../oauth/expiry.ts';
import { jwtExpiry } from '../oauth/jwt.ts';
import { providerOf } from '../providers/index.ts';
import type { Provider } from '../providers/provider.ts';
import { noteAbout } from '../targets/lineage.ts';
import { type Ownership, ownerOf } from '../targets/owner.ts';
import type { Place } from '../targets/places.ts';
import { type Desk, noteTarget } from '../targets/publish.ts';
import type { Bundle, Held } from '../targets/target.ts';
import { newGrantId, type OpenAccount } from '../vault/account.ts';
import { hashToken, type Ledger, type TargetNote } from '../vault/ledger.ts';

/** Life that is assumed of an access token whose end nobody wrote down, ms. */
const UNKNOWN_LIFE = 60 * 60_000;

/** How long an owner who could not be found out is not asked for again, ms. */
const ASK_PAUSE = 15 * 60_000;

/** What was noted of a place, or that nothing was. */
export function savedNote({ ledger }: OpenAccount, { target }: Place): TargetNote {
  return noteAbout(target, ledger);
}

/** The note of a place that holds `grant`, both tokens of it. */
export function noteOf(grant: Grant, now: number): TargetNote {
  return {
    access: hashToken(grant.accessToken),
    refresh: grant.refreshToken && hashToken(grant.refreshToken),
    grantId: grant.id,
    writtenAt: now,
    owed: null,
  };
}

/** One token of ours beside one that is not: some tools write the two one after the other. */
export function isMixed(held: Held, ledger: Pick<Ledger, 'ring'>): boolean {
  if (held.kind !== 'bundle' || held.bundle.refreshToken === null) return false;
  return isOurs(held.bundle.accessToken, ledger) !== isOurs(held.bundle.refreshToken, ledger);
}

/** The bundle as a grant, if it can be what a renewal brought; `null` for an edit or half of a write. */
export function grantFrom(
  { providers, clock }: Context,
  { record, ledger }: OpenAccount,
  bundle: Bundle,
): Grant | null {
  const parent = record.grant;
  // Our own access token beside another refresh token is an edit, or half of a write, but no renewal.
  if (!bundle.refreshToken || !parent || isOurs(bundle.accessToken, ledger)) return null;
  // A provider may leave the refresh token as it was; one from before that is no renewal's.
  const same = bundle.refreshToken === parent.refreshToken;
  if (!same && isOurs(bundle.refreshToken, ledger)) return null;
  const grant = toGrant(providerOf(providers, record.provider), bundle, parent, clock.now());
  return v.is(GrantSchema, grant) ? grant : null;
}

/**
 * Whose the bundle is. Each token is asked about once, or every quarter of an hour while nobody answers:
 * a login of somebody else's is not shown to the service at every look.
 */
export async function ownerAt(
  desk: Desk,
  account: OpenAccount,
  place: Place,
  bundle: Bundle,
): Promise<Ownership['whose']> {
  const { id } = account.record;
  const now = desk.context.clock.now();
  const token = hashToken(bundle.accessToken);
  const note = savedNote(account, place);
  const { stranger } = note;
  const known =
    stranger?.token === token && (stranger.whose !== 'unknown' || now < stranger.at + ASK_PAUSE);
  if (known) return stranger.whose;
  const { whose, name } = await ownerOf(desk.context, account.record, bundle);
  const asked = { ...note, stranger: { token, whose, at: now }, holder: name };
  if (whose !== 'same') await noteTarget(desk, id, place.target, asked);
  return whose;
}

function isOurs(token: string, { ring }: Pick<Ledger, 'ring'>): boolean {
  return ring.includes(hashToken(token));
}

function toGrant(provider: Provider, bundle: Bundle, parent: Grant, now: number): Grant {
  const expiresAt = Math.min(expiryOf(provider, bundle, parent, now), now + LONGEST_LIFE);
  const life = Math.max(expiresAt - now, parent.life);
  return {
    ...parent,
    id: newGrantId(),
    parent: parent.id,
    accessToken: bundle.accessToken,
    refreshToken: bundle.refreshToken,
    // Tools that need no id token keep none; the vault's own still says who it is.
    idToken: v.is(TokenSchema, bundle.idToken) ? bundle.idToken : parent.idToken,
    expiresAt,
    life,
    // When the tool got it, not when we saw it: one that has run out is renewed at once.
    obtainedAt: Math.min(now, expiresAt - life),
  };
}

/**
 * Where the token itself says when it ends, a file's word for it does not count. It says so by the issuer's
 * clock: the grant before it tells how far that one is from ours.
 */
function expiryOf({ expiryFrom }: Provider, bundle: Bundle, parent: Grant, now: number): number {
  const [end, before] = [bundle, parent].map(({ accessToken }) =>
    expiryFrom === 'jwt' ? jwtExpiry(accessToken) : null,
  );
  if (!end) return bundle.expiresAt ?? now + UNKNOWN_LIFE;
  return end * 1000 + (before ? parent.expiresAt - before * 1000 : 0);
}
