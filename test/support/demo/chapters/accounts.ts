import { setTimeout as wait } from 'node:timers/promises';
import { signInAt } from '../../provider/index.ts';
import { accounts, peekabooLogin } from '../facts.ts';
import type { Stage } from '../stage.ts';

const ANNA = 'chatgpt:anna@example.com';
const BEN = 'chatgpt:ben@example.com';

/** Until all that comes with a link is told, ms. */
const WORDS_END = 100;

/** 5: a second account of one service, which takes the place of the first and gives it back. */
export async function twoAccounts(stage: Stage): Promise<void> {
  const { authbar, narrator, services } = stage;
  const annas = await peekabooLogin(stage, 'openai');
  await authbar.run(['login', 'chatgpt', '--no-browser'], {
    from: /^Signing you in/,
    onLink: async (link) => {
      await wait(WORDS_END, undefined, { signal: stage.signal });
      narrator.note('Ben signs in to ChatGPT on the same computer.');
      await signInAt(link, { person: 'ben' });
    },
  });
  narrator.check('the tools keep what they have', await peekabooLogin(stage, 'openai'), annas);

  await authbar.run(['use', BEN]);
  const bens = await peekabooLogin(stage, 'openai');
  const swapped = [bens.access !== annas.access, services.active(bens.refresh)];
  narrator.check('Peekaboo has Ben’s login now, and it works', swapped, [true, true]);
  narrator.check('Anna’s is on standby and still works', services.active(annas.refresh));

  await authbar.run(['check']);
  await authbar.run(['use', ANNA]);
  narrator.check(
    'Peekaboo has Anna’s again, the very same',
    await peekabooLogin(stage, 'openai'),
    annas,
  );

  await authbar.run(['logout', BEN], { upTo: /^Signed out/ });
  const left = (await accounts(stage)).map(({ provider, email }) => `${provider} ${email}`).sort();
  narrator.check('Ben is signed out, and nobody else', left, [
    'anthropic anna@example.com',
    'openai anna@example.com',
  ]);
}
