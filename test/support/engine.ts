import { join } from 'node:path';
import { inspect } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Context } from '../../src/core/context.ts';
import { createEngine, type EngineOptions } from '../../src/core/create.ts';
import type { Engine } from '../../src/core/engine.ts';
import type { LoginState } from '../../src/core/login.ts';
import { type StandIn, type StandInOptions, signInAt, startStandIn } from './provider/index.ts';
import { tempFolder } from './temp-folder.ts';
import { TestClock } from './test-clock.ts';

/** A machine with nothing on it but Authbar, and both providers to sign in to. */
export interface World {
  readonly engine: Engine;
  readonly context: Context;
  readonly clock: TestClock;
  readonly provider: StandIn;
  /** The person's home. */
  readonly userHome: string;
  readonly env: NodeJS.ProcessEnv;
  /** Another process's engine on the same state folder. */
  another(options?: EngineOptions): Promise<{ engine: Engine; context: Context }>;
  /** Signs in as a person would, in the browser. Resolves with the account's id. */
  signIn(service: string, person?: string): Promise<string>;
}

/** How long the callback server answers a reload. */
const RELOAD_TIME = 2000;

/** The engine in this process on real files and sockets; the vault's key is in a file. */
export async function startWorld(
  options: EngineOptions & { readonly standIn?: StandInOptions } = {},
): Promise<World> {
  const provider = await startStandIn(options.standIn);
  onTestFinished(() => provider.close());
  const userHome = await tempFolder();
  const env: NodeJS.ProcessEnv = {
    HOME: userHome,
    PATH: process.env.PATH,
    AUTHBAR_HOME: join(userHome, 'state'),
    AUTHBAR_VAULT: 'file',
    AUTHBAR_PROVIDERS_FILE: await provider.providersFile(join(userHome, 'providers.json')),
  };
  const clock = new TestClock();
  const another = (more: EngineOptions = {}) =>
    createEngine({ env, clock, userHome, ...options, ...more });
  const { engine, context } = await another();
  return {
    engine,
    context,
    clock,
    provider,
    userHome,
    env,
    another,
    signIn: async (service, person) => {
      const id = await signIn(engine, service, person);
      clock.advance(RELOAD_TIME);
      return id;
    },
  };
}

/** Signs in through the real flow, the browser played by a small user agent. */
export async function signIn(engine: Engine, service: string, person?: string): Promise<string> {
  let lost: Error | null = null;
  const attempt = engine.login(service, {
    onState: (state) => {
      if (state.kind !== 'waiting') return;
      // Without an answer it would wait for ten minutes, and for ever on a clock that stands.
      const stop = (where: unknown) => {
        lost = new Error(`the browser came to its end at ${inspect(where)}`);
        attempt.cancel();
      };
      signInAt(state.url, person ? { person } : {}).then((end) => {
        if (end.kind !== 'callback') stop(end);
      }, stop);
    },
  });
  return attempt.done.catch((error) => {
    throw lost ?? error;
  });
}

/** Every state of an attempt, in order. */
export function recorded(): { states: LoginState[]; onState: (state: LoginState) => void } {
  const states: LoginState[] = [];
  return { states, onState: (state) => states.push(state) };
}
