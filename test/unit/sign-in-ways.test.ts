import { describe, expect, test } from 'vitest';
import { isElsewhere, waysTo } from '../../src/cli/commands/sign-in-ways.ts';
import { createProviders } from '../../src/core/providers/index.ts';

const { anthropic, openai } = createProviders();
const SSH = { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' };

describe('the ways to sign in', () => {
  test.each([
    ['ChatGPT', openai, {}, {}, ['browser', 'device', 'link']],
    ['ChatGPT over SSH', openai, {}, SSH, ['device', 'link']],
    ['ChatGPT over SSH, by a link', openai, { browser: false }, SSH, ['link']],
    ['ChatGPT, by a link', openai, { browser: false }, {}, ['link']],
    ['ChatGPT, by a code', openai, { device: true }, {}, ['device']],
    [
      'ChatGPT, by a code, without a browser',
      openai,
      { device: true, browser: false },
      {},
      ['device'],
    ],
    ['Claude', anthropic, {}, {}, ['browser']],
    ['Claude over SSH', anthropic, {}, SSH, ['browser']],
    ['Claude, by a link', anthropic, { browser: false }, SSH, ['link']],
  ])('to %s', (_, provider, wish, env, ways) => {
    expect(waysTo(provider, { browser: true, device: false, ...wish }, env)).toEqual(ways);
  });

  test('to Claude are none by a code for another device, and it says what is', () => {
    expect(() => waysTo(anthropic, { browser: true, device: true }, {})).toThrowError(
      expect.objectContaining({
        code: 'wrong-use',
        details: {
          hint: expect.stringContaining('Claude has no codes for another device; use --no-browser'),
        },
      }),
    );
  });

  test.each([
    [{}, false],
    [SSH, true],
    [{ SSH_TTY: '/dev/pts/1' }, true],
    [{ SSH_TTY: '' }, false],
    [{ ...SSH, DISPLAY: ':0' }, false],
    [{ ...SSH, DISPLAY: '' }, true],
    [{ ...SSH, WAYLAND_DISPLAY: 'wayland-0' }, false],
    [{ ...SSH, BROWSER: '/usr/bin/browser' }, false],
  ])('%j: the person sits elsewhere: %s', (env, elsewhere) => {
    expect(isElsewhere(env)).toBe(elsewhere);
  });
});
