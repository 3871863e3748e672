import { setTimeout as wait } from 'node:timers/promises';
import { openBrowser } from '../../../../src/cli/open-browser.ts';
import type { BuiltInId } from '../../../../src/core/grant.ts';
import { signInAt } from '../../provider/index.ts';
import { accountOf, accounts, peekabooLogin } from '../facts.ts';
import type { Stage } from '../stage.ts';

/** Longer than a person has in a real window, ms. */
const PATIENCE = 6 * 60_000;
/** Until all that comes with a link is told, ms. */
const WORDS_END = 100;

/** 1: through the browser. */
export async function signInToClaude(stage: Stage): Promise<void> {
  const { narrator } = stage;
  await throughTheBrowser(stage, 'You say yes on Claude’s page.');
  checkExchanges(stage, 'anthropic', 1);
  const { state } = await accountOf(stage, 'anthropic');
  narrator.check('Authbar says: signed in', state, 'signed-in');
}

/** 2: on another device, from which only an address comes back. */
export async function signInToChatGpt(stage: Stage): Promise<void> {
  const { authbar, narrator, signal } = stage;
  await authbar.run(['login', 'chatgpt', '--no-browser'], {
    onLink: async (link, paste) => {
      const end = await signInAt(link, { fetchCallback: false });
      await wait(WORDS_END, undefined, { signal });
      const { origin, pathname } = new URL(end.url);
      narrator.note(`You paste ${origin}${pathname}?code=…&state=…`);
      narrator.check('nobody was there to open that address', end.kind, 'redirect');
      paste(end.url);
    },
  });
  checkExchanges(stage, 'openai', 1);
  const states = (await accounts(stage)).map(({ provider, state }) => `${provider} ${state}`);
  const both = ['anthropic signed-in', 'openai signed-in'];
  narrator.check('Authbar says: both are signed in', states.sort(), both);
}

/** 8: after the login was ended. */
export async function signInAgain(stage: Stage): Promise<void> {
  const { authbar, narrator, services } = stage;
  const before = await accountOf(stage, 'anthropic');
  const dead = await peekabooLogin(stage, 'anthropic');
  const invited = /^Signing you in/;
  await throughTheBrowser(stage, `You say yes again, as ${before.email}.`, invited);
  await authbar.run(['status'], { from: /^Claude/, upTo: /Signed in/ });
  checkExchanges(stage, 'anthropic', 2);
  const { id, state } = await accountOf(stage, 'anthropic');
  const same = [before.id, 'signed-in'];
  narrator.check('it is the same account as before, signed in', [id, state], same);
  const now = await peekabooLogin(stage, 'anthropic');
  const alive = [services.active(dead.refresh), services.active(now.refresh)];
  narrator.check('Peekaboo has the login that works, not the dead one', alive, [false, true]);
}

/**
 * The real flow: the link, the service's pages, and the last one, which Authbar itself sends. It is told
 * from the line `from` on, if that is given.
 */
async function throughTheBrowser(stage: Stage, deed: string, from?: RegExp): Promise<void> {
  const { authbar, narrator, browser, signal } = stage;
  if (browser) {
    await authbar.run(['login', 'claude', '--no-browser', '--timeout', '5m'], {
      patience: PATIENCE,
      onLink: (link) => inAWindow(stage, link, deed),
    });
    return;
  }
  await authbar.run(['login', 'claude', '--no-browser'], {
    ...(from && { from }),
    onLink: async (link) => {
      await wait(WORDS_END, undefined, { signal });
      narrator.note(deed);
      const end = await signInAt(link);
      signal.throwIfAborted();
      const page = end.kind === 'callback' ? end.body : end.kind;
      const title = /<h1>(.*?)<\/h1>/.exec(page)?.[1] ?? page;
      narrator.check('the browser says: You’re signed in to Claude', title, /^You’re signed in/);
    },
  });
}

/** In the person's own surroundings: in the story's home no browser was ever set up. */
async function inAWindow({ narrator, signal }: Stage, link: string, deed: string): Promise<void> {
  await wait(WORDS_END, undefined, { signal });
  narrator.note(`${deed} Your browser opens for it; if it doesn’t, open this:`);
  narrator.say(link);
  await openBrowser(link);
}

const SERVICES = { anthropic: 'Claude', openai: 'ChatGPT' };

function checkExchanges({ narrator, services }: Stage, provider: BuiltInId, total: number): void {
  const came = services.journal
    .of(provider, 'exchange')
    .map(({ status, fields }) => status === 200 && fields.includes('code_verifier'));
  const expected = Array.from({ length: total }, () => true);
  const what = `${SERVICES[provider]} got its code back once, with the proof that Authbar had asked`;
  narrator.check(what, came, expected);
}
