import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/shared/errors.ts';
import { inList, inSentence, middle } from '../../src/shared/ui/names.ts';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { wordsFor } from '../../src/shared/words.ts';
import { type Entry, enumerate } from '../support/catalogue.ts';

const FORBIDDEN =
  /token|oauth|credential(?! manager)|refresh|auth\.json|proxy|daemon|vault|mirror|provider|session|api key/i;

/** Met only where there is a command line. */
const AT_A_TERMINAL = new Set(
  ERROR_CODES.slice(ERROR_CODES.indexOf('unexpected') + 1).map((code) => `error.${code}`),
);

/** Longer by design: each is the only thing in its view, and every word of it is needed. */
const LONGER_SENTENCES = new Set(['signIn.code.bodyAddress']);
const MORE_SENTENCES = new Set(['signIn.waiting.body', 'consent.body']);
/** Right on a Mac, where alone the system asks; elsewhere the computer's name is longer. */
const LONGER_TITLES = new Set(['error.login-item-blocked.title']);

const isTitle = ({ name }: Entry) => /\.(heading|title)$/.test(name) || name.startsWith('heading.');
const isNotice = ({ name }: Entry) => name.startsWith('notice.');
/** What an ear is told may be longer: it has no edges. */
const isHeard = ({ name }: Entry) => /\.says\w*$/.test(name) || name === 'card.name';

function inView({ name }: Entry): boolean {
  return !AT_A_TERMINAL.has(name.split('.', 2).join('.'));
}

function sentencesOf(text: string): string[] {
  return text.split(/(?<=[.?…:]) (?=[\p{Lu}“])/u);
}

