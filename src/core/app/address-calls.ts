import { type AddressNote, addressNote } from '../../shared/address-problems.ts';
import { AppError, hasCode } from '../../shared/errors.ts';
import { type Providers, providerShown } from '../providers/index.ts';
import { type DeskParts, described } from './desk.ts';
import type { DesktopHandlers } from './ports.ts';
import type { SignInFlow } from './sign-in-flow.ts';

type AddressCalls = Pick<DesktopHandlers, 'address:add' | 'address:remove'>;

/** What the person does with services that Authbar knows by their address only. */
export function addressCalls(desk: DeskParts, signIn: SignInFlow): AddressCalls {
  const { engine } = desk;
  const { providers } = desk.context;
  return {
    'address:add': async (typed) => {
      try {
        const before: Providers = { ...providers };
        const added = await engine.providers.addTyped(typed);
        if ('problem' in added) return { problem: addressNote(added.problem), provider: null };
        // What the old client gets, the new one could not renew.
        if (before[added.id]?.clientId !== providers[added.id]?.clientId) signIn.leave(added.id);
        await desk.refresh();
        return { problem: null, provider: added.id };
      } catch (error) {
        return { problem: noteOf(desk, error), provider: null };
      }
    },
    'address:remove': async ({ provider }) => {
      const gone = signIn.leave(provider) && (await engine.providers.forget(provider));
      await desk.refresh();
      if (gone) return;
      const { service } = providerShown(providers, provider);
      throw new AppError('wrong-use', { hint: `You’re signed in to ${service}. Sign out first.` });
    },
  };
}

/** What the person can put right in the fields. @throws anything else, as it is. */
function noteOf(desk: DeskParts, error: unknown): AddressNote {
  if (!hasCode(error, 'wrong-use', 'provider-unfit')) throw error;
  const { problem } = error.details;
  return problem
    ? addressNote(problem)
    : { field: 'address', text: described(desk, error).sentence };
}
