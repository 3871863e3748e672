import type { LoginAttempt, LoginState } from '../../core/login.ts';
import { cleanText } from '../../core/redact.ts';
import { AppError } from '../../shared/errors.ts';
import { spanInWords } from '../../shared/time-words.ts';
import { nextStep, tell } from '../failure.ts';
import { openBrowser } from '../open-browser.ts';
import { type Look, paint, say } from '../output.ts';

/** When a person who sees nothing happen is told what else they can do, ms. */
const HINT_AFTER = 60_000;

type Waiting = Extract<LoginState, { kind: 'waiting' }>;
type OnDevice = Extract<LoginState, { kind: 'device' }>;

/** What is said while somebody signs in, and what is done with what they type. */
export class SignInTalk {
  readonly #attempt: LoginAttempt;
  readonly #browser: boolean;
  #hint: NodeJS.Timeout | undefined;

  constructor(attempt: LoginAttempt, browser: boolean) {
    this.#attempt = attempt;
    this.#browser = browser;
  }

  /** Says what is new. */
  tell(state: LoginState): void {
    clearTimeout(this.#hint);
    if (state.kind === 'waiting') this.#invite(state);
    if (state.kind === 'device') this.#showCode(state);
    if (state.kind === 'finishing') say('Signing you in…');
    if (state.kind === 'vault-closed') {
      this.#tellError(state.error);
      say(`${this.#service} said yes, and its answer waits. Unlock, then press Enter here.`);
    }
  }

  /** Takes a line that the person typed or pasted. */
  take(line: string): void {
    const { kind } = this.#attempt.state;
    if (kind === 'vault-closed') this.#attempt.retry();
    if (kind !== 'waiting') return;
    const problem = this.#attempt.paste(line);
    if (problem) say(`${cleanText(problem.message)}   [${problem.code}]`);
  }

  /** The person pressed Ctrl-C. */
  stop(): void {
    if (this.#attempt.state.kind === 'finishing') {
      say('Finishing first: stopping now could waste the sign-in. Ctrl-C again stops at once.');
    }
    this.#attempt.cancel('interrupted');
  }

  end(): void {
    clearTimeout(this.#hint);
  }

  get #service(): string {
    return this.#attempt.provider.service;
  }

  #invite({ url, codeUrl, obstacle }: Waiting): void {
    if (obstacle) this.#tellError(obstacle);
    const opens = this.#browser ? 'Your browser opens so that you can' : 'Open this link to';
    say(
      `${opens} sign in to ${this.#service}.${this.#browser ? ' If it doesn’t, use this link:' : ''}`,
    );
    this.#showLink(url);
    if (codeUrl && !obstacle) {
      say('On another device, open this link instead and paste the code that it shows here:');
      this.#showLink(codeUrl);
    } else if (codeUrl) {
      say('Then paste the code that it shows here.');
    } else {
      say('If your browser ends on a page that doesn’t open, copy the whole address from its top');
      say('line and paste it here.');
    }
    say('Waiting for your browser… (Ctrl-C stops)');
    this.#hint = setTimeout(() => this.#remind(), HINT_AFTER);
    if (this.#browser) void this.#open(url);
  }

  #showCode({ url, code, endsAt }: OnDevice): void {
    say(`To sign in to ${this.#service}, open this page on a phone or on any computer:`);
    this.#showLink(url);
    say('and enter this code:');
    this.#show('bold', code);
    say(`It works for ${spanInWords(endsAt - Date.now())}. Only enter a code that you asked for.`);
    say('Waiting until you’re done there… (Ctrl-C stops)');
  }

  #showLink(url: string): void {
    this.#show('underline', url);
  }

  /** On a line of its own, to be copied. */
  #show(look: Look, text: string): void {
    say();
    say(`  ${paint(process.stderr, look, text)}`);
    say();
  }

  async #open(url: string): Promise<void> {
    const opened = await openBrowser(url);
    // It may have been over before the browser gave up.
    if (opened || this.#attempt.state.kind !== 'waiting') return;
    this.#tellError(new AppError('browser-not-opened'));
  }

  #remind(): void {
    say('Still waiting for your browser: nothing has come back yet.');
    say('Try the link in another browser, or paste the code or address that it ended on here.');
  }

  #tellError(error: AppError): void {
    const told = tell(error);
    say(told.message);
    say(`  ${nextStep(told)}`);
  }
}
