import { TEXTS } from '../../../../../src/shared/ui/texts.ts';
import { rawSignIn } from '../../../provider/raw-client.ts';
import { putThere, tokensIn } from '../../../tools.ts';
import { filesIn, leaks, short } from '../../facts.ts';
import { type AppStage, becomes, button, card, click, notices, pass, says, see } from '../stage.ts';
import { openDetails } from './sign-in.ts';

const MINUTE = 60_000;
const CODEX = { tool: 'Codex' };
/** Where logins are; Peekaboo's file waits for the day on which it is installed. */
const PLACES = [
  '~/.claude/.credentials.json',
  '~/.codex/auth.json',
  '~/.peekaboo/credentials',
  '~/.pi/agent/auth.json',
];

/** 8: somebody else uses one of the tools. */
export async function anotherPerson(stage: AppStage): Promise<void> {
  const { page, narrator, services, home, clock } = stage;
  const world = { userHome: home, clock };
  const told = await notices(stage);
  narrator.note('Ben signs in to Codex, on your computer.');
  const bens = await rawSignIn(services, 'openai', { person: 'ben' });
  await putThere(world, 'codex', 'openai', bens);
  await pass(stage, 2 * MINUTE);
  await says(stage, TEXTS.heading.question);
  await see(stage, '8-a-question');
  await click(stage, button(card(stage, 'ChatGPT'), TEXTS.card.decide));
  await says(stage, TEXTS.otherAccount.heading(CODEX));
  await see(stage, '8-another-account');
  await click(stage, button(page, TEXTS.otherAccount.leave(CODEX)));
  await says(stage, TEXTS.heading.allSignedIn);
  await pass(stage, 10 * MINUTE);
  const inCodex = await tokensIn(world, 'codex', 'openai');
  narrator.check('Codex has Ben’s login', inCodex?.refresh === bens.refresh_token);
  const inPi = await tokensIn(world, 'pi', 'openai');
  const isYours = inPi !== null && inPi.refresh !== bens.refresh_token;
  narrator.check('Pi has yours, and it works', isYours && services.active(inPi.refresh));
  narrator.check('no notification', (await notices(stage)) - told, 0);
}

/** 9: everything of one's own goes, everywhere. */
export async function signOut(stage: AppStage): Promise<void> {
  const { app, narrator, services, home, canary } = stage;
  const world = { userHome: home };
  const bens = await tokensIn(world, 'codex', 'openai');
  // The search has to find what is there, or finding nothing later would prove nothing.
  const found = await filesWithSecrets(stage);
  narrator.check('a search for all secrets finds them where your tools look', found, PLACES);
  await signOutOf(stage, 'Claude', '9-signed-out');
  await signOutOf(stage, 'ChatGPT');
  await says(stage, TEXTS.welcome.heading);
  const active = services.tokens.filter((token) => services.active(token));
  narrator.check('of all logins only Ben’s can be renewed', active, [bens?.refresh]);
  const left = await filesWithSecrets(stage);
  narrator.check('and only Codex holds one', left, ['~/.codex/auth.json']);

  narrator.note('You quit.');
  await canary.collect(app);
  narrator.check('the app ends in good order', await app.quit(), 0);
  const seen = await canary.find(services.tokens, [app]);
  narrator.check(
    `none of ${services.tokens.length} secrets was ever in the window, a message, a notification or a log`,
    seen,
    [],
  );
}

async function filesWithSecrets(stage: AppStage): Promise<string[]> {
  return (await leaks(stage, await filesIn(stage.home))).map((file) => short(stage, file));
}

async function signOutOf(stage: AppStage, service: string, picture?: string): Promise<void> {
  const { page } = stage;
  await openDetails(stage, service);
  await click(stage, button(page, TEXTS.details.signOut));
  await says(stage, TEXTS.signOut.heading({ service }));
  if (picture) await see(stage, '9-sign-out');
  await click(stage, button(page, TEXTS.signOut.signOut));
  await says(stage, TEXTS.signOut.done.heading({ service }));
  if (picture) await see(stage, picture);
  const places = () => page.getByRole('listitem').last().innerText();
  await becomes(stage, `it was ended at ${service}`, places, TEXTS.signOut.done.ended({ service }));
  await click(stage, button(page, TEXTS.signOut.done.done));
}
