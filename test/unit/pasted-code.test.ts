import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PasteContext, readPastedCode } from '../../src/core/oauth/pasted-code.ts';

const STATE = 'St4te-of_this.attempt~0123456789abcdefghijk';
const CODE = 'c0de-ABC_123.xyz~789';
const LOOPBACK = 'http://localhost:53692/callback';
const PASTE = 'https://platform.claude.com/oauth/code/callback';

const CLAUDE: PasteContext = {
  state: STATE,
  provider: { service: 'Claude', bareCode: false },
  redirectUrls: { loopback: LOOPBACK, paste: PASTE },
};
const BARE: PasteContext = { ...CLAUDE, provider: { service: 'Claude', bareCode: true } };
const CHATGPT: PasteContext = {
  state: STATE,
  provider: { service: 'ChatGPT', bareCode: false },
  redirectUrls: { loopback: 'http://localhost:1455/auth/callback', paste: null },
};
const NO_SERVER: PasteContext = { ...CLAUDE, redirectUrls: { loopback: null, paste: PASTE } };
const NO_PAGE: PasteContext = { ...BARE, redirectUrls: { loopback: null, paste: null } };

const QUERY = `code=${CODE}&state=${STATE}`;
const LOOKS_WRONG = 'That doesn’t look like the code. Copy the one that Claude shows at the end.';
const ONLY_PART = 'That’s only part of the code. Copy all of it, including what comes after the #.';
const EARLIER_TRY = 'That’s from an earlier try. Use the newest page in your browser.';

describe('a whole code is read', () => {
  test.each([
    ['the loopback address', `${LOOPBACK}?${QUERY}`, CLAUDE, 'loopback'],
    ['the loopback address with more in it', `${LOOPBACK}?${QUERY}&scope=a+b#`, CLAUDE, 'loopback'],
    ['the address as browsers show it', `localhost:53692/callback?${QUERY}`, CLAUDE, 'loopback'],
    ['the address of the page to copy from', `${PASTE}?${QUERY}`, CLAUDE, 'paste'],
    ['code#state', `${CODE}#${STATE}`, CLAUDE, 'paste'],
    ['code#state without such a page', `${CODE}#${STATE}`, CHATGPT, 'loopback'],
    ['the query', QUERY, CLAUDE, 'loopback'],
    ['the query with its question mark', `?state=${STATE}&code=${CODE}`, CHATGPT, 'loopback'],
    ['the query where no server listens', QUERY, NO_SERVER, 'paste'],
  ] as const)('%s', (_, text, context, via) => {
    expect(readPastedCode(text, context)).toEqual({ kind: 'code', code: CODE, state: STATE, via });
  });

  test('the code alone, where the provider allows it', () => {
    const read = { kind: 'code', code: CODE, state: null };
    expect(readPastedCode(CODE, BARE)).toEqual({ ...read, via: 'paste' });
    expect(readPastedCode(CODE, NO_PAGE)).toEqual({ ...read, via: 'loopback' });
  });

  test('percent signs in an address are undone', () => {
    const read = readPastedCode(`${LOOPBACK}?code=a%2Bb%3D%3D&state=${STATE}`, CLAUDE);
    expect(read).toMatchObject({ kind: 'code', code: 'a+b==' });
  });
});

describe('where the server announced to name itself in its answer (RFC 9207)', () => {
  const issuer = 'https://login.example.com';
  const own: PasteContext = {
    state: STATE,
    provider: { service: 'Example', bareCode: false, issuer, issuerInAnswer: true },
    redirectUrls: { loopback: 'http://127.0.0.1:8400/callback', paste: null },
  };
  const unannounced = { ...own, provider: { ...own.provider, issuerInAnswer: false } };
  const address = `http://127.0.0.1:8400/callback?${QUERY}`;
  const iss = encodeURIComponent(issuer);

  test.each([
    ['the issuer', `${address}&iss=${iss}`, own, 'code'],
    ['nobody', address, own, 'answer-mismatch'],
    ['another issuer', `${address}&iss=${iss}.evil`, own, 'answer-mismatch'],
    ['two issuers', `${address}&iss=${iss}&iss=${iss}`, own, 'code-incomplete'],
    ['nobody, as code#state', `${CODE}#${STATE}`, own, 'code-incomplete'],
    ['nobody, unannounced', address, unannounced, 'code'],
    ['another issuer, unannounced', `${address}&iss=x`, unannounced, 'answer-mismatch'],
  ] as const)('an answer that names %s', (_, text, context, outcome) => {
    const read = readPastedCode(text, context);
    expect(read.kind === 'code' ? read.kind : read.code).toBe(outcome);
  });
});

