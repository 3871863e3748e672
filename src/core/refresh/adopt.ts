import * as v from 'valibot';
import { asAppError } from '../../shared/errors.ts';
import { type Grant, GrantSchema, sameOwner } from '../grant.ts';
import { LONGEST_LIFE } from '../oauth/expiry.ts';
import { identify } from '../oauth/identity.ts';
import { jwtExpiry } from '../oauth/jwt.ts';
import type { Provider } from '../providers/provider.ts';
import { NO_NOTE, relate } from '../targets/lineage.ts';
import {
  type Desk,
  noteTarget,
  type Place,
  placesOf,
  TARGET_DEADLINE,
} from '../targets/publish.ts';
import type { Bundle } from '../targets/target.ts';
import { commitGrant, newGrantId, type OpenAccount } from '../vault/account.ts';
import { remember } from '../vault/history.ts';
import { hashToken } from '../vault/ledger.ts';

/** Life that is assumed of an access token whose end nobody wrote down, ms. */
const UNKNOWN_LIFE = 60 * 60_000;

/** How long a tool may take between the two tokens of one login, ms. */
const SETTLING = 1000;

/**
 * Looks whether a tool renewed the login by itself, and takes over what it got once it is proven to be
 * the same person's. The caller holds the account's lock.
 */
export async function adopt(
  desk: Desk,
  account: OpenAccount,
  inUse: boolean,
): Promise<OpenAccount> {
  let current = account;
  for (const place of placesOf(desk, account.record, inUse)) {
    if (place.mode !== 'shared') continue;
    const bundle = await settledBundle(desk, place, current);
    const grant = bundle && (await proven(desk, current, bundle));
    if (!bundle || !grant) continue;
    current = await commitGrant(desk.vault, current, grant, current.record.estranged);
    await noteTarget(desk, current.record.id, place.target.id, noteOf(grant, desk));
    const { id } = current.record;
    await remember(desk.context, id, { event: 'adopted', target: place.target.id });
  }
  return current;
}

/**
 * What a tool renewed, once it has stopped writing: some write the two tokens one after the other, so that
 * one of ours beside a new one is looked at again.
 */
async function settledBundle(
  desk: Desk,
  place: Place,
  account: OpenAccount,
): Promise<Bundle | null> {
  const bundle = await renewedThere(desk, place, account);
  if (bundle === null || !isMixed(bundle, account)) return bundle;
  await desk.context.clock.sleep(SETTLING);
  return renewedThere(desk, place, account);
}

function isMixed(bundle: Bundle, { ledger }: OpenAccount): boolean {
  const { accessToken, refreshToken } = bundle;
  return refreshToken !== null && isOurs(accessToken, ledger) !== isOurs(refreshToken, ledger);
}

function isOurs(token: string, { ring }: OpenAccount['ledger']): boolean {
  return ring.includes(hashToken(token));
}

/** What a target holds instead of the vault's grant, if its tool renewed it. Reading never fails a renewal. */
async function renewedThere(
  desk: Desk,
  { target }: Place,
  { record, ledger }: OpenAccount,
): Promise<Bundle | null> {
  const note = ledger.targets[target.id] ?? NO_NOTE;
  // Nothing of ours there: nothing that a tool could have renewed, and a keychain read saved.
  if (note.grantId === null) return null;
  try {
    return await target.open(TARGET_DEADLINE, async (open) => {
      const held = await open.read(record);
      const renewed = relate(held, record.grant, ledger, note) === 'renewed-there';
      return renewed && held.kind === 'bundle' ? held.bundle : null;
    });
  } catch (error) {
    const fields = { target: target.id, code: asAppError(error).code };
    desk.context.log({ level: 'warn', event: 'target-unread', fields });
    return null;
  }
}

/** The bundle as a grant of ours, once its own tokens or the provider say that it is the same person's. */
async function proven(
  { context }: Desk,
  { record, ledger }: OpenAccount,
  bundle: Bundle,
): Promise<Grant | null> {
  // Our own access token beside another refresh token is an edit, or half of a write, but no renewal.
  if (!bundle.refreshToken || !record.grant || isOurs(bundle.accessToken, ledger)) return null;
  // A provider may leave the refresh token as it was; one from before that is no renewal's.
  const kept = bundle.refreshToken === record.grant.refreshToken;
  if (!kept && isOurs(bundle.refreshToken, ledger)) return null;
  const provider = context.providers[record.provider];
  const grant = grantOf(provider, bundle, record.grant, context.clock.now());
  if (!v.is(GrantSchema, grant)) return null;
  // Not by the id token, which is the vault's own and says nothing about what the tool holds.
  const shown = { accessToken: grant.accessToken, idToken: null };
  const { identity } = await identify(provider, shown, { send: context.send });
  return sameOwner(identity, record.identity) ? grant : null;
}

function grantOf(provider: Provider, bundle: Bundle, parent: Grant, now: number): Grant {
  const expiresAt = Math.min(expiryOf(provider, bundle, now), now + LONGEST_LIFE);
  return {
    ...parent,
    id: newGrantId(),
    parent: parent.id,
    accessToken: bundle.accessToken,
    refreshToken: bundle.refreshToken,
    expiresAt,
    life: Math.max(expiresAt - now, parent.life),
    obtainedAt: now,
  };
}

/** Where the token itself says when it ends, a file's word for it does not count. */
function expiryOf({ expiryFrom }: Provider, bundle: Bundle, now: number): number {
  const seconds = expiryFrom === 'jwt' ? jwtExpiry(bundle.accessToken) : null;
  return seconds === null ? (bundle.expiresAt ?? now + UNKNOWN_LIFE) : seconds * 1000;
}

function noteOf(grant: Grant, { context }: Desk) {
  return {
    access: hashToken(grant.accessToken),
    refresh: grant.refreshToken && hashToken(grant.refreshToken),
    grantId: grant.id,
    writtenAt: context.clock.now(),
    owed: null,
  };
}
