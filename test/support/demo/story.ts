import { twoAccounts } from './chapters/accounts.ts';
import { twoRenewals } from './chapters/renewals.ts';
import { signInAgain, signInToChatGpt, signInToClaude } from './chapters/sign-in.ts';
import { signOut } from './chapters/sign-out.ts';
import { outage, revoked } from './chapters/trouble.ts';
import { whereTheLoginsAre } from './chapters/where.ts';
import { type Chapter, type Outcome, perform, type Story, type StoryOptions } from './perform.ts';
import type { Stage } from './stage.ts';

const CHAPTERS: readonly Chapter<Stage>[] = [
  {
    title: 'Sign in to Claude',
    plain: 'You open a link and say yes on Claude’s page. Authbar does the rest.',
    play: signInToClaude,
  },
  {
    title: 'Sign in to ChatGPT, from another device',
    plain: 'Its browser can’t reach this computer: you paste the address it ended on.',
    play: signInToChatGpt,
  },
  {
    title: 'Where the logins are now',
    plain: 'Sealed on your disk, in your keychain, and where your tools look for them.',
    play: whereTheLoginsAre,
  },
  {
    title: 'Two renewals',
    plain: 'A login runs out within hours. Authbar trades it for a new one in time.',
    play: twoRenewals,
  },
  {
    title: 'Two accounts of one service',
    plain: 'The tools get the one that you choose. The other stays signed in beside it.',
    play: twoAccounts,
  },
  {
    title: 'An outage that heals',
    plain: 'A service that is down is no reason to sign anybody out.',
    play: outage,
  },
  {
    title: 'A login that is ended at the service',
    plain: 'Only the service’s own word ends a login. Then Authbar says so.',
    play: revoked,
  },
  {
    title: 'Signing in again',
    plain: 'The same account, a fresh login, and every tool has it at once.',
    play: signInAgain,
  },
  {
    title: 'Signing out',
    plain: 'Ended at the service, and removed wherever Authbar wrote it.',
    play: signOut,
  },
];

const STORY: Story<Stage> = {
  title: 'Authbar, from the first sign-in to the last sign-out',
  about:
    'No account, no network: a stand-in on this computer plays Claude and ChatGPT, and everything happens in a temporary home.',
  furnish: async (stage) => stage,
  chapters: CHAPTERS,
};

/** Plays it on the command line. */
export function playStory(options: StoryOptions): Promise<Outcome> {
  return perform(STORY, options);
}
