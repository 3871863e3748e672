import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText, createSecrets, redactShapes } from '../../src/core/redact.ts';

/** As tokens are: base64url, long enough to be no word. */
const secret = fc
  .array(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'), {
    minLength: 12,
    maxLength: 120,
  })
  .map((characters) => characters.join(''));
/** As codes and URLs may be: any visible ASCII. */
const visible = fc
  .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 12, maxLength: 60 })
  .map((codes) => String.fromCharCode(...codes));

describe('secrets that are known', () => {
  test('never survive, wherever they stand and however they are written', () => {
    fc.assert(
      fc.property(fc.array(visible, { minLength: 1, maxLength: 5 }), fc.string(), (all, around) => {
        const secrets = createSecrets();
        secrets.add(...all);
        for (const one of all) {
          for (const written of [one, encodeURIComponent(one), JSON.stringify(one).slice(1, -1)]) {
            const clean = secrets.redact(`${around}${written}${around}`);
            if (!around.includes(one) && !'[redacted]'.includes(one)) {
              expect(clean.includes(written)).toBe(false);
            }
          }
        }
      }),
    );
  });

  test('leave nothing of a longer one that begins like a shorter one', () => {
    fc.assert(
      fc.property(secret, secret, (short, rest) => {
        const secrets = createSecrets();
        secrets.add(short, short + rest);
        expect(secrets.redact(`<${short + rest}>`)).toBe('<[redacted]>');
      }),
    );
  });

  test('are masked once: what was masked stays as it is', () => {
    fc.assert(
      fc.property(fc.array(secret), fc.string(), (all, text) => {
        const secrets = createSecrets();
        secrets.add(...all);
        const once = secrets.redact(`token=${all.join(' code: ')} ${text} "state":"${all[0]}"`);
        expect(secrets.redact(once)).toBe(once);
      }),
    );
  });

  test('are no words: short ones, none and nothing are passed over', () => {
    const secrets = createSecrets();
    secrets.add('sign-in', '', null, undefined);
    expect(secrets.redact('a sign-in')).toBe('a sign-in');
  });
});

describe('what looks like a secret', () => {
  test.each([
    ['a JWT', 'got eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln here', 'got [redacted] here'],
    ['a token of Anthropic’s', 'sk-ant-oat01-abc_DEF-123456', '[redacted]'],
    ['a key of xAI’s', 'key xai-abcdefgh12 here', 'key [redacted] here'],
    ['a key of Google’s', 'AIzaSyAbcdefghijklmnopqrstuvw', '[redacted]'],
    ['a bearer header', 'authorization: Bearer abc.def', 'authorization: Bearer [redacted]'],
    ['a JSON field', '{"refresh_token":"rt_abc","x":1}', '{"refresh_token":"[redacted]","x":1}'],
    ['a form body', 'code=abc&state=def&x=1', 'code=[redacted]&state=[redacted]&x=1'],
    ['a callback', 'GET /callback?code=a1b2#x HTTP', 'GET /callback?code=[redacted] HTTP'],
    ['something long and random', `id ${'aB3'.repeat(15)}`, 'id [redacted]'],
  ])('%s is masked', (_, text, clean) => {
    expect(redactShapes(text)).toBe(clean);
    expect(redactShapes(clean)).toBe(clean);
  });

  test.each([
    'renewal-failed code unreachable',
    '/home/anna/.local/share/authbar/accounts/0123456789abcdef/grant',
    'a'.repeat(64),
    'https://auth.openai.com/oauth/token',
  ])('%s is not', (text) => {
    expect(redactShapes(text)).toBe(text);
  });

  test('masking twice changes nothing more', () => {
    const pieces = fc.constantFrom(
      'token=',
      '"code":"',
      'Bearer ',
      'eyJ',
      'sk-',
      '[redacted]',
      ']',
      '"',
    );
    const text = fc.array(fc.oneof(pieces, secret, fc.string())).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (each) => {
        const once = redactShapes(each);
        expect(redactShapes(once)).toBe(once);
      }),
    );
  });
});

test('of very many secrets the newest are masked, whatever they look like', () => {
  const secrets = createSecrets();
  for (let n = 0; n < 6000; n += 1) secrets.add(`plain word ${n}`);
  expect(secrets.redact('it says plain word 5999.')).toBe('it says [redacted].');
  expect(secrets.redact('it says plain word 0.')).toBe('it says plain word 0.');
});

describe('foreign text', () => {
  test('loses what cannot be seen, and is one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const clean = cleanText(text);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/u);
        expect([...clean].length).toBeLessThanOrEqual(200);
        expect(cleanText(clean)).toBe(clean);
      }),
    );
  });

  test('keeps what people write', () => {
    expect(cleanText(' Zoë’s “Büro” 東京 👍 ')).toBe('Zoë’s “Büro” 東京 👍');
    expect(cleanText('a\u001b[31mb\u202ec\r\nd')).toBe('a [31mb c d');
    expect(cleanText('abcdef', 4)).toBe('abc…');
  });
});

test('our own error codes stay readable, and nothing that only begins like one does', () => {
  expect(redactShapes('broker-not-started code=folder-protected pid=7')).toBe(
    'broker-not-started code=folder-protected pid=7',
  );
  expect(redactShapes('{"code":"unreachable","n":1}')).toBe('{"code":"unreachable","n":1}');
  expect(redactShapes('end=over providerCode=invalid_grant')).toContain('invalid_grant');
  expect(redactShapes('?code=offline2345&x=1')).toBe('?code=[redacted]&x=1');
  expect(redactShapes('code=unreachable#abc')).toBe('code=[redacted]');
});
