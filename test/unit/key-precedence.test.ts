import { describe, expect, test } from 'vitest';
import { usedBy } from '../../src/core/keys/precedence.ts';
import { createKeyServices, type KeyServiceId } from '../../src/core/keys/services.ts';
import { textOf } from '../support/sources.ts';

/** What there is, and what is used then: the names of variables, `login`, `key`, or nothing. */
type Row = readonly [
  service: KeyServiceId,
  variables: string,
  login: boolean,
  key: boolean,
  used: string,
];

/** The whole table, as `docs/TARGETS.md` has it. */
const TABLE: readonly Row[] = [
  ['openai', 'OPENAI_API_KEY', true, true, 'OPENAI_API_KEY'],
  ['openai', 'OPENAI_API_KEY', true, false, 'OPENAI_API_KEY'],
  ['openai', 'OPENAI_API_KEY', false, true, 'OPENAI_API_KEY'],
  ['openai', 'OPENAI_API_KEY', false, false, 'OPENAI_API_KEY'],
  ['openai', '', true, true, 'login'],
  ['openai', '', true, false, 'login'],
  ['openai', '', false, true, 'key'],
  ['openai', '', false, false, 'nothing'],
  ['anthropic', 'ANTHROPIC_API_KEY', true, true, 'ANTHROPIC_API_KEY'],
  ['anthropic', 'ANTHROPIC_API_KEY', true, false, 'ANTHROPIC_API_KEY'],
  ['anthropic', 'ANTHROPIC_API_KEY', false, true, 'ANTHROPIC_API_KEY'],
  ['anthropic', 'ANTHROPIC_API_KEY', false, false, 'ANTHROPIC_API_KEY'],
  ['anthropic', '', true, true, 'login'],
  ['anthropic', '', true, false, 'login'],
  ['anthropic', '', false, true, 'key'],
  ['anthropic', '', false, false, 'nothing'],
  ['grok', 'X_AI_API_KEY, XAI_API_KEY, GROK_API_KEY', false, true, 'X_AI_API_KEY'],
  ['grok', 'XAI_API_KEY, GROK_API_KEY', false, true, 'XAI_API_KEY'],
  ['grok', 'GROK_API_KEY', false, true, 'GROK_API_KEY'],
  ['grok', 'GROK_API_KEY', false, false, 'GROK_API_KEY'],
  ['grok', '', false, true, 'key'],
  ['grok', '', false, false, 'nothing'],
  ['gemini', 'GEMINI_API_KEY', false, true, 'GEMINI_API_KEY'],
  ['gemini', 'GEMINI_API_KEY', false, false, 'GEMINI_API_KEY'],
  ['gemini', '', false, true, 'key'],
  ['gemini', '', false, false, 'nothing'],
];

const SECRET = 'a-value-that-is-never-told';
const services = createKeyServices();

/** As the document has a row. */
function line([service, variables, login, key, used]: Row): string {
  const names = (text: string) => text.replace(/[A-Z_]{6,}/g, (name) => `\`${name}\``);
  const yes = (there: boolean) => (there ? 'yes' : '–');
  const cells = [
    services[service].name,
    names(variables) || '–',
    yes(login),
    yes(key),
    names(used),
  ];
  return cells.join(' | ');
}

/** The rows of the table below this heading. */
function rowsOf(page: string, heading: string): string[] {
  const section = textOf(page).split(`### ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((each) => each.startsWith('|'));
  return lines.slice(2).map((each) =>
    each
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
      .join(' | '),
  );
}

describe('what a tool would use', () => {
  test.each(TABLE)('%s: variables %j, login %j, key %j', (id, variables, login, key, used) => {
    const names = variables.split(', ').filter((name) => name !== '');
    const env = Object.fromEntries(names.map((name) => [name, SECRET]));
    const found = usedBy(services[id], { env, login, key });
    expect(found.source === 'environment' ? found.variable : found.source).toBe(used);
    expect(JSON.stringify(found)).not.toContain(SECRET);
  });

  test('an empty variable is none', () => {
    const env = { OPENAI_API_KEY: '' };
    expect(usedBy(services.openai, { env, login: false, key: true })).toEqual({ source: 'key' });
  });

  test('the table is the one in the document', () => {
    expect(rowsOf('docs/TARGETS.md', 'Which one counts')).toEqual(TABLE.map(line));
  });
});
