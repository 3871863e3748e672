import { existsSync } from 'node:fs';
import { twoRenewals } from './chapters/renewals.ts';
import { signInAgain, signInToChatGpt, signInToClaude } from './chapters/sign-in.ts';
import { signOut } from './chapters/sign-out.ts';
import { outage, revoked } from './chapters/trouble.ts';
import { keychainSkipped, whereTheLoginsAre } from './chapters/where.ts';
import { Narrator, type Screen } from './narrator.ts';
import { type Stage, type StageOptions, setStage } from './stage.ts';

export type StoryOptions = Omit<StageOptions, 'narrator'> & { readonly screen: Screen };

/** `held`: every step really happened. `failed`: one did not. `stopped`: by the signal. */
export type Outcome = 'held' | 'failed' | 'stopped';

interface Chapter {
  readonly title: string;
  /** What happens, in one plain sentence. */
  readonly plain: string;
  readonly play: (stage: Stage) => Promise<void>;
}

const CHAPTERS: readonly Chapter[] = [
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

/** Plays the whole story, and leaves nothing behind. */
export async function playStory({ screen, ...options }: StoryOptions): Promise<Outcome> {
  const started = Date.now();
  const narrator = new Narrator(screen);
  narrator.say('Authbar, from the first sign-in to the last sign-out', 'bold');
  narrator.say(
    'No account, no network: a stand-in on this computer plays Claude and ChatGPT, and everything happens in a temporary home.',
  );
  const stage = await setStage({ ...options, narrator });
  try {
    await playChapters(stage);
  } finally {
    await stage.close();
  }
  const left = existsSync(stage.folder);
  if (!options.keep && left) narrator.check('nothing is left behind', stage.folder, 'no folder');
  tellEnd(stage, Date.now() - started);
  narrator.say(left ? `Everything is still in ${stage.folder}` : 'Nothing was left behind.');
  if (options.signal.aborted) return 'stopped';
  return narrator.failed === 0 ? 'held' : 'failed';
}

/** One after the other; what follows a failed check would only fail for its sake. */
async function playChapters(stage: Stage): Promise<void> {
  const { narrator, signal } = stage;
  for (const [index, { title, plain, play }] of CHAPTERS.entries()) {
    if (signal.aborted) return;
    narrator.chapter(index + 1, CHAPTERS.length, title, plain);
    try {
      await play(stage);
      await narrator.pause(signal);
    } catch (error) {
      if (signal.aborted) return;
      const came = error instanceof Error ? error.message : error;
      narrator.check('this chapter comes to its end', came, 'no error');
    }
    if (narrator.failed > 0) return;
  }
}

function tellEnd(stage: Stage, took: number): void {
  const { narrator, keyring, signal } = stage;
  const { held, failed } = narrator;
  const seconds = Math.round(took / 1000);
  narrator.gap();
  if (signal.aborted) narrator.say('Stopped.', 'yellow');
  else if (failed > 0) narrator.say(`${failed} of ${held + failed} checks failed.`, 'red');
  else narrator.say(`All ${held} checks held, in ${seconds} s.`, 'green');
  if (!keyring) narrator.say(keychainSkipped(stage));
}
