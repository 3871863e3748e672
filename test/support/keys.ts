import type { KeyServiceId } from '../../src/core/keys/services.ts';
import type { Keychain } from '../../src/core/ports.ts';
import { AppError } from '../../src/shared/errors.ts';

/** A key that looks like a real one of each service's. Nobody ever had it. */
export const A_KEY: Readonly<Record<KeyServiceId, string>> = {
  openai: 'sk-proj-canaryOpenAiCanaryOpenAi0123456789x7Qa',
  anthropic: 'sk-ant-api03-canaryAnthropicCanary0123456789-b4Zc',
  grok: 'xai-canaryGrokCanaryGrokCanary0123456789c9Wd',
  gemini: 'AIzaCanaryGeminiCanaryGemini0123456d2Ve',
};

/** Another one. */
export const OTHER_KEY: Readonly<Record<KeyServiceId, string>> = {
  openai: 'sk-proj-secondOpenAiSecondOpenAi9876543210k5Rt',
  anthropic: 'sk-ant-api03-secondAnthropicSecond9876543210-m8Yu',
  grok: 'xai-secondGrokSecondGrokSecond9876543210n3Po',
  gemini: 'AIzaSecondGeminiSecondGemini9876543h6Lk',
};

/** All services. */
export const KEY_SERVICES: readonly KeyServiceId[] = ['openai', 'anthropic', 'grok', 'gemini'];

/** A keychain that can be locked. */
export function lockable(): { keychain: Keychain; lock: { on: boolean } } {
  const items = new Map<string, string>();
  const lock = { on: false };
  const guard = async <T>(work: () => T): Promise<T> => {
    if (lock.on) throw new AppError('keychain-locked');
    return work();
  };
  const keychain: Keychain = {
    stuck: false,
    state: async () => (lock.on ? 'locked' : 'open'),
    get: (service, account) => guard(() => items.get(`${service} ${account}`) ?? null),
    set: (service, account, value) =>
      guard(() => {
        items.set(`${service} ${account}`, value);
      }),
    remove: (service, account) => guard(() => items.delete(`${service} ${account}`)),
  };
  return { keychain, lock };
}
