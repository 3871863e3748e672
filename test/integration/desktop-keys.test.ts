import { expect, test } from 'vitest';
import { KEY_PROBLEMS, keyProblemSentence } from '../../src/shared/key-problems.ts';
import { openDesktop } from '../support/desktop.ts';
import { startWorld } from '../support/engine.ts';
import { A_KEY } from '../support/keys.ts';

async function start() {
  const world = await startWorld();
  const app = openDesktop(world);
  await app.desktop.refreshState();
  return { ...world, ...app };
}

test('the window is told of every service, of keys by their ends, and of no key', async () => {
  const { desktop, provider, told } = await start();
  expect(desktop.state().keys.map(({ service, stored }) => `${service} ${stored}`)).toEqual([
    'gemini false',
    'grok false',
    'anthropic false',
    'openai false',
  ]);
  provider.keys.accept('gemini', A_KEY.gemini);
  const { handlers } = desktop;
  const added = [
    await handlers['key:add']({ service: 'gemini', key: ` ${A_KEY.gemini}\n` }),
    await handlers['key:add']({ service: 'openai', key: A_KEY.openai }),
  ];
  provider.keys.arm('grok', 'cut');
  added.push(await handlers['key:add']({ service: 'grok', key: A_KEY.grok }));
  expect(added).toEqual([
    { problem: null, state: 'works' },
    { problem: null, state: 'refused' },
    { problem: null, state: 'unchecked' },
  ]);
  expect(desktop.state().keys).toEqual([
    { service: 'gemini', name: 'Gemini', stored: true, ending: 'd2Ve', state: 'works' },
    { service: 'grok', name: 'Grok (xAI)', stored: true, ending: 'c9Wd', state: 'unchecked' },
    { service: 'anthropic', name: 'Anthropic', stored: false, ending: null, state: 'unchecked' },
    { service: 'openai', name: 'OpenAI', stored: true, ending: 'x7Qa', state: 'refused' },
  ]);
  const { text } = await handlers['report:read'](undefined);
  expect(`${JSON.stringify([told, added])}${text}`).not.toMatch(/canary/i);
});

test('what is no key is told in words, and nothing is saved', async () => {
  const { desktop, provider } = await start();
  expect(await desktop.handlers['key:add']({ service: 'openai', key: A_KEY.gemini })).toEqual({
    problem: 'That’s a key for Gemini. Paste it there.',
    state: null,
  });
  expect(provider.keys.requests).toEqual([]);
  expect(desktop.state().keys.every(({ stored }) => !stored)).toBe(true);
});

test('a key is checked again, and removed', async () => {
  const { desktop, provider } = await start();
  await desktop.handlers['key:add']({ service: 'openai', key: A_KEY.openai });
  provider.keys.accept('openai', A_KEY.openai);
  await desktop.handlers['key:check']({ service: 'openai' });
  const last = () => desktop.state().keys.at(-1);
  expect(last()).toMatchObject({ stored: true, state: 'works' });
  await desktop.handlers['key:remove']({ service: 'openai' });
  expect(last()).toMatchObject({ stored: false, ending: null });
});

test('every sentence about what is no key is plain', () => {
  const texts = KEY_PROBLEMS.map((problem) => keyProblemSentence(problem, 'Grok (xAI)'));
  const odd = texts.filter((text) => /token|oauth|api key|[{}'"!]|undefined/i.test(text));
  expect(odd).toEqual([]);
  expect(texts.filter((text) => text.length > 90)).toEqual([]);
});