describe.each(['darwin', 'win32', 'linux'])('on %s', (platform) => {
  const all = enumerate(platform).filter(inView);

  test('no text holds a word of an engineer’s', () => {
    expect(all.length).toBeGreaterThan(300);
    expect(all.filter(({ text }) => FORBIDDEN.test(text))).toEqual([]);
  });

  test('no text has a gap, a straight quote or an exclamation mark', () => {
    const odd = /undefined|null|NaN|[{}'"!]| {2}|^\s|\s$| [.,’]|\.\./;
    expect(all.filter(({ text }) => odd.test(text))).toEqual([]);
  });

  test('a title has at most 34 characters', () => {
    const titles = all.filter((entry) => isTitle(entry) && !isNotice(entry));
    const long = titles.filter(({ text }) => text.length > 34);
    expect(long.filter(({ name }) => !LONGER_TITLES.has(name))).toEqual([]);
  });

  test('a sentence has at most 90 characters, and a text two sentences', () => {
    const read = all.filter((entry) => !isTitle(entry) && !isNotice(entry) && !isHeard(entry));
    const long = read.filter(({ text }) => sentencesOf(text).some((one) => one.length > 90));
    expect(long.filter(({ name }) => !LONGER_SENTENCES.has(name))).toEqual([]);
    const many = read.filter(({ text }) => sentencesOf(text).length > 2);
    expect(many.filter(({ name }) => !MORE_SENTENCES.has(name))).toEqual([]);
  });

  test('a notice’s title has at most 40 characters, its body 110', () => {
    const notices = all.filter(isNotice);
    const limit = ({ name }: Entry) => (name.endsWith('.title') ? 40 : 110);
    expect(notices.filter((entry) => entry.text.length > limit(entry))).toEqual([]);
  });

  test('every text but a part of one begins with a capital', () => {
    const parts = ['signIn.device.enter', 'details.about', 'keptIn.inFile', 'about.tagline'];
    // These begin with a name or an address.
    const named = /^(card|details)\.subtitle$|^history\.|^notice\./;
    const small = all.filter(({ name, text }) => /^\p{Ll}/u.test(text) && !named.test(name));
    expect([...new Set(small.map(({ name }) => name))]).toEqual(parts);
  });
});

describe('what is filled in', () => {
  const words = wordsFor('darwin');

  test.each([
    [
      TEXTS.welcome.body(words),
      'Sign in to Claude or ChatGPT here. Authbar keeps the login working in the tools on this Mac.',
    ],
    [
      TEXTS.welcome.found({ ...words, tools: ['Claude Code', 'Codex', 'Pi'] }),
      'Found on this Mac: Claude Code, Codex, Pi',
    ],
    [
      TEXTS.welcome.found({
        ...words,
        tools: ['Claude Code', 'Codex', 'Pi', 'Peekaboo', 'opencode'],
      }),
      'Found on this Mac: Claude Code, Codex, Pi and 2 more',
    ],
    [
      TEXTS.consent.body({ ...words, tool: 'Claude Code' }),
      'Claude Code keeps its login in your keychain. Your Mac will ask whether Authbar may change it. Choose Always Allow, and it won’t ask again.',
    ],
    [
      TEXTS.signIn.signedIn.says({ service: 'Claude', tools: ['Claude Code', 'Pi'] }),
      'You’re signed in to Claude. Ready in Claude Code and Pi.',
    ],
    [
      TEXTS.signIn.signedIn.saysLater({ service: 'Claude', email: 'anna@example.com' }),
      'Signed in to Claude as anna@example.com',
    ],
    [
      TEXTS.signIn.locked.sentence({ ...words, service: 'Claude' }),
      'Claude said yes, but your keychain is locked.',
    ],
    [
      TEXTS.details.subtitle({
        name: null,
        email: 'anna@example.com',
        plan: 'Max',
        workspace: 'Personal',
      }),
      'anna@example.com · Max · Personal',
    ],
    [
      TEXTS.details.says({
        service: 'Claude',
        email: 'anna@example.com',
        state: 'Signed in, renews itself.',
      }),
      'Claude, anna@example.com. Signed in, renews itself.',
    ],
    [
      TEXTS.signOut.says({ ...words, tools: ['Claude Code', 'Pi'] }),
      'From Claude Code, Pi and your keychain.',
    ],
    [
      TEXTS.signOut.done.says({ service: 'Claude', count: 3 }),
      'Signed out of Claude. Removed from 3 places.',
    ],
    [
      TEXTS.signOut.done.says({ service: 'Claude', count: 1 }),
      'Signed out of Claude. Removed from 1 place.',
    ],
    [TEXTS.accounts.saysLocked(words), 'Your keychain is locked. Your logins are safe.'],
    [TEXTS.accounts.saysUnlocked(words), 'Keychain unlocked.'],
    [TEXTS.accounts.saysUnlocked(wordsFor('win32')), 'Credential Manager unlocked.'],
    [TEXTS.settings.saysSwitch({ label: 'Open at login', on: true }), 'Open at login, on'],
    [
      TEXTS.quit.body({ until: '14:05' }),
      'Your logins stop renewing. Some tools may stop working after 14:05.',
    ],
    [TEXTS.keptIn.elsewhere(wordsFor('linux')), 'Your keyring'],
  ])('%#: %s', (text, expected) => {
    expect(text).toBe(expected);
  });

  test.each([
    [[], '', ''],
    [['Codex'], 'Codex', 'Codex'],
    [['Codex', 'Pi'], 'Codex, Pi', 'Codex and Pi'],
    [['Codex', 'Pi', 'opencode'], 'Codex, Pi, opencode', 'Codex, Pi and opencode'],
    [['Codex', 'Pi', 'opencode', 'SynapsCLI'], 'Codex, Pi and 2 more', 'Codex, Pi and 2 more'],
  ])('%j in a list and in a sentence', (names, list, sentence) => {
    expect(inList(names)).toBe(list);
    expect(inSentence(names)).toBe(sentence);
  });

  test.each([
    ['anna@example.com', 34, 'anna@example.com'],
    ['anna.longest.name@example.com', 21, 'anna.lon…@example.com'],
    ['a.very.long.name.indeed@department.example.com', 34, 'a.very.lon…@department.example.com'],
    [`anna@${'long.'.repeat(20)}example`, 20, 'anna@…g.long.example'],
    ['no address at all, but long', 12, 'no addr…long'],
  ])('%s in %i characters: %s', (text, length, short) => {
    expect(middle(text, length)).toBe(short);
    expect(short.length).toBeLessThanOrEqual(length);
  });
});
