import { AppError, asAppError, type ErrorCode } from '../../shared/errors.ts';
import type { Clock, Keychain } from '../ports.ts';
import { type KeyringLook, lookAtKeyring } from './secret-service.ts';

/** The calls of keytar that are used. The `find…` ones crash the process on a locked Linux keyring. */
export type Keytar = Pick<
  typeof import('keytar'),
  'getPassword' | 'setPassword' | 'deletePassword'
>;

/** Which keychain, and how patient with it. */
export interface KeychainOptions {
  readonly clock: Clock;
  /** How long a caller waits, its time in the queue included, ms. Default 30 s. */
  readonly timeout?: number;
  readonly platform?: NodeJS.Platform;
  /** Tells whether there is a screen on which Linux could ask. */
  readonly env?: NodeJS.ProcessEnv;
  /** A person is at the screen: on Linux, a locked keyring may make the system ask them. */
  readonly mayAsk?: () => Promise<boolean>;
  /** The longest value that one item takes, UTF-8 bytes. Default: the platform's. */
  readonly limit?: number;
  readonly load?: () => Promise<Keytar>;
}

const TIMEOUT = 30_000;
/** CRED_MAX_CREDENTIAL_BLOB_SIZE. https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentialw */
const WINDOWS_LIMIT = 5 * 512;

/** The longest value that one keychain item takes, UTF-8 bytes. */
export function valueLimit(platform: NodeJS.Platform): number {
  return platform === 'win32' ? WINDOWS_LIMIT : Number.POSITIVE_INFINITY;
}

const never = async (): Promise<boolean> => false;

/**
 * The OS keychain through keytar, which is loaded when it is first needed. On Linux each call first
 * looks whether the keyring is locked, because a read of a locked one would make the system ask; it
 * then fails without reading. Calls fail as `Keychain` says, and with `unexpected` for what no keychain
 * can hold: an empty name or value, a NUL, a value over the limit.
 */
export function createKeychain(options: KeychainOptions): Keychain {
  const { clock, timeout = TIMEOUT, platform = process.platform, mayAsk = never } = options;
  const { limit = valueLimit(platform), env = process.env } = options;
  const queue = createQueue(clock, timeout);
  const load = async () => {
    try {
      return await (options.load ?? loadKeytar)();
    } catch (error) {
      throw new AppError('keyring-missing', { hint: 'keytar could not be loaded.' }, error);
    }
  };
  const look = platform === 'linux' ? lookAtKeyring : async (): Promise<KeyringLook> => 'open';
  const check = async (signal: AbortSignal, mayBeAsked = never) => {
    const found = await look(signal);
    if (found === 'open') return;
    const asks = found === 'locked' || found === 'no-default';
    if (!asks || !(await mayBeAsked())) throw faultOf(found, env);
  };

  function call<T>(work: (keytar: Keytar) => Promise<T>, isNothing: (value: T) => boolean) {
    return queue.run(async (signal) => {
      await check(signal, mayAsk);
      const keytar = await load();
      // Nobody waits any more: a write must not happen behind the back of who was told that it failed.
      signal.throwIfAborted();
      const value = await work(keytar).catch(async (error) => {
        throw faultOf(await look(signal), env, error);
      });
      // libsecret tells of an item that it could not unlock as of one that is not there.
      if (isNothing(value)) await check(signal);
      return value;
    });
  }

  return {
    async state() {
      const fault = await withDeadline(clock, timeout, async (signal) => {
        await check(signal);
        // macOS and Windows: whether a read would ask cannot be told beforehand. UNPROVEN there.
        await load();
      }).then(() => null, asAppError);
      if (fault === null) return 'open';
      return fault.code === 'keychain-locked' ? 'locked' : 'unavailable';
    },
    async get(service, account) {
      checkNames(service, account);
      return call(
        (keytar) => keytar.getPassword(service, account),
        (value) => value === null,
      );
    },
    async set(service, account, value) {
      checkNames(service, account);
      checkValue(value, limit);
      return call(
        (keytar) => keytar.setPassword(service, account, value),
        () => false,
      );
    },
    async remove(service, account) {
      checkNames(service, account);
      return call(
        (keytar) => keytar.deletePassword(service, account),
        (removed) => !removed,
      );
    },
    get stuck() {
      return queue.stuck;
    },
  };
}

