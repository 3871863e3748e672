import type { BuiltInId } from '../../../../../src/core/grant.ts';
import { TEXTS } from '../../../../../src/shared/ui/texts.ts';
import { tokensIn, toolFile, toolsFor } from '../../../tools.ts';
import { modeOf, short } from '../../facts.ts';
import { type AppStage, becomes, browse, button, card, click, says, see, TOOLS } from '../stage.ts';

const CLAUDE = { service: 'Claude' };
const CHATGPT = { service: 'ChatGPT' };

/** 1: nobody has to know where to begin. */
export async function firstRun(stage: AppStage): Promise<void> {
  const { app, narrator } = stage;
  await says(stage, TEXTS.welcome.heading);
  await see(stage, '1-welcome');
  const state = await app.windowState();
  narrator.check('the window has opened by itself', state?.visible);
  narrator.check(
    'nothing else was opened, and nothing announced',
    [await app.opened, await app.notices],
    [[], []],
  );
}

/** 2: three clicks, one of them for the terms. */
export async function signInToClaude(stage: AppStage): Promise<void> {
  const { app, page, narrator } = stage;
  await click(stage, button(page, TEXTS.welcome.signIn(CLAUDE)));
  await says(stage, TEXTS.terms.heading);
  await see(stage, '2-terms');
  narrator.check('nothing was opened yet', await app.opened, []);
  await click(stage, button(page, TEXTS.terms.continue(CLAUDE)));
  await browse(stage, 0, '2-in-the-browser');
  await says(stage, TEXTS.signIn.signedIn.heading(CLAUDE));
  await see(stage, '2-signed-in');
  checkExchange(stage, 'anthropic');
  await click(stage, button(page, TEXTS.signIn.signedIn.done));
  await says(stage, TEXTS.heading.signedIn);
  await becomes(
    stage,
    'a first notification, so that the system asks about them now and not when one matters',
    async () => (await app.notices).length,
    1,
  );
}

/** 3: one click, because the offer stands below. */
export async function signInToChatGpt(stage: AppStage): Promise<void> {
  const { page } = stage;
  await click(stage, button(page, TEXTS.accounts.offer(CHATGPT)));
  await browse(stage, 1);
  await says(stage, TEXTS.heading.allSignedIn);
  await becomes(
    stage,
    'its card says that Codex and Pi use it',
    () => card(stage, 'ChatGPT').innerText(),
    /Used by (?=.*Codex)(?=.*Pi)/,
  );
  await see(stage, '3-all-signed-in');
  checkExchange(stage, 'openai');
}

/** 4: where the tools look for them. */
export async function toolsHaveIt(stage: AppStage): Promise<void> {
  const { narrator, services, home } = stage;
  const world = { userHome: home };
  for (const tool of TOOLS) {
    for (const provider of ['anthropic', 'openai'] as const) {
      if (!toolsFor(provider).includes(tool)) continue;
      const tokens = await tokensIn(world, tool, provider);
      const path = short(stage, toolFile(world, tool));
      const works = tokens !== null && services.active(tokens.refresh);
      narrator.check(`${path} has ${NAMES[provider]}’s login, and it works`, works);
    }
    narrator.check('only you can read it', await modeOf(toolFile(world, tool)), '600');
  }
  await openDetails(stage, 'Claude');
  await see(stage, '4-details');
}

/** Opens all there is to know of a login. */
export async function openDetails(stage: AppStage, service: string): Promise<void> {
  stage.narrator.note(`You click on ${service}.`);
  await button(card(stage, service), /Details$/).click();
  await says(stage, service);
}

const NAMES: Readonly<Record<BuiltInId, string>> = { anthropic: 'Claude', openai: 'ChatGPT' };

function checkExchange({ narrator, services }: AppStage, provider: BuiltInId): void {
  const came = services.journal
    .of(provider, 'exchange')
    .map(({ status, fields }) => status === 200 && fields.includes('code_verifier'));
  const what = `${NAMES[provider]} got its code back once, with the proof that Authbar had asked`;
  narrator.check(what, came, [true]);
}
