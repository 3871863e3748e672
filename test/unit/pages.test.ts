import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { callbackPage } from '../../src/core/oauth/pages.ts';

const NAMES = { service: 'Claude', place: 'menu bar' };

const PAGES = [
  ['success', 200, 'You’re signed in to Claude', 'You can close this tab. Authbar does the rest.'],
  [
    'almost',
    200,
    'Almost done',
    'You can close this tab. The key in your menu bar tells you when it’s finished.',
  ],
  [
    'one-more-step',
    200,
    'One more step in Authbar',
    'Claude said yes. Click the key in your menu bar to finish.',
  ],
  [
    'stopped',
    200,
    'You didn’t sign in',
    'Nothing was changed. To try again, click the key in your menu bar.',
  ],
  [
    'service-problem',
    200,
    'Claude couldn’t sign you in',
    'Nothing was changed. Try again from the key in your menu bar.',
  ],
  [
    'wrong-state',
    400,
    'This page is from another try',
    'Close this tab and finish in the newest one.',
  ],
  ['already-used', 400, 'You’ve already finished here', 'You can close this tab.'],
  ['expired', 400, 'This sign-in ran out of time', 'Start again from the key in your menu bar.'],
  [
    'not-found',
    404,
    'Nothing to see here',
    'This address is used only while you sign in with Authbar.',
  ],
] as const;

describe.each(PAGES)('%s', (kind, status, title, text) => {
  const page = callbackPage(kind, NAMES);

  test('says what happened', () => {
    expect(page.status).toBe(status);
    expect(page.body).toContain(`<title>${title} · Authbar</title>`);
    expect(page.body).toContain(`<h1>${title}</h1><p>${text}</p>`);
    expect(page.body).not.toMatch(/[{}](service|place)/);
  });

  test('allows its one style block and nothing else', () => {
    const [, style = ''] = /<style>(.*)<\/style>/.exec(page.body) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page.headers).toEqual({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    expect(page.body.match(/<style/g)).toHaveLength(1);
    expect(page.body).not.toMatch(/<script|style=|\son\w+=|src=|href=|CARD/);
  });
});

test('a name cannot become markup', () => {
  const { body } = callbackPage('one-more-step', { service: '<b>$&"\'', place: '</p>&' });
  expect(body).toContain('&#60;b&#62;$&#38;&#34;&#39; said yes.');
  expect(body).toContain('your &#60;/p&#62;&#38; to');
});

test('good news and the rest differ in shape', () => {
  expect(callbackPage('success', NAMES).body).toContain('<svg class="ok"');
  expect(callbackPage('stopped', NAMES).body).toContain('<svg class="no"');
});
