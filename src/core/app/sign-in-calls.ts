import type { DesktopHandlers } from './ports.ts';
import type { SignInFlow } from './sign-in-flow.ts';

type SignInCalls = Pick<DesktopHandlers, Extract<keyof DesktopHandlers, `sign-in:${string}`>>;

/** What the person does while they sign in. */
export function signInCalls(flow: SignInFlow): SignInCalls {
  return {
    'sign-in:start': async (wish) => flow.start(wish),
    'sign-in:open-again': () => flow.openAgain(),
    'sign-in:copy-link': () => flow.copyLink(),
    'sign-in:use-device': async () => flow.useDevice(),
    'sign-in:copy-code': () => flow.copyCode(),
    'sign-in:check-code': async ({ text }) => flow.check(text),
    'sign-in:enter-code': async ({ text }) => flow.enterCode(text),
    'sign-in:retry': async () => flow.retry(),
    'sign-in:cancel': async () => flow.cancel(),
    'sign-in:close': () => flow.close(),
    'sign-in:other-account-again': () => flow.otherAccountAgain(),
  };
}
