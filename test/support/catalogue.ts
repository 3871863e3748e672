import { callbackPage, type PageKind } from '../../src/core/oauth/pages.ts';
import type { AccountView } from '../../src/shared/account-view.ts';
import { describeError } from '../../src/shared/error-texts.ts';
import { AppError, ERROR_CODES } from '../../src/shared/errors.ts';
import type { HistoryItem } from '../../src/shared/history.ts';
import { sentenceOf } from '../../src/shared/history-texts.ts';
import { NOTICE_KINDS } from '../../src/shared/notice.ts';
import { FIRST_NOTICE, noticeText } from '../../src/shared/notice-texts.ts';
import type { Slots, Text, Texts } from '../../src/shared/ui/slots.ts';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { wordsFor } from '../../src/shared/words.ts';
import { anAccount, HOUR, MINUTE, NOW } from './app-state.ts';

/** One text as a person reads it, with the longest names filled in. */
export interface Entry {
  /** Where it is from: `welcome.body`, `error.offline.title`. */
  readonly name: string;
  readonly text: string;
}

const TOOLS = ['Claude Code', 'Peekaboo', 'SynapsCLI', 'opencode', 'Codex', 'Pi'];
const SERVICE = 'ChatGPT';
const EMAIL = 'anna.lon…@example.com';

const LONGEST: Omit<Slots, keyof ReturnType<typeof wordsFor>> = {
  service: SERVICE,
  services: ['Claude', SERVICE],
  tool: 'Claude Code',
  tools: TOOLS,
  email: EMAIL,
  name: 'At work',
  plan: 'Enterprise',
  workspace: 'Personal',
  holder: `${EMAIL} (Acme)`,
  newAccount: EMAIL,
  oldAccount: EMAIL,
  state: 'Signed in, renews itself.',
  lines: ['Signed in · renews itself', 'Used by Claude Code, Pi'],
  count: 20,
  when: 'on Wednesday at 12:00 am',
  until: 'Wednesday at 12:00 am',
  date: '30 September',
  version: '10.10.10',
  code: 'WQMK-WMQWK',
  address: 'auth.openai.com/codex/device',
  label: 'Open when I sign in to Windows',
  on: false,
};

/** The same with as little as there can be. */
const LEAST: Partial<Slots> = {
  tools: ['Pi'],
  name: null,
  email: null,
  plan: null,
  workspace: null,
  count: 1,
  on: true,
};

/** Every text of the interface: the catalogue of the views, errors, notices, histories and browser pages. */
export function enumerate(platform: string): Entry[] {
  return [
    ...viewTexts(platform),
    ...errorTexts(platform),
    ...noticeTexts(platform),
    ...historyTexts(platform),
    ...pageTexts(platform),
  ];
}

/** Those of `TEXTS`, each with the most and with the least that may be filled in. */
export function viewTexts(platform: string): Entry[] {
  const slots = { ...wordsFor(platform), ...LONGEST };
  return leavesOf(TEXTS).flatMap(({ name, leaf }) =>
    typeof leaf === 'string'
      ? [{ name, text: leaf }]
      : [
          { name, text: leaf(slots) },
          { name, text: leaf({ ...slots, ...LEAST }) },
        ],
  );
}

function leavesOf(texts: Texts, path = ''): { name: string; leaf: Text }[] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'object'
      ? leavesOf(value, `${path}${key}.`)
      : [{ name: `${path}${key}`, leaf: value }],
  );
}

function errorTexts(platform: string): Entry[] {
  const details = {
    service: SERVICE,
    tool: 'Claude Code',
    program: 'Docker Desktop',
    retryAt: NOW + 26 * HOUR,
    path: '/home/anna/.peekaboo',
    pid: 4_194_303,
    offBy: 47 * HOUR,
    newAccount: EMAIL,
    oldAccount: EMAIL,
  };
  const context = { platform, now: NOW, locale: 'en-GB', timeZone: 'UTC' };
  return ERROR_CODES.flatMap((code) => {
    const { title, sentence, action } = describeError(new AppError(code, details), context);
    return entries(`error.${code}`, { title, sentence, action });
  });
}

function noticeTexts(platform: string): Entry[] {
  const accounts: AccountView[] = ['a', 'b'].map((id) => anAccount({ id, provider: 'openai' }));
  const tools = Object.fromEntries(TOOLS.map((name) => [name, name]));
  const context = {
    accounts,
    services: { openai: SERVICE },
    tools,
    platform,
    now: NOW,
    locale: 'en-GB',
    timeZone: 'UTC',
  };
  const kinds = NOTICE_KINDS.flatMap((kind) => {
    const notice = {
      kind,
      id: 'id',
      accounts: ['a', 'b'],
      code: null,
      target: TOOLS[0] ?? '',
      tools: TOOLS,
    };
    const { title, body, button } = noticeText(notice, context);
    return entries(`notice.${kind}`, { title, body, ...(button !== null && { button }) });
  });
  const { title, body } = FIRST_NOTICE;
  return [...kinds, ...entries('notice.first', { title, body })];
}

function historyTexts(platform: string): Entry[] {
  const target = 'claude-code';
  const events: readonly HistoryItem[] = [
    { at: NOW, event: 'signed-in' },
    { at: NOW, event: 'signed-out' },
    { at: NOW, event: 'renewed' },
    { at: NOW, event: 'recovered' },
    { at: NOW, event: 'adopted', target },
    { at: NOW, event: 'replaced', target },
    { at: NOW, event: 'slept', ms: 9 * HOUR },
    { at: NOW, event: 'offline', ms: 40 * MINUTE },
    { at: NOW, event: 'keychain-locked' },
    { at: NOW, event: 'written', target },
    { at: NOW, event: 'written-late', target },
    { at: NOW, event: 'target-owed', target, code: 'disk-full' },
    { at: NOW, event: 'taken', target },
  ];
  const context = { service: SERVICE, tools: { [target]: 'Claude Code' }, platform, now: NOW };
  return events.map((item) => ({ name: `history.${item.event}`, text: sentenceOf(item, context) }));
}

const PAGES: readonly PageKind[] = [
  'success',
  'almost',
  'one-more-step',
  'stopped',
  'service-problem',
  'wrong-state',
  'already-used',
  'expired',
  'not-found',
];

function pageTexts(platform: string): Entry[] {
  const { place } = wordsFor(platform);
  return PAGES.flatMap((kind) => {
    const { body } = callbackPage(kind, { service: SERVICE, place });
    const [, title = '', text = ''] = /<h1>(.*)<\/h1><p>(.*)<\/p>/.exec(body) ?? [];
    return entries(`page.${kind}`, { title, sentence: text });
  });
}

function entries(name: string, texts: Readonly<Record<string, string>>): Entry[] {
  return Object.entries(texts).map(([key, text]) => ({ name: `${name}.${key}`, text }));
}
