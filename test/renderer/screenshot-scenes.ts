import type { Page } from '@playwright/test';
import type { AppState, Place } from '../../src/shared/app-state.ts';
import type { HistoryItem } from '../../src/shared/history.ts';
import type { CallName, Envelope, Result } from '../../src/shared/ipc-contract.ts';
import { crowdInNeed, ENDED, inCodex, LOCKED } from './account-states.ts';
import {
  ANNA,
  CLAUDE_CODE,
  DAY,
  error,
  FRESH,
  failed,
  HOUR,
  JUST_SIGNED_IN,
  keys,
  MINUTE,
  NOW,
  ONE,
  PI,
  STEPS,
  TWO,
} from './states.ts';

/** How a view comes to be seen. */
export interface Scene {
  readonly state: AppState;
  readonly place?: Place;
  /** What the app answers when the page asks. */
  readonly answers?: { readonly [Name in CallName]?: Result<Name> | Envelope<Result<Name>> };
  /** What the person does before the picture is taken. */
  readonly act?: (page: Page) => Promise<unknown>;
}

const SIGN_IN = { view: 'sign-in' } as const;
const DETAILS = { view: 'details', account: ANNA.id } as const;
const SETTINGS = { view: 'settings' } as const;

/** Two people at one service. */
const SIBLINGS: AppState = {
  ...ONE,
  accounts: [
    ANNA,
    {
      ...ANNA,
      id: 'b5d0f1e2a3c44556',
      email: 'ben@example.com',
      plan: 'team',
      workspace: 'Acme',
      inUse: false,
    },
  ],
};

const KEYS: AppState = { ...ONE, keys: keys({ gemini: 'works', openai: 'unchecked' }) };

const press = (name: string) => (page: Page) =>
  page.getByRole('button', { name, exact: true }).click();

const HISTORY: readonly HistoryItem[] = [
  { event: 'renewed', at: NOW - 160 * MINUTE },
  { event: 'slept', ms: 9 * HOUR, at: NOW - 6 * HOUR },
  { event: 'adopted', target: 'pi', at: NOW - DAY },
  { event: 'renewed', at: NOW - DAY - 7 * HOUR },
  { event: 'written', target: 'claude-code', at: NOW - 9 * DAY },
  { event: 'signed-in', at: NOW - 9 * DAY - MINUTE },
];

const USAGE = {
  windows: [
    { length: 5 * HOUR, used: 42, resetsAt: NOW + 2 * HOUR },
    { length: 7 * DAY, used: 18, resetsAt: NOW + DAY + 5 * HOUR },
  ],
};

const REPORT = `Authbar 1.0.0
darwin 26.0.0 arm64 (mac26), en-GB
Written 2026-11-22 14:00:00
Logins are kept in: keychain (open)
Online: yes, icon hidden: no
Open at login: yes, blocked: no
Notifications: yes, blocked: no

Accounts
  Claude 1: signed-in, in use, plan Max

Tools
  Claude Code: shared
    Claude 1: in-step
  Pi: shared
    Claude 1: in-step

What happened
  2026-11-22 11:20:00 Claude 1: renewed`;

const OTHER = inCodex({
  state: 'other-account',
  code: 'tool-other-account',
  holder: 'anna@work.example (Acme)',
});

/** Where the tools keep their logins. */
const PATHS: Readonly<Record<string, string>> = {
  'claude-code': '/Users/anna/.claude/.credentials.json',
  codex: '/Users/anna/.codex/auth.json',
  pi: '/Users/anna/.pi/agent/auth.json',
};

/** As a person has it after a while. */
const SETTLED: AppState = {
  ...TWO,
  tools: TWO.tools.map((tool) => ({ ...tool, path: PATHS[tool.id] ?? null })),
  settings: { ...TWO.settings, openAtLogin: true, notices: true },
};

