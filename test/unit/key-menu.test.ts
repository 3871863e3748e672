import { expect, test } from 'vitest';
import { keyMenu } from '../../src/main/key-menu.ts';

test('a key’s card has a menu: check, replace, remove', () => {
  const done: string[] = [];
  const act = (what: string) => (service: string) => done.push(`${what} ${service}`);
  const actions = { check: act('check'), replace: act('replace'), remove: act('remove') };
  const linux = keyMenu({ service: 'gemini' }, 'linux', actions);
  expect(linux.map(({ label, type }) => label ?? type)).toEqual([
    'Check now',
    'separator',
    'Replace key…',
    'Remove key…',
  ]);
  for (const { click } of linux) (click as (() => void) | undefined)?.();
  expect(done).toEqual(['check gemini', 'replace gemini', 'remove gemini']);
  const mac = keyMenu({ service: 'gemini' }, 'darwin', actions);
  expect(mac.map(({ label }) => label)).toEqual([
    'Check Now',
    undefined,
    'Replace Key…',
    'Remove Key…',
  ]);
});
