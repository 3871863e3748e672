import type { KeyServiceId } from '../../src/core/keys/services.ts';

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
