import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { fileStore } from './file-store.ts';
import type { Store } from './store.ts';

/** What a test sets. */
export interface SecurityOptions {
  /** Default: macOS's own. */
  readonly command?: string;
  /** Default: `$USER`, else the OS user. */
  readonly user?: string;
}

interface Answer {
  readonly status: number;
  readonly output: string;
}

const COMMAND = '/usr/bin/security';
/** A person may have to unlock the keychain, or to allow us in, meanwhile. */
const TIMEOUT = 30_000;
const MAX_OUTPUT = 1024 * 1024;
/** The longest line that Claude Code hands to `security -i`, its end included, bytes. */
const MAX_LINE = 4032;
const SERVICE = 'Claude Code-credentials';
const USER = /^[a-zA-Z0-9._-]+$/;

/**
 * The command's exit status is the low byte of the system's error code: errSecItemNotFound (-25300) and
 * errSecInteractionNotAllowed (-25308), which a locked keychain answers where nobody can be asked.
 * https://developer.apple.com/documentation/security/security-framework-result-codes
 */
const NOT_FOUND = 44;
const LOCKED = 36;

/**
 * Claude Code's login on macOS: an item of the keychain, through the same command as it uses itself,
 * because an item lets in only the program that made it. The file `.credentials.json` stands in where
 * there is no item; where both are, both are kept alike.
 *
 * UNPROVEN: no Mac was at hand; the command's ways are taken from Apple's sources and from what Claude
 * Code 2.1.330 does with it.
 * @param configDir Where Claude Code keeps its login.
 */
export function securityStore(
  context: Context,
  configDir: string,
  { command = COMMAND, user }: SecurityOptions = {},
): Store {
  const account = accountOf(context, user);
  const service = serviceOf(context, configDir);
  const file = fileStore(context, join(configDir, '.credentials.json'));
  const security = (args: readonly string[], input = '') => run(context, command, args, input);

  async function readItem(): Promise<Buffer | null> {
    const find = ['find-generic-password', '-a', account, '-w', '-s', service];
    const { status, output } = await security(find);
    if (status === NOT_FOUND) return null;
    if (status !== 0) throw faultOf(status);
    return valueIn(output);
  }

  /** The secret goes in by standard input, because everybody can read the arguments of a process. */
  function lineFor(text: string): string {
    const hex = Buffer.from(text).toString('hex');
    const line = `add-generic-password -U -a "${account}" -s "${service}" -X "${hex}"\n`;
    if (line.length <= MAX_LINE) return line;
    throw new AppError('tool-file-protected', {
      path: `${service} (keychain)`,
      hint: 'The login is too large for the keychain item that Claude Code reads.',
    });
  }

  return {
    read: async () => (await readItem()) ?? (await file.read()),
    age: async () => null,
    async write(bytes) {
      const text = printable(bytes);
      const line = lineFor(text);
      // The item last: it is what `read` goes by, and must not say that all is done before it is.
      if ((await file.read()) !== null) await file.write(bytes);
      const { status } = await security(['-i'], line);
      if (status !== 0) throw faultOf(status);
      if ((await readItem())?.toString('utf8') === text) return;
      throw new AppError('keychain-refused', { hint: 'The keychain did not keep the login.' });
    },
    async discard() {
      const { status } = await security(['delete-generic-password', '-a', account, '-s', service]);
      if (status !== 0 && status !== NOT_FOUND) throw faultOf(status);
      await file.discard();
    },
    async rehearse(size) {
      // `size` has room for any tool's login, which is more than the item ever takes. What makes it too
      // large is what stands beside our entry, and that is there already.
      const item = await readItem();
      if (item !== null) lineFor(printable(item));
      if ((await file.read()) !== null) await file.rehearse(size);
    },
    sweep: () => file.sweep(),
  };
}

/** As Claude Code chooses it. Its pattern also keeps quotes out of the command line. */
function accountOf({ env }: Context, user: string | undefined): string {
  const name = user ?? (env.USER || osUser());
  return USER.test(name) ? name : 'claude-code-user';
}

function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return ''; // The system has no name for this user.
  }
}

/**
 * Claude Code names the item after its folder where a variable sets that, even to the usual one, and by
 * the variable's very letters. A folder that no variable of ours names was named by one of its own.
 */
function serviceOf({ env, userHome }: Context, configDir: string): string {
  const set = env.CLAUDE_SECURESTORAGE_CONFIG_DIR ?? env.CLAUDE_CONFIG_DIR;
  const named = set && resolve(set) === resolve(configDir) ? set : null;
  if (named === null && resolve(configDir) === join(userHome, '.claude')) return SERVICE;
  const hash = createHash('sha256')
    .update((named ?? configDir).normalize('NFC'))
    .digest('hex');
  return `${SERVICE}-${hash.slice(0, 8)}`;
}

/**
 * The same JSON in printable ASCII on one line. A value with any other byte is printed in hexadecimal,
 * which Claude Code does not undo: it would count as signed out.
 */
function printable(bytes: Uint8Array): string {
  return new TextDecoder()
    .decode(bytes)
    .replace(/[\t\n\r]/g, '')
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** No JSON object looks like hexadecimal. An empty item is none, to Claude Code too. */
function valueIn(output: string): Buffer | null {
  const text = output.replace(/\n$/, '');
  if (text === '') return null;
  return Buffer.from(text, /^(?:[0-9a-f]{2})+$/i.test(text) ? 'hex' : 'utf8');
}

async function run(
  { clock, userHome }: Context,
  command: string,
  args: readonly string[],
  input: string,
): Promise<Answer> {
  const late = new AbortController();
  const done = new AbortController();
  clock.sleep(TIMEOUT, done.signal).then(
    () => late.abort(),
    () => {},
  );
  try {
    return await execute(command, args, input, { env: { HOME: userHome }, signal: late.signal });
  } catch {
    // Without the cause: it quotes what the command printed.
    if (!late.signal.aborted) throw missing(command);
    throw new AppError('keychain-locked', { hint: 'The keychain did not answer in time.' });
  } finally {
    done.abort();
  }
}

/** Rejects when the command has no exit status: it did not start, or was killed. */
function execute(
  command: string,
  args: readonly string[],
  input: string,
  { env, signal }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Answer> {
  const options = { env, signal, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT } as const;
  return new Promise((settle, reject) => {
    const child = execFile(command, args, options, (error, output) => {
      if (error === null) settle({ status: 0, output });
      else if (typeof error.code === 'number') settle({ status: error.code, output });
      else reject(error);
    });
    // A command that ends before it has read everything tells by its status what was wrong.
    child.stdin?.on('error', () => {}).end(input);
  });
}

function faultOf(status: number): AppError {
  if (status === LOCKED) return new AppError('keychain-locked');
  return new AppError('keychain-refused', { hint: `security ended with status ${status}.` });
}

function missing(command: string): AppError {
  return new AppError('keychain-refused', { hint: `${command} could not be run.` });
}
