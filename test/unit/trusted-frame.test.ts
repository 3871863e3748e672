import type { WebContents, WebFrameMain } from 'electron';
import { expect, test } from 'vitest';
import { isTrustedFrame } from '../../src/main/security/trusted-frame.ts';

const OURS = { id: 1 } as WebContents;
const PAGE = { url: 'app://bundle/index.html', parent: null } as WebFrameMain;

test('trusts the page of our own window', () => {
  expect(isTrustedFrame({ sender: OURS, senderFrame: PAGE }, OURS)).toBe(true);
});

test.each<[string, Partial<Record<'sender' | 'senderFrame', unknown>>]>([
  ['another window', { sender: { id: 2 } }],
  ['a frame that has gone', { senderFrame: null }],
  ['a frame inside the page', { senderFrame: { ...PAGE, parent: PAGE } }],
  ['a page from the web', { senderFrame: { ...PAGE, url: 'https://bundle/index.html' } }],
  ['a page that only looks like ours', { senderFrame: { ...PAGE, url: 'app://bundle.evil/' } }],
  ['a page without an address', { senderFrame: { ...PAGE, url: '' } }],
])('trusts not %s', (_, other) => {
  const caller = { sender: OURS, senderFrame: PAGE, ...other };
  expect(isTrustedFrame(caller as Parameters<typeof isTrustedFrame>[0], OURS)).toBe(false);
});

test('trusts nobody while there is no window', () => {
  expect(isTrustedFrame({ sender: OURS, senderFrame: PAGE }, undefined)).toBe(false);
});
