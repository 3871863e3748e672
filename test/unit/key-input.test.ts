import { describe, expect, test } from 'vitest';
import { parseKey } from '../../src/core/keys/input.ts';
import {
  createKeyServices,
  findKeyService,
  type KeyServiceId,
} from '../../src/core/keys/services.ts';
import { jwt } from '../support/codecs.ts';
import { A_KEY, KEY_SERVICES } from '../support/keys.ts';

const services = createKeyServices();
const KEY = A_KEY.openai;

function parse(text: string, service: KeyServiceId = 'openai'): string {
  return parseKey(text, services[service], services);
}

/** The sentence with which it is refused. */
function refusal(text: string, service: KeyServiceId = 'openai'): string {
  try {
    parse(text, service);
  } catch (error) {
    expect(error).toMatchObject({ code: 'wrong-use' });
    return (error as Error & { details: { hint: string } }).details.hint;
  }
  throw new Error('it was taken');
}

describe('a key', () => {
  test.each(KEY_SERVICES)('of %s is taken as it is', (service) => {
    expect(parse(A_KEY[service], service)).toBe(A_KEY[service]);
  });

  test.each([
    ['a line end', `${KEY}\n`],
    ['a Windows line end', `${KEY}\r\n`],
    ['spaces and tabs', ` \t ${KEY}  `],
    ['a byte order mark', `\ufeff${KEY}`],
    ['double quotes', `"${KEY}"`],
    ['single quotes', `'${KEY}'`],
    ['backticks', `\`${KEY}\``],
    ['typographic quotes', `“${KEY}”`],
    ['white space around and within quotes', ` " ${KEY} " \n`],
  ])('loses %s around it', (_, text) => {
    expect(parse(text)).toBe(KEY);
  });
});

describe('what is no key is refused, and never quoted', () => {
  const cases: readonly [what: string, text: string, sentence: RegExp, service?: KeyServiceId][] = [
    ['nothing', '', /no key/],
    ['white space', ' \n\t', /no key/],
    ['a pair of quotes', '""', /no key/],
    ['two lines', `${KEY}\n${KEY}`, /one line/],
    ['a line end in the middle', `${KEY.slice(0, 20)}\n${KEY.slice(20)}`, /one line/],
    ['a carriage return in the middle', `${KEY.slice(0, 20)}\r${KEY.slice(20)}`, /one line/],
    ['a line separator in the middle', `${KEY.slice(0, 20)}\u2028${KEY.slice(20)}`, /one line/],
    ['a space in the middle', `${KEY.slice(0, 20)} ${KEY.slice(20)}`, /spaces/],
    ['a header', `Bearer ${KEY}`, /spaces/],
    ['a line of a shell', `OPENAI_API_KEY=${KEY}`, /name before/],
    ['a quote at one end', `"${KEY}`, /quotation mark/],
    ['a quote at the other end', `${KEY}'`, /quotation mark/],
    ['two pairs of quotes', `"'${KEY}'"`, /quotation mark/],
    ['a letter that no key has', `${KEY}é`, /characters/],
    ['a character that nobody sees', `${KEY}\u200b`, /characters/],
    ['a control character', `${KEY}\u0007`, /characters/],
    ['a zero', `${KEY}\0`, /characters/],
    ['a piece', 'sk-proj-can', /too short/],
    ['a flood', 'k'.repeat(16 * 1024 + 1), /too long/],
    [
      'a Claude login’s access token',
      `sk-ant-oat01-${'a'.repeat(40)}`,
      /Claude login/,
      'anthropic',
    ],
    ['its refresh token', `sk-ant-ort01-${'a'.repeat(40)}`, /Claude login/, 'anthropic'],
    ['a ChatGPT login’s token', jwt({ sub: 'u1', exp: 1 }), /token of a login/],
    ['Anthropic’s key for OpenAI', A_KEY.anthropic, /key for Anthropic.*key add anthropic/],
    ['xAI’s key for OpenAI', A_KEY.grok, /key for Grok \(xAI\).*key add grok/],
    ['Google’s key for OpenAI', A_KEY.gemini, /key for Gemini.*key add gemini/],
  ];

  test.each(cases)('%s', (_, text, sentence, service) => {
    const hint = refusal(text, service);
    expect(hint).toMatch(sentence);
    expect(hint).toMatch(/Nothing was saved\.$/);
    expect(hint).not.toMatch(/canary|aaaa|kkkk|eyJ/i);
  });

  test('the longest that is taken', () => {
    const longest = 'k'.repeat(16 * 1024);
    expect(parse(longest)).toBe(longest);
  });
});

describe('a service', () => {
  test.each([
    ['openai', 'openai'],
    ['OpenAI', 'openai'],
    ['grok', 'grok'],
    ['xai', 'grok'],
    [' XAI ', 'grok'],
    ['Gemini', 'gemini'],
  ])('is found by %j', (name, id) => {
    expect(findKeyService(services, name).id).toBe(id);
  });

  test('that is unknown is not repeated: it may be a key', () => {
    expect(() => findKeyService(services, KEY)).toThrow(
      'wrong-use: There is no such service; it can be openai, anthropic, grok or gemini.',
    );
  });
});
