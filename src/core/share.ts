import type { AccountView } from '../shared/account-view.ts';
import { AppError } from '../shared/errors.ts';
import { askEngine } from './broker/ask.ts';
import { type BrokerService, startBroker } from './broker/server.ts';
import { accountNamed } from './choose.ts';
import type { Context } from './context.ts';
import type { Engine } from './engine.ts';

/** Longest time that a login is shared for, ms: what is forgotten is over after a day. */
const LONGEST_SHARE = 24 * 60 * 60_000;

/** How a login is shared. */
export interface ShareOptions {
  /** For how long, ms. */
  readonly span: number;
  /** Each time that a token was handed out. */
  readonly onUse: () => void;
}

/** A login that is shared. */
export interface Share {
  readonly account: AccountView;
  /** The socket that gives its access token. */
  readonly path: string;
  /** When it ends, epoch ms. */
  readonly until: number;
  /** Resolves once it has ended. */
  readonly closed: Promise<void>;
  /** Ends it now. */
  close(): Promise<void>;
}

/**
 * Opens a socket that gives one account's access token to whoever of this user asks there, and nothing
 * else. The engine that runs is asked each time, if there is one.
 * @throws AppError `wrong-use` for a time that nothing is shared for; as `Engine.token`, for a login that
 * does not work; as `startBroker`.
 */
export async function shareLogin(
  context: Context,
  engine: Engine,
  name: string,
  { span, onUse }: ShareOptions,
): Promise<Share> {
  if (span <= 0 || span > LONGEST_SHARE) {
    throw new AppError('wrong-use', { hint: 'a login can be shared for 24h at most' });
  }
  const service = new Answers(context, engine, onUse);
  const { accounts } = await service.status();
  const account = accountNamed(accounts, name, context.providers);
  // What is wrong with it is told here, not to somebody far away.
  await service.anyToken(account.id, 0);
  const until = context.clock.now() + span;
  const broker = await startBroker(context, service, { only: { account: account.id, until } });
  const { path, closed } = broker;
  return { account, path, until, closed, close: () => broker.close() };
}

class Answers implements Pick<BrokerService, 'token' | 'status'> {
  readonly #context: Context;
  readonly #engine: Engine;
  readonly #onUse: () => void;

  constructor(context: Context, engine: Engine, onUse: () => void) {
    this.#context = context;
    this.#engine = engine;
    this.#onUse = onUse;
  }

  async token(name: string, minLife: number): ReturnType<BrokerService['token']> {
    const token = await this.anyToken(name, minLife);
    this.#onUse();
    return token;
  }

  anyToken(name: string, minLife: number): ReturnType<BrokerService['token']> {
    return askEngine(
      this.#context,
      (running) => running.token(name, minLife),
      () => this.#engine.token(name, minLife),
    );
  }

  status(): ReturnType<BrokerService['status']> {
    return askEngine(
      this.#context,
      (running) => running.status(),
      () => this.#engine.status(),
    );
  }
}
