import { homedir } from 'node:os';
import type { Context } from './context.ts';
import { Engine } from './engine.ts';
import { readEnvironment } from './environment.ts';
import { nodeClock, nodeFiles } from './files/node-files.ts';
import { createKeyServices } from './keys/services.ts';
import { ServiceClock } from './oauth/service-clock.ts';
import { type AskSystem, systemProxy } from './oauth/system-proxy.ts';
import { pathsOf } from './paths.ts';
import { CustomProviders } from './providers/custom-file.ts';
import { createProviders } from './providers/index.ts';
import { createSecrets } from './redact.ts';
import { createKeychain } from './vault/keychain.ts';

/** What a shell may choose; the rest is the machine's own. */
export type EngineOptions = Partial<
  Pick<
    Context,
    'clock' | 'fs' | 'env' | 'platform' | 'userHome' | 'log' | 'step' | 'random' | 'keychain'
  >
> & {
  /** A person is at the screen, who can answer the system's question for the keychain. */
  readonly mayAsk?: () => Promise<boolean>;
  /** What the system says about proxies; without it the environment alone decides. */
  readonly askProxy?: AskSystem;
};

/**
 * The engine on this machine.
 * @throws AppError `unsafe-setting` for an environment that nothing should run in.
 */
export async function createEngine(
  options: EngineOptions = {},
): Promise<{ engine: Engine; context: Context }> {
  const { env = process.env, platform = process.platform, mayAsk, askProxy } = options;
  const { clock = nodeClock, fs = nodeFiles } = options;
  const { home, overrides } = await readEnvironment(fs, env, platform);
  const serviceClock = new ServiceClock();
  const builtIn = createProviders(overrides);
  // What somebody else's machine says of the time is no reason to doubt this one's.
  const trusted = new Set(
    Object.values(builtIn).map((each) => new URL(each.endpoints.tokenUrl).origin),
  );
  const paths = pathsOf(home);
  const log = options.log ?? (() => {});
  const custom = new CustomProviders({ fs, paths, log }, builtIn);
  await custom.reload();
  const context: Context = {
    paths,
    fs,
    clock,
    platform,
    env,
    userHome: options.userHome ?? env.HOME ?? homedir(),
    keychain:
      options.keychain ?? createKeychain({ clock, platform, env, ...(mayAsk && { mayAsk }) }),
    keyServices: createKeyServices(overrides.keys),
    providers: custom.all,
    custom,
    // Loaded when a request is made: most calls of the command line make none.
    send: async (request, limits) => {
      const { sendSecret } = await import('./oauth/transport.ts');
      const proxy = askProxy && (await systemProxy(askProxy, request.url, clock));
      const sentAt = clock.now();
      const outcome = await sendSecret(request, { clock, ...(proxy && { proxy }), ...limits });
      if (trusted.has(new URL(request.url).origin)) serviceClock.hear(outcome, sentAt);
      return outcome;
    },
    serviceClock,
    secrets: createSecrets(),
    log,
    step: options.step ?? (() => {}),
    random: options.random ?? Math.random,
  };
  return { engine: new Engine(context), context };
}
