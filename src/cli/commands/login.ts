import { soleName } from '../../core/choose.ts';
import type { LoginAttempt, LoginState } from '../../core/login.ts';
import { findProvider } from '../../core/providers/index.ts';
import type { Provider } from '../../core/providers/provider.ts';
import { AppError, asAppError, hasCode } from '../../shared/errors.ts';
import type { Tools } from '../command.ts';
import { OWED } from '../exit-codes.ts';
import { tell } from '../failure.ts';
import { quoted, say } from '../output.ts';
import { readLines } from '../read-lines.ts';
import { ownerAmong, placeOf, planOf } from '../words.ts';
import { SignInTalk } from './sign-in-talk.ts';
import { type SignInWay, type WayWish, waysTo } from './sign-in-ways.ts';

/** How `authbar login` was asked. */
export interface LoginCommandOptions extends WayWish {
  /** How long to wait for the person, ms; `undefined`: the usual. */
  readonly timeout: number | undefined;
}

/** Signs a person in: through the browser, by a code on another device, or with a code that they paste. */
export async function login(
  tools: Tools,
  name: string,
  options: LoginCommandOptions,
): Promise<number> {
  const provider = findProvider(tools.context.providers, name);
  const ways = waysTo(provider, options, process.env);
  if (!options.device && ways[0] === 'device') {
    say(
      'You’re connected over SSH, so you sign in on another device; --no-browser shows a link instead.',
    );
  }
  const typed = new Typing();
  try {
    for (const [index, way] of ways.entries()) {
      const isLast = index === ways.length - 1;
      const id = await signInBy(tools, provider, { way, isLast, timeout: options.timeout }, typed);
      if (id !== null) return await tellResult(tools, provider, id);
    }
    throw new TypeError('the last way has no end');
  } finally {
    typed.end();
  }
}

/** One attempt of the command's. */
interface Try {
  readonly way: SignInWay;
  readonly isLast: boolean;
  readonly timeout: number | undefined;
}

/** What the person types, handed to the attempt that is open. */
class Typing {
  talk: SignInTalk | null = null;
  #stop: (() => void) | null = null;

  begin(): void {
    this.#stop ??= readLines(process.stdin, (line) => this.talk?.take(line));
  }

  end(): void {
    this.#stop?.();
  }
}

/** @returns the account's id, or `null` where this way is closed and there is another one. */
async function signInBy(
  { engine }: Tools,
  { id: name }: Provider,
  { way, isLast, timeout }: Try,
  typed: Typing,
): Promise<string | null> {
  let closed: AppError | null = null;
  let invited = false;
  const attempt: LoginAttempt = engine.login(name, {
    device: way === 'device',
    ...(timeout !== undefined && { timeout }),
    onState: (state) => {
      const obstacle = isLast ? null : obstacleIn(state);
      if (obstacle) {
        closed = obstacle;
        return attempt.cancel();
      }
      invited ||= state.kind === 'waiting' || state.kind === 'device';
      if (invited) typed.begin();
      talk.tell(state);
    },
  });
  const talk = new SignInTalk(attempt, way === 'browser');
  typed.talk = talk;
  const onStop = () => talk.stop();
  process.once('SIGINT', onStop);
  try {
    return await attempt.done;
  } catch (error) {
    if (!isLast && !invited && isNoWay(error)) closed ??= asAppError(error);
    if (!closed) throw outOfTime(error, timeout);
    const { message, code } = tell(closed);
    say(`${message}   [${code}]`);
    return null;
  } finally {
    process.off('SIGINT', onStop);
    talk.end();
    await attempt.closed();
  }
}

/** Why a browser would not come back by itself. */
function obstacleIn(state: LoginState): AppError | null {
  return state.kind === 'waiting' ? state.obstacle : null;
}

/** The service gives out no code now; its own sign-in page may do. */
function isNoWay(error: unknown): boolean {
  return hasCode(error, 'service-refused', 'unreachable', 'asked-to-wait');
}

function outOfTime(error: unknown, timeout: number | undefined): unknown {
  const isOwn = timeout !== undefined && hasCode(error, 'sign-in-timeout') && !error.details.hint;
  if (!isOwn) return error;
  return new AppError(error.code, { ...error.details, hint: 'That was the time you gave it.' });
}

/** Who is signed in now, and which tools have the login. */
async function tellResult(
  { engine, context }: Tools,
  provider: Provider,
  id: string,
): Promise<number> {
  const { accounts } = await engine.status();
  const account = accounts.find((view) => view.id === id);
  const owner = account ? ownerAmong(account, accounts) : '';
  const plan = (account && planOf(account)) ?? '';
  const who = `${owner && ` as ${owner}`}${plan && !owner.endsWith(plan) ? ` (${plan})` : ''}`;
  say(`Signed in to ${provider.service}${who}.`);
  if (account && !account.inUse) {
    const name = quoted(soleName(account, accounts, context.providers));
    say('  On standby: the tools keep the account that they have.');
    say(`  → Run \`authbar use ${name}\` to give them this one.`);
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
