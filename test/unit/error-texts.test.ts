import { describe, expect, test } from 'vitest';
import { ERROR_TEXTS } from '../../src/shared/error-catalogue.ts';
import { commandLineAction, describeError } from '../../src/shared/error-texts.ts';
import { AppError, ERROR_CODES, type ErrorDetails } from '../../src/shared/errors.ts';

const NOW = Date.parse('2025-10-12T10:00:00Z');
const MINUTE = 60_000;
const PLATFORMS = ['darwin', 'win32', 'linux'];

/** Each name is as long as they get; the longest times are `tomorrow at 12:00 am` and `48 hours`. */
const FULL: Required<
  Omit<ErrorDetails, 'hint' | 'problem' | 'signingIn' | 'adding' | 'unclear' | 'asked' | 'names'>
> = {
  service: 'ChatGPT',
  tool: 'Claude Code',
  program: 'Docker Desktop',
  retryAt: NOW + 26 * 60 * MINUTE,
  path: '/home/anna/.peekaboo/credentials',
  pid: 4_194_303,
  offBy: -47 * 60 * MINUTE,
  newAccount: 'anna.lon…@example.com',
  oldAccount: 'otto.lon…@example.com',
  keyService: 'anthropic',
};

/** The first 39 codes are those of the window; the rest are met at the command line only. */
const WINDOW_CODES = ERROR_CODES.slice(0, 40);

/** Right on a Mac, where alone the system asks; elsewhere the computer's name is longer. */
const MAY_BE_LONGER = new Set(['Your computer is waiting for your OK']);

const FORBIDDEN =
  /token|oauth|credential(?! manager)|refresh|auth\.json|proxy|daemon|vault|mirror|provider|session/i;

function describeAs(code: (typeof ERROR_CODES)[number], details: ErrorDetails, platform: string) {
  const context = { platform, now: NOW, locale: 'en-GB', timeZone: 'UTC' };
  return describeError(new AppError(code, details), context);
}

