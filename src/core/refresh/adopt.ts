import { asAppError } from '../../shared/errors.ts';
import { type Grant, sameOwner } from '../grant.ts';
import { identify } from '../oauth/identity.ts';
import { jwtExpiry } from '../oauth/jwt.ts';
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
    const bundle = await renewedThere(desk, place, current);
    const grant = bundle && (await proven(desk, current, bundle));
    if (!bundle || !grant) continue;
    current = await commitGrant(desk.vault, current, grant, current.record.estranged);
    await noteTarget(desk, current.record.id, place.target.id, noteOf(grant, desk));
    const { id } = current.record;
    await remember(desk.context, id, { event: 'adopted', target: place.target.id });
  }
  return current;
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
  { record }: OpenAccount,
  bundle: Bundle,
): Promise<Grant | null> {
  if (!bundle.refreshToken || !record.grant) return null;
  const provider = context.providers[record.provider];
  const grant = grantOf(bundle, record.grant, context.clock.now());
  // Not by the id token, which is the vault's own and says nothing about what the tool holds.
  const shown = { accessToken: grant.accessToken, idToken: null };
  const { identity } = await identify(provider, shown, { send: context.send });
  return sameOwner(identity, record.identity) ? grant : null;
}

function grantOf(bundle: Bundle, parent: Grant, now: number): Grant {
  const seconds = jwtExpiry(bundle.accessToken);
  const expiresAt = bundle.expiresAt ?? (seconds ? seconds * 1000 : now + UNKNOWN_LIFE);
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

function noteOf(grant: Grant, { context }: Desk) {
  return {
    access: hashToken(grant.accessToken),
    refresh: grant.refreshToken && hashToken(grant.refreshToken),
    grantId: grant.id,
    writtenAt: context.clock.now(),
    owed: null,
  };
}