/** Every view, by the name of its picture. */
export const SCENES: Readonly<Record<string, Scene>> = {
  welcome: { state: FRESH },
  terms: { state: FRESH, act: press('Sign in to Claude') },
  'sign-in-waiting': { state: { ...FRESH, signIn: STEPS.waiting }, place: SIGN_IN },
  'sign-in-still-waiting': {
    state: { ...FRESH, signIn: STEPS.waiting },
    place: SIGN_IN,
    act: (page) => page.clock.fastForward(MINUTE + 500),
  },
  'sign-in-no-browser': {
    state: { ...FRESH, signIn: { ...STEPS.waiting, browserOpened: false } },
    place: SIGN_IN,
  },
  'sign-in-port-busy': {
    state: {
      ...FRESH,
      signIn: {
        ...STEPS.waiting,
        provider: 'openai',
        browserOpened: false,
        obstacle: error('port-busy', { program: 'Docker', service: 'ChatGPT' }),
      },
    },
    place: SIGN_IN,
  },
  'sign-in-device': { state: { ...FRESH, signIn: STEPS.device }, place: SIGN_IN },
  'enter-code': {
    state: { ...FRESH, signIn: STEPS.waiting },
    place: SIGN_IN,
    answers: {
      'sign-in:check-code': {
        problem: 'That’s only part of the code. Copy all of it, including what comes after the #.',
      },
    },
    act: async (page) => {
      await press('Enter a code instead')(page);
      await page.getByRole('textbox').fill('4f8ab1c09d27');
      await page.clock.fastForward(400);
    },
  },
  'sign-in-finishing': { state: { ...FRESH, signIn: STEPS.finishing }, place: SIGN_IN },
  'signed-in': { state: JUST_SIGNED_IN },
  'sign-in-stopped': { state: { ...FRESH, signIn: failed('sign-in-stopped') } },
  'sign-in-locked': { state: { ...FRESH, signIn: STEPS.locked }, act: press('Show') },
  'sign-in-other-account': { state: { ...TWO, signIn: STEPS.other } },
  consent: { state: JUST_SIGNED_IN, act: (page) => page.getByText('Needs your OK').click() },
  'accounts-one': { state: ONE },
  'accounts-two': { state: TWO },
  'accounts-sign-in-again': { state: ENDED },
  'accounts-offline': { state: { ...TWO, online: false } },
  'accounts-many': { state: crowdInNeed(8, 2) },
  'keychain-locked': { state: LOCKED },
  'no-keyring': {
    state: {
      ...FRESH,
      system: { ...FRESH.system, os: 'linux', platform: 'linux' },
      vault: { kind: null, state: 'unavailable' },
    },
    answers: { 'sign-in:start': { ok: false, error: error('keyring-missing') } },
    act: async (page) => {
      await press('Sign in to ChatGPT')(page);
      await press('Use a file')(page);
    },
  },
  'accounts-siblings': { state: SIBLINGS },
  'accounts-keys': { state: KEYS },
  rename: { state: SIBLINGS, place: { view: 'rename', account: ANNA.id } },
  add: { state: { ...ONE, keys: keys() }, place: { view: 'add' } },
  address: { state: ONE, place: { view: 'add' }, act: press('Add by address…') },
  key: { state: { ...ONE, keys: keys() }, place: { view: 'key', service: 'gemini' } },
  'remove-key': { state: KEYS, place: { view: 'remove-key', service: 'gemini' } },
  details: {
    state: ONE,
    place: DETAILS,
    answers: { 'account:history': HISTORY, 'account:usage': USAGE },
    act: async (page) => {
      await page.getByText('Show all').waitFor();
      await page.getByRole('meter').first().waitFor();
    },
  },
  history: {
    state: ONE,
    place: DETAILS,
    answers: { 'account:history': HISTORY },
    act: press('Show all'),
  },
  tool: { state: SETTLED, place: { view: 'tool', tool: PI.id } },
  'other-account': { state: OTHER, act: press('Decide…') },
  'sign-out': { state: ONE, place: DETAILS, act: press('Sign out…') },
  'signed-out': {
    state: ONE,
    place: { view: 'sign-out', account: ANNA.id },
    answers: {
      'account:sign-out': {
        removed: [CLAUDE_CODE.name, PI.name, 'your keychain'],
        kept: [],
        ended: true,
      },
    },
    act: press('Sign out'),
  },
  settings: { state: SETTLED, place: SETTINGS },
  report: {
    state: SETTLED,
    place: SETTINGS,
    answers: { 'report:read': { text: REPORT } },
    act: press('Save a report…'),
  },
  engineers: { state: SETTLED, place: SETTINGS, act: press('For engineers') },
  about: { state: SETTLED, place: { view: 'about' } },
  quit: { state: SETTLED, place: { view: 'quit' } },
};
