import { resolve } from 'node:path';
import { build } from 'electron-vite';
import { ROOT } from '../../../e2e/runtime.ts';
import prepareRuntime from '../../../e2e/setup.ts';
import { type Chapter, type Outcome, perform, type StoryOptions } from '../perform.ts';
import { outage, renewal, revoked } from './chapters/background.ts';
import { anotherPerson, signOut } from './chapters/leaving.ts';
import { firstRun, signInToChatGpt, signInToClaude, toolsHaveIt } from './chapters/sign-in.ts';
import { type AppStage, openApp } from './stage.ts';

const CHAPTERS: readonly Chapter<AppStage>[] = [
  {
    title: 'The first run',
    plain: 'The window opens by itself and says what it is for.',
    play: firstRun,
  },
  {
    title: 'Sign in to Claude',
    plain: 'Three clicks and the browser, one of them for Anthropic’s terms.',
    play: signInToClaude,
  },
  {
    title: 'Sign in to ChatGPT',
    plain: 'One click and the browser: it is offered below.',
    play: signInToChatGpt,
  },
  {
    title: 'Your tools have the logins',
    plain: 'Each where it looks for them.',
    play: toolsHaveIt,
  },
  {
    title: 'A renewal while nobody looks',
    plain: 'The window is closed, and everything goes on.',
    play: renewal,
  },
  {
    title: 'An outage that heals',
    plain: 'A service that is down is no reason to disturb anybody.',
    play: outage,
  },
  {
    title: 'A login that is ended at the service',
    plain: 'One notification, and its click mends it.',
    play: revoked,
  },
  {
    title: 'Another person’s login in a tool',
    plain: 'Nothing is overwritten; when you look, there is one question.',
    play: anotherPerson,
  },
  {
    title: 'Signing out',
    plain: 'Ended at the services, and removed wherever Authbar wrote it.',
    play: signOut,
  },
];

/** Plays it through the app's own window, of which `pictures` gets a picture at each step. */
export async function playAppStory(options: StoryOptions, pictures: string): Promise<Outcome> {
  const folder = resolve(pictures);
  prepareRuntime();
  await build({ root: ROOT, logLevel: 'warn' });
  const outcome = await perform(
    {
      title: 'Authbar’s app, from the first run to the last sign-out',
      about:
        'No account, no network: a stand-in on this computer plays Claude, ChatGPT and your browser. The app is the real one, in a temporary home, and its clock is moved.',
      furnish: (stage) => openApp(stage, folder),
      chapters: CHAPTERS,
    },
    // The keyring is a program of its own, and what is moved is only the app's clock.
    { ...options, withoutKeyring: 'Its answers would come too late for a clock that is moved' },
  );
  options.screen.write(`The window at each step: ${folder}\n`);
  return outcome;
}
