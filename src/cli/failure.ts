import { redactShapes } from '../core/redact.ts';
import { commandLineAction, describeError } from '../shared/error-texts.ts';
import type { AppError, ErrorCode, ErrorDetails } from '../shared/errors.ts';
import { nameAtTerminal } from '../shared/ui/names.ts';
import { exitCodeOf } from './exit-codes.ts';
import { paint, printJson, quoted, say, tilde } from './output.ts';

/** A failure in words. */
export interface Told {
  readonly code: ErrorCode;
  /** What happened, in whole sentences. */
  readonly message: string;
  /** What the person does next. */
  readonly action: string;
}

/**
 * `error` in the catalogue's words.
 * @param attended Whether a process keeps the logins fresh, and so tries again.
 */
export function tell(error: AppError, attended = false): Told {
  const context = { platform: process.platform, now: Date.now(), attended };
  const { code, title, sentence } = describeError(error, context);
  const message = saysItAlone(error) ? sentence : `${title}. ${sentence}`;
  return { code, message, action: commandLineAction(error, attended) };
}

/** Codes whose title stands in until a hint says precisely what is wrong. */
const HEADLINES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['no-such-login', 'wrong-use']);

/** Where it is known what is wrong, that is the headline. */
function saysItAlone({ code, details: { hint, unclear = false } }: AppError): boolean {
  return HEADLINES.has(code) && Boolean(hint) && !unclear;
}

/** The next step, with the code behind it, for the line below a failure. */
export function nextStep({ action, code }: Told): string {
  return `→ ${tilde(action)}   [${code}]`;
}

/**
 * Tells how a command failed.
 * @param argv What the person typed after `authbar`.
 * @returns its exit code.
 */
export async function fail(
  error: AppError,
  json: boolean,
  argv: readonly string[],
): Promise<number> {
  const usual = tell(error);
  const told = { ...usual, action: (await stepFrom(error, argv)) ?? usual.action };
  if (json) {
    printJson({ error: told });
  } else {
    say(paint(process.stderr, 'bold', tilde(told.message)));
    say(`  ${nextStep(told)}`);
  }
  explain(error);
  return exitCodeOf(error.code);
}

/** A next step that is about the very command that failed. */
async function stepFrom(error: AppError, argv: readonly string[]): Promise<string | null> {
  const { code, details } = error;
  if (code === 'several-logins') return whichOne(details, argv);
  if (code === 'no-such-login' && details.names) {
    const service = nameAtTerminal(details.service ?? '');
    return `Name one of those, or run \`authbar login ${service}\` to sign in to another.`;
  }
  if (code !== 'wrong-use') return null;
  const { helpFor } = await import('./program.ts');
  return `Run \`${helpFor(argv)}\`.`;
}

/** The same command for each of the logins that may be meant. */
function whichOne({ asked, names = [] }: ErrorDetails, argv: readonly string[]): string | null {
  const at = asked === undefined ? -1 : argv.indexOf(asked);
  if (names.length === 0) return null;
  if (at < 0) return `Name one of ${names.join(', ')}.`;
  const commands = names.map((name) => {
    const words = [...argv.slice(0, at), name, ...argv.slice(at + 1)];
    return `\`authbar ${words.map(quoted).join(' ')}\``;
  });
  return `Run ${commands.join(' or ')}.`;
}

/** What engineers need, for those who ask for it. */
function explain(error: AppError): void {
  if (process.env.AUTHBAR_LOG === 'debug') {
    say(redactShapes(error.stack ?? ''));
    if (error.cause instanceof Error) say(redactShapes(error.cause.stack ?? ''));
  } else if (error.code === 'unexpected') {
    say('  Run it again with AUTHBAR_LOG=debug to see more.');
  }
}