async function loadKeytar(): Promise<Keytar> {
  return (await import('keytar')).default;
}

interface Queue {
  run<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T>;
  readonly stuck: boolean;
}

/**
 * One call at a time. A caller waits for `timeout` and no longer; its call, once begun, keeps its place
 * until it settles, because native code cannot be called off.
 */
function createQueue(clock: Clock, timeout: number): Queue {
  let tail: Promise<unknown> = Promise.resolve();
  let running: AbortSignal | null = null;
  return {
    run: (call) =>
      withDeadline(clock, timeout, (signal) => {
        const answer = tail.then(async () => {
          signal.throwIfAborted();
          running = signal;
          return await call(signal).finally(() => {
            running = null;
          });
        });
        tail = answer.catch(() => {});
        return answer;
      }),
    get stuck() {
      return running?.aborted ?? false;
    },
  };
}

/** The result of `work`, or `keychain-locked` after `ms`, when its signal is aborted as well. */
async function withDeadline<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  const expiry = clock.sleep(ms, done.signal).then(() => {
    const error = noAnswer();
    late.abort(error);
    throw error;
  });
  try {
    return await Promise.race([work(late.signal), expiry]);
  } finally {
    done.abort();
  }
}

function noAnswer(cause?: unknown): AppError {
  return new AppError('keychain-locked', { hint: 'The keychain did not answer in time.' }, cause);
}

/** Why a call failed or must not be made. Not by libsecret's words, which may be in any language. */
function faultOf(look: KeyringLook, env: NodeJS.ProcessEnv, cause?: unknown): AppError {
  switch (look) {
    case 'open':
      return new AppError(codeOf(cause), {}, cause);
    case 'locked':
      return new AppError('keychain-locked', {}, cause);
    case 'silent':
      return noAnswer(cause);
    case 'missing':
      return new AppError('keyring-missing', {}, cause);
    case 'no-default': {
      // The system would ask for a password for a new keyring. Without a screen it can ask nobody.
      const hint = 'There is no default keyring yet.';
      const screen = env.DISPLAY || env.WAYLAND_DISPLAY;
      return new AppError(screen ? 'keychain-locked' : 'keyring-missing', { hint }, cause);
    }
  }
}

/**
 * What macOS and Windows say, which is all that keytar passes on. UNPROVEN: taken from their lists of
 * errors. In another language each of them reads as refused.
 * https://developer.apple.com/documentation/security/security-framework-result-codes
 */
const SAID: readonly (readonly [RegExp, ErrorCode])[] = [
  // errSecInteractionNotAllowed: locked, and nobody may be asked.
  [/interaction is not allowed/i, 'keychain-locked'],
  // errSecNoSuchKeychain, errSecNoDefaultKeychain, errSecNotAvailable, ERROR_NO_SUCH_LOGON_SESSION
  [/keychain could not be found|no keychain is|logon session does not exist/i, 'keyring-missing'],
];

function codeOf(error: unknown): ErrorCode {
  const text = error instanceof Error ? error.message : '';
  return SAID.find(([said]) => said.test(text))?.[1] ?? 'keychain-refused';
}

function checkNames(...names: readonly string[]): void {
  if (names.some((name) => name === '' || name.includes('\0'))) {
    throw new AppError('unexpected', { hint: 'no name for a keychain item' });
  }
}

function checkValue(value: string, limit: number): void {
  if (value === '' || value.includes('\0')) {
    // The native code would cut it at the NUL without a word.
    throw new AppError('unexpected', { hint: 'no value for a keychain item' });
  }
  if (Buffer.byteLength(value) > limit) {
    throw new AppError('unexpected', { hint: `a keychain item holds ${limit} bytes at most` });
  }
}
