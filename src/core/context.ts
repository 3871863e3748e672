import type { KeyServices } from './keys/services.ts';
import type { ServiceClock } from './oauth/service-clock.ts';
import type { Send } from './oauth/transport.ts';
import type { Paths } from './paths.ts';
import type { Clock, FileSystem, Keychain, Log, StepHook } from './ports.ts';
import type { CustomProviders } from './providers/custom-file.ts';
import type { Providers } from './providers/index.ts';
import type { Secrets } from './redact.ts';

/** What every part of the engine is given: the outside world, and where the state folder is. */
export interface Context {
  readonly paths: Paths;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** The person's home, where the tools keep their files. */
  readonly userHome: string;
  readonly keychain: Keychain;
  /** Always the same object; what the person adds or removes shows in it after `custom.reload()`. */
  readonly providers: Providers;
  /** Those whose API keys are kept. */
  readonly keyServices: KeyServices;
  readonly custom: Pick<CustomProviders, 'reload'>;
  /** The network. */
  readonly send: Send;
  /** What its answers say of this machine's clock. */
  readonly serviceClock: ServiceClock;
  readonly secrets: Secrets;
  readonly log: Log;
  readonly step: StepHook;
  /** [0, 1), for jitter only. */
  readonly random: () => number;
}