describe('what comes along when copying is forgiven', () => {
  const whole = `${LOOPBACK}?${QUERY}`;
  test.each([
    ['spaces', `  \t${whole}\u00a0\n`],
    ['straight quotes', `"${whole}"`],
    ['single quotes', `'${whole}'`],
    ['typographic quotes', `“${whole}”`],
    ['low and pointed quotes', `„»${whole}«“`],
    ['backticks', `\`\`\`\n${whole}\n\`\`\``],
    ['angle brackets', `<${whole}>`],
    ['several of them', ` "<${whole}>" `],
    [
      'the line breaks of a wrapped paste',
      `${whole.slice(0, 30)}\r\n   ${whole.slice(30, 60)}  \n${whole.slice(60)}`,
    ],
    ['a byte order mark', `\ufeff${whole}`],
  ])('%s', (_, text) => {
    expect(readPastedCode(text, CLAUDE)).toMatchObject({ kind: 'code', code: CODE });
  });
});

describe('a problem is told with what to copy', () => {
  test.each([
    ['nothing', '', 'code-incomplete', 'Paste the code first.'],
    ['only quotes', ' "" ', 'code-incomplete', 'Paste the code first.'],
    ['the code without its state', CODE, 'code-incomplete', ONLY_PART],
    ['a code and nothing after the #', `${CODE}#`, 'code-incomplete', ONLY_PART],
    ['nothing before the #', `#${STATE}`, 'code-incomplete', ONLY_PART],
    ['a state that was cut off', `${CODE}#${STATE.slice(0, 9)}`, 'code-incomplete', ONLY_PART],
    ['an address without a query', LOOPBACK, 'code-incomplete', ONLY_PART],
    ['an address without a state', `${LOOPBACK}?code=${CODE}`, 'code-incomplete', ONLY_PART],
    ['an address without a code', `${LOOPBACK}?state=${STATE}`, 'code-incomplete', ONLY_PART],
    ['another state', `${CODE}#${'x'.repeat(43)}`, 'answer-mismatch', EARLIER_TRY],
    ['a longer state', `${CODE}#${STATE}x`, 'answer-mismatch', EARLIER_TRY],
    ['another state in an address', `${LOOPBACK}?code=a&state=b`, 'answer-mismatch', EARLIER_TRY],
    ['an older refusal', `${PASTE}?error=access_denied&state=b`, 'answer-mismatch', EARLIER_TRY],
    ['a word', 'yes', 'code-incomplete', LOOKS_WRONG],
    ['a sentence', `my code is ${CODE}`, 'code-incomplete', LOOKS_WRONG],
    ['two states', `${CODE}#${STATE}#${STATE}`, 'code-incomplete', LOOKS_WRONG],
    ['a code twice', `${LOOPBACK}?${QUERY}&code=x`, 'code-incomplete', LOOKS_WRONG],
    ['a state twice', `${QUERY}&state=${STATE}`, 'code-incomplete', LOOKS_WRONG],
    ['an address that is none', `http://[::1?${QUERY}`, 'code-incomplete', LOOKS_WRONG],
    ['another site without http', `localhost:1/callback?${QUERY}`, 'code-incomplete', LOOKS_WRONG],
    ['a control character', `${CODE}\u001b[A#${STATE}`, 'code-incomplete', LOOKS_WRONG],
    ['a hidden one', `${LOOPBACK}?code=a%0ab&state=${STATE}`, 'code-incomplete', LOOKS_WRONG],
    ['a bidi character', `${CODE}\u202e#${STATE}`, 'code-incomplete', LOOKS_WRONG],
    ['a novel', 'a'.repeat(4097), 'code-incomplete', LOOKS_WRONG],
  ])('%s', (_, text, code, message) => {
    expect(readPastedCode(text, CLAUDE)).toEqual({ kind: 'problem', code, message });
  });

  test.each([
    ['another port', `http://localhost:53693/callback?${QUERY}`],
    ['another path', `http://localhost:53692/callback/?${QUERY}`],
    ['another host', `http://127.0.0.1:53692/callback?${QUERY}`],
    ['a host that begins like ours', `http://localhost:53692@example.com/callback?${QUERY}`],
    ['a secure one', `https://localhost:53692/callback?${QUERY}`],
    ['the address that was opened', 'https://claude.ai/oauth/authorize?code=true&state=x'],
    ['a program', `javascript://localhost:53692/callback?${QUERY}`],
  ])('an address from another site: %s', (_, text) => {
    expect(readPastedCode(text, CLAUDE)).toEqual({
      kind: 'problem',
      code: 'answer-mismatch',
      message:
        'That address is from another site. Copy the one that starts with http://localhost:53692.',
    });
  });

  test('without a server the site to copy from is the one that shows the code', () => {
    expect(readPastedCode(`https://example.com/?${QUERY}`, NO_SERVER)).toMatchObject({
      message: expect.stringContaining('starts with https://platform.claude.com.'),
    });
    expect(readPastedCode(`https://example.com/?${QUERY}`, NO_PAGE)).toMatchObject({
      message: LOOKS_WRONG,
    });
  });

  test('ChatGPT has an address to copy, not a code', () => {
    const part = { kind: 'problem', code: 'code-incomplete', message: expect.any(String) };
    const read = readPastedCode(CODE, CHATGPT);
    expect(read).toEqual(part);
    expect(read).toMatchObject({ message: expect.stringContaining('part of the address') });
  });

  test.each([`${LOOPBACK}?error=access_denied&state=${STATE}`, 'error=access_denied'])(
    'a refusal: %s',
    (text) => {
      expect(readPastedCode(text, CLAUDE)).toEqual({
        kind: 'problem',
        code: 'sign-in-stopped',
        message: 'That address says the sign-in was stopped. Open the browser again and allow it.',
      });
    },
  );

  test('the service’s own problem is told as one, in our words', () => {
    const text = `${LOOPBACK}?error=server_error&error_description=secret&state=${STATE}`;
    expect(readPastedCode(text, CLAUDE)).toEqual({
      kind: 'problem',
      code: 'sign-in-stopped',
      message: 'That address says Claude couldn’t sign you in. Open the browser again.',
    });
  });
});

describe('whatever is pasted', () => {
  const contexts = fc.constantFrom(CLAUDE, BARE, CHATGPT, NO_SERVER, NO_PAGE);
  const pieces = fc.constantFrom(
    CODE,
    STATE,
    LOOPBACK,
    PASTE,
    QUERY,
    '#',
    '?',
    '&',
    '=',
    'code',
    'state',
    'error',
    '%',
    '%zz',
    '://',
    '"',
    '\n',
    ' ',
    '\u202e',
    '\0',
    '\ud800',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(fc.oneof(pieces, fc.string({ maxLength: 5 }))).map((parts) => parts.join('')),
  );

  test('it is read or refused, never thrown at, and what is read is fit to be sent', () => {
    fc.assert(
      fc.property(texts, contexts, (text, context) => {
        const read = readPastedCode(text, context);
        if (read.kind === 'problem') {
          expect(read.message).toMatch(/^[A-Z].*\.$/);
        } else {
          expect(read.code).toMatch(/^[\x21-\x7e]+$/);
          expect([STATE, null]).toContain(read.state);
          expect(read.state !== null || context.provider.bareCode).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
