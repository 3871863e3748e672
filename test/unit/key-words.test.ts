import { describe, expect, test } from 'vitest';
import { statusWords, storedWords } from '../../src/cli/key-words.ts';
import { isRefused, type KeyCheck } from '../../src/core/keys/check.ts';

/** The words that programs know from Tachikoma, as it has them. */
const WORDS: readonly [check: KeyCheck, stored: string, status: string, refused: boolean][] = [
  [
    { kind: 'validated' },
    '[ok] Stored and validated OpenAI',
    'ready (credentials OPENAI_API_KEY, validated)',
    false,
  ],
  [
    { kind: 'status', status: 401 },
    '[warn] Stored but validation failed: status 401',
    'stored (credentials OPENAI_API_KEY, validation failed: status 401)',
    true,
  ],
  [
    { kind: 'status', status: 429 },
    '[warn] Stored but validation failed: status 429',
    'stored (credentials OPENAI_API_KEY, validation failed: status 429)',
    false,
  ],
  [
    { kind: 'not-json' },
    '[warn] Stored but validation failed: invalid json',
    'stored (credentials OPENAI_API_KEY, validation failed: invalid json)',
    false,
  ],
  [
    { kind: 'timeout', seconds: 30 },
    '[warn] Stored but validation timed out after 30s',
    'stored (credentials OPENAI_API_KEY, validation timed out after 30s)',
    false,
  ],
  [
    { kind: 'fault', cause: 'offline' },
    '[warn] Stored but validation failed: no network',
    'stored (credentials OPENAI_API_KEY, validation failed: no network)',
    false,
  ],
];

describe('how a key is, in words', () => {
  test.each(WORDS)('%j', (check, stored, status, refused) => {
    expect(storedWords('OpenAI', check)).toBe(stored);
    expect(statusWords('credentials OPENAI_API_KEY', check)).toBe(status);
    expect(isRefused(check)).toBe(refused);
  });

  test('none, one of the environment, and one that nobody asked about', () => {
    expect(statusWords(null, null)).toBe('missing');
    expect(statusWords('env OPENAI_API_KEY', { kind: 'validated' })).toBe(
      'ready (env OPENAI_API_KEY, validated)',
    );
    expect(statusWords('credentials GEMINI_API_KEY', null)).toBe(
      'stored (credentials GEMINI_API_KEY)',
    );
  });
});
