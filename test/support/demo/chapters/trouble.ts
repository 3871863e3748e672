import { setTimeout as wait } from 'node:timers/promises';
import { accountOf, peekabooLogin } from '../facts.ts';
import type { Stage } from '../stage.ts';

/** Life of the login that the outage leaves behind, seconds: short, so that its end can be watched. */
const SHORT_LIFE = 4;
const USUAL_LIFE = 3600;

/** 6: the service is down for a while. */
export async function outage(stage: Stage): Promise<void> {
  const { authbar, narrator, services } = stage;
  const before = await peekabooLogin(stage, 'anthropic');
  narrator.note('Claude answers everything with “503 Service Unavailable”.');
  services.faults.outage(true, 'anthropic');
  await authbar.run(['refresh', 'claude', '--force'], { exit: [4, 'not now, the login is kept'] });
  await authbar.run(['status'], { from: /^Claude/, upTo: /Nothing has stopped/ });
  const { state } = await accountOf(stage, 'anthropic');
  narrator.check('the renewal is late, and that is all', state, 'late');
  const { stdout } = await authbar.run(['token', 'claude'], { quiet: true });
  narrator.check('a program that asks gets the login that still works', stdout === before.access);

  narrator.note('Claude is back.');
  services.faults.clear();
  services.setTtl({ accessToken: SHORT_LIFE }, 'anthropic');
  await authbar.run(['refresh', 'claude']);
  services.setTtl({ accessToken: USUAL_LIFE }, 'anthropic');
  const after = await accountOf(stage, 'anthropic');
  narrator.check('signed in, as if nothing had happened', after.state, 'signed-in');
  const renewed = await peekabooLogin(stage, 'anthropic');
  const alive = [services.active(before.refresh), services.active(renewed.refresh)];
  narrator.check('the renewal was made up for', alive, [false, true]);
}

/** 7: the service itself ends the login. */
export async function revoked(stage: Stage): Promise<void> {
  const { authbar, narrator, services } = stage;
  const requests = () => services.journal.requests('anthropic', 'refresh');
  narrator.note('Somebody changes the password at Claude, which ends every login there.');
  const { refresh } = await peekabooLogin(stage, 'anthropic');
  narrator.check(
    'the login is over, and Authbar can’t know yet',
    [services.revokeFamily('anthropic', refresh), services.active(refresh)],
    [1, false],
  );
  await untilRunOut(stage);
  const before = requests();
  const needed = 'sign-in needed';
  await authbar.run(['refresh', 'claude'], { exit: [3, needed] });
  await authbar.run(['status'], { from: /^Claude/, upTo: /login-ended/ });
  const { state, code } = await accountOf(stage, 'anthropic');
  const expected = ['sign-in-again', 'login-ended'];
  narrator.check('it says what happened and what to do', [state, code], expected);
  await authbar.run(['token', 'claude'], { exit: [3, needed] });
  narrator.check('Claude was asked once, and is left in peace now', requests() - before, 1);
  const { state: other } = await accountOf(stage, 'openai');
  narrator.check('ChatGPT is signed in as before', other, 'signed-in');
}

/** What was handed out before works on at most until then. */
async function untilRunOut(stage: Stage): Promise<void> {
  const { narrator, signal } = stage;
  narrator.note('A few seconds later the next renewal is due.');
  const { expiresAt } = await accountOf(stage, 'anthropic');
  const left = (expiresAt ?? 0) - Date.now();
  if (left > 0) await wait(left + 50, undefined, { signal });
}
