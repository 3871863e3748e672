import { LOGIN_TIMEOUT, type LoginAttempt } from '../../core/login.ts';
import { AppError, hasCode } from '../../shared/errors.ts';
import type { Tools } from '../command.ts';
import { OWED } from '../exit-codes.ts';
import { say } from '../output.ts';
import { readLines } from '../read-lines.ts';
import { ownerOf, placeOf, planOf } from '../words.ts';
import { SignInTalk } from './sign-in-talk.ts';

/** How `authbar login` was asked. */
export interface LoginCommandOptions {
  /** Whether to open the browser. */
  readonly browser: boolean;
  /** How long to wait for the person, ms; `undefined`: the usual. */
  readonly timeout: number | undefined;
}

/** Signs a person in: through the browser, or with a code that they paste. */
export async function login(
  tools: Tools,
  name: string,
  { browser, timeout = LOGIN_TIMEOUT }: LoginCommandOptions,
): Promise<number> {
  let stopReading = () => {};
  const attempt: LoginAttempt = tools.engine.login(name, {
    timeout,
    onState: (state) => {
      if (state.kind === 'waiting') {
        stopReading = readLines(process.stdin, (line) => talk.take(line));
      }
      talk.tell(state);
    },
  });
  const talk = new SignInTalk(attempt, browser);
  const onStop = () => talk.stop();
  process.once('SIGINT', onStop);
  try {
    return await tellResult(tools, attempt, await attempt.done);
  } catch (error) {
    throw timeout !== LOGIN_TIMEOUT && hasCode(error, 'sign-in-timeout')
      ? new AppError(error.code, { ...error.details, hint: 'That was the time you gave it.' })
      : error;
  } finally {
    process.off('SIGINT', onStop);
    talk.end();
    stopReading();
    await attempt.closed();
  }
}

/** Who is signed in now, and which tools have the login. */
async function tellResult(
  { engine }: Tools,
  { provider }: LoginAttempt,
  id: string,
): Promise<number> {
  const { accounts } = await engine.status();
  const account = accounts.find((view) => view.id === id);
  const plan = account && planOf(account);
  const who = account ? ` as ${ownerOf(account)}${plan ? ` (${plan})` : ''}` : '';
  say(`Signed in to ${provider.service}${who}.`);
  if (account && !account.inUse) {
    say('  On standby: the tools keep the account that they have.');
  }
  let complete = true;
  for (const view of await engine.targets()) {
    for (const { state, code } of view.entries.filter((entry) => entry.account === id)) {
      const written = state === 'in-step';
      complete &&= written;
      const place = placeOf(view);
      say(written ? `  Written to ${place}.` : `  Not in ${place} yet.   [${code ?? state}]`);
    }
  }
  if (!complete) say('  → Run `authbar targets` to see why.');
  return complete ? 0 : OWED;
}