describe.each(ERROR_CODES)('%s', (code) => {
  test('has no gap in its words, whatever the error tells', () => {
    for (const details of [{}, FULL, { service: '', tool: '\u0007', program: '\u202e' }]) {
      for (const platform of PLATFORMS) {
        const { title, sentence, action } = describeAs(code, details, platform);
        const atTerminal = commandLineAction(new AppError(code, details));
        for (const text of [title, sentence, action, atTerminal]) {
          expect(text).toMatch(/^\S.*\S$/);
          expect(text).not.toMatch(/[{}!']|undefined| {2}| [.,’]/);
        }
        expect(title).toMatch(/^\p{Lu}/u);
        expect(sentence).toMatch(/^\p{Lu}.*[.]$/u);
      }
    }
  });

  test('fits where it is shown', () => {
    for (const platform of PLATFORMS) {
      const { title, sentence } = describeAs(code, FULL, platform);
      if (!MAY_BE_LONGER.has(title)) expect(title.length, title).toBeLessThanOrEqual(34);
      expect(sentence.length, sentence).toBeLessThanOrEqual(90);
    }
  });
});

test('the words of the window hold none of an engineer’s', () => {
  for (const code of WINDOW_CODES) {
    for (const platform of PLATFORMS) {
      const { title, sentence, action } = describeAs(code, { service: 'Claude' }, platform);
      expect(`${title} ${sentence} ${action}`).not.toMatch(FORBIDDEN);
    }
  }
});

describe.each(['asked-to-wait', 'offline', 'service-refused', 'unreachable'] as const)(
  '%s promises another try only where there is one:',
  (code) => {
    const said = (details: ErrorDetails, attended?: boolean) => {
      const error = new AppError(code, { service: 'Claude', ...details });
      const context = { platform: 'linux', now: NOW, ...(attended !== undefined && { attended }) };
      return `${describeError(error, context).sentence} ${commandLineAction(error, attended)}`;
    };

    test('while something runs', () => {
      expect(said({}, true)).toMatch(/Authbar (tries again|carries on)/);
    });

    test('not with nothing running', () => {
      expect(said({}, false)).not.toMatch(/Authbar (tries again|carries on)/);
      expect(said({}, false)).toContain('`authbar run`');
    });

    test('not after a sign-in', () => {
      for (const attended of [true, false]) {
        expect(said({ signingIn: true }, attended)).toBe(
          'Nothing was changed. Run `authbar login claude` to try again.',
        );
      }
    });
  },
);

test('there are words for 40 errors in the window, and for no code that does not exist', () => {
  expect(WINDOW_CODES.at(-1)).toBe('unexpected');
  expect(Object.keys(ERROR_TEXTS).sort()).toEqual([...ERROR_CODES].sort());
});

describe('what an error tells', () => {
  test.each([
    ['port-busy', { program: 'Docker' }, 'Docker is in the way'],
    ['port-busy', {}, 'Another program is in the way'],
    ['code-refused', { service: 'Claude' }, 'Claude didn’t accept the code'],
    ['code-refused', {}, 'The service didn’t accept the code'],
    ['clock-wrong', { offBy: 9 * MINUTE }, 'Your clock is 9 min off'],
    ['tool-busy', { tool: 'opencode' }, 'opencode is busy'],
  ] as const)('%s with %o is titled "%s"', (code, details, title) => {
    expect(describeAs(code, details, 'darwin').title).toBe(title);
  });

  test.each([
    ['unreachable', { retryAt: NOW + 4 * MINUTE }, 'Authbar tries again in 4 min.'],
    ['unreachable', {}, 'Authbar tries again soon.'],
    ['asked-to-wait', { retryAt: NOW + 260 * MINUTE }, 'Authbar tries again at 14:20.'],
    [
      'login-busy',
      { pid: 42 },
      'Process 42 has held this login for over a minute. The login is kept.',
    ],
  ] as const)('%s with %o says "%s"', (code, details, sentence) => {
    expect(describeAs(code, details, 'darwin').sentence).toBe(sentence);
  });

  test.each([
    ['darwin', 'Your keychain is locked', 'Your Mac kept Authbar out'],
    ['win32', 'Credential Manager is locked', 'Your PC kept Authbar out'],
    ['linux', 'Your keyring is locked', 'Your computer kept Authbar out'],
  ])('is said in the words of %s', (platform, locked, refused) => {
    expect(describeAs('keychain-locked', {}, platform).title).toBe(locked);
    expect(describeAs('keychain-refused', {}, platform).title).toBe(refused);
  });

  test('a hint follows the sentence, as a sentence', () => {
    expect(describeAs('unexpected', { hint: 'it was the cat' }, 'linux').sentence).toBe(
      'Your logins are untouched. It was the cat.',
    );
  });

  test('a hint takes the place of a sentence that only stands in for it', () => {
    expect(
      describeAs('wrong-use', { hint: 'There is no command "lgoin".' }, 'linux').sentence,
    ).toBe('There is no command "lgoin".');
  });

  test('no foreign name or hint carries control or bidi characters', () => {
    const evil = 'a\u001b[31m\u202eb\n\u2028c';
    const { title, sentence } = describeAs('port-busy', { program: evil, hint: evil }, 'linux');
    expect(title).toBe('a[31mbc is in the way');
    expect(sentence).toMatch(/A\[31mbc\.$/);
  });

  test('a name that looks like a template stays a name', () => {
    expect(describeAs('port-busy', { program: '{service}' }, 'linux').title).toBe(
      '{service} is in the way',
    );
  });
});

describe('the next step at a terminal', () => {
  test.each([
    ['login-ended', { service: 'Claude' }, 'Run `authbar login claude`.'],
    ['login-used-up', { service: 'ChatGPT' }, 'Run `authbar login chatgpt`.'],
    ['other-computer', {}, 'Run `authbar login claude`.'],
    [
      'unreachable',
      { signingIn: true, service: 'ChatGPT' },
      'Run `authbar login chatgpt` to try again.',
    ],
    [
      'list-damaged',
      { service: 'Claude' },
      'Put it back, or run `authbar logout claude` and sign in again.',
    ],
    ['engine-running', { pid: 42 }, 'Leave it to process 42, or stop that first.'],
    ['key-refused', { keyService: 'grok' }, 'Run `authbar key add grok` with one that works.'],
    ['unreachable', { keyService: 'grok', service: 'Grok' }, 'Try again later. The key is kept.'],
    ['folder-protected', { path: '/data' }, 'Make /data yours and writable, then try again.'],
  ] as const)('%s with %o: %s', (code, details, action) => {
    expect(commandLineAction(new AppError(code, details))).toBe(action);
  });

  test('a missing keyring names the setting that does without', () => {
    expect(commandLineAction(new AppError('keyring-missing'))).toContain('AUTHBAR_VAULT=file');
  });

  test('a busy port leads to the pasted code', () => {
    expect(commandLineAction(new AppError('port-busy'))).toContain('paste the code');
  });
});
