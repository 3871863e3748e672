import type { LoginSteps } from './login.ts';
import type { Provider } from './providers/provider.ts';
import type { Desk } from './targets/publish.ts';
import { recover } from './vault/recover.ts';
import { allAccounts } from './vault/roster.ts';

/** What one sign-in is part of. */
export interface LoginParts {
  readonly desk: () => Promise<Desk>;
  readonly provider: Provider;
  /** Ends the attempt that this one takes the place of. */
  readonly makeWay: () => Promise<void> | undefined;
  /** A login can be kept; nothing is asked for yet. */
  readonly prepared: () => Promise<void>;
  /** The login is kept and handed out. */
  readonly settled: () => Promise<void>;
}

/** What an attempt to sign in has done before the person is asked, and with the code that comes of it. */
export function loginSteps({ desk, provider, makeWay, prepared, settled }: LoginParts): LoginSteps {
  return {
    async prepare() {
      await makeWay();
      // A copied login that nothing shows yet must be seen before the folder becomes this machine's.
      const { context, vault } = await recovered(desk);
      // What a newer program keeps here is not added to.
      await allAccounts(vault);
      await vault.prepare();
      const { sweep } = await import('./vault/sweep.ts');
      await sweep(context, vault);
      await prepared();
    },
    async exchange(code) {
      const open = await desk();
      const { exchange, settle } = await import('./sign-in.ts');
      const login = await exchange(open, provider, code);
      return {
        async settle() {
          const id = await settle(open, login);
          await settled();
          return id;
        },
      };
    },
  };
}

async function recovered(desk: LoginParts['desk']): Promise<Desk> {
  const open = await desk();
  await recover(open);
  return open;
}
