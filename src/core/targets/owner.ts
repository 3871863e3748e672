import type { Context } from '../context.ts';
import { type Identity, isOtherOwner, NO_IDENTITY, sameOwner } from '../grant.ts';
import { identify } from '../oauth/identity.ts';
import { providerOf } from '../providers/index.ts';
import type { AccountRecord } from '../vault/record.ts';
import type { Bundle } from './target.ts';

/** Whose login a tool holds, compared with an account of ours. */
export interface Ownership {
  readonly whose: 'same' | 'other' | 'unknown';
  /** The owner as people know them, where it was told. */
  readonly name: string | null;
}

/**
 * Asks whose the login is: its own tokens, else the provider, which is shown the access token. Where
 * neither tells (an access token that has run out gets no answer), the tool's note beside them can say that
 * it is somebody else's, but not that it is ours: it stays there when the tokens beside it change or die.
 */
export async function ownerOf(
  { providers, send }: Pick<Context, 'providers' | 'send'>,
  { provider, identity: ours }: Pick<AccountRecord, 'provider' | 'identity'>,
  { accessToken, owner }: Bundle,
): Promise<Ownership> {
  // Not by an id token: a tool may keep one that is older than the access token beside it.
  const shown = { accessToken, idToken: null };
  const { identity, known } = await identify(providerOf(providers, provider), shown, { send });
  if (known) return { whose: compare(identity, ours), name: nameOf(identity) };
  const noted = compare({ ...NO_IDENTITY, ...owner }, ours);
  return { whose: noted === 'other' ? 'other' : 'unknown', name: null };
}

function compare(theirs: Identity, ours: Identity): Ownership['whose'] {
  if (sameOwner(theirs, ours)) return 'same';
  return isOtherOwner(theirs, ours) ? 'other' : 'unknown';
}

function nameOf({ email, workspace }: Identity): string | null {
  return email !== null && workspace !== null ? `${email} · ${workspace}` : email;
}
