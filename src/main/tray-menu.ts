import type { MenuItemConstructorOptions } from 'electron';
import type { AppState } from '../shared/app-state.ts';
import { type Card, cardsOf } from '../shared/ui/card.ts';
import { headingOf } from '../shared/ui/heading.ts';
import type { CardState } from '../shared/ui/look.ts';
import { middle } from '../shared/ui/names.ts';
import { canBeUsed } from '../shared/ui/several.ts';
import { TEXTS } from '../shared/ui/texts.ts';
import { escaped, type MenuWords, menuWordsFor } from './menu-words.ts';

/** What the items of the icon's menu do. Accounts and providers by id. */
export interface TrayActions {
  readonly open: () => void;
  readonly settings: () => void;
  /** At once: who goes into a menu means it. */
  readonly quit: () => void;
  readonly signIn: (provider: string, account: string | null) => void;
  readonly check: (account: string) => void;
  readonly use: (account: string) => void;
  readonly details: (account: string) => void;
  readonly signOut: (account: string) => void;
}

/** More accounts than this are grouped by service. */
const MOST_UNGROUPED = 8;
const LONGEST_NAME = 40;

/** The account is not simply signed in: that follows its name. */
const TOLD: ReadonlySet<CardState> = new Set<CardState>([
  'signing-in',
  'signing-out',
  'sign-in-again',
  'paused',
  'locked',
  'offline',
  'asked-to-wait',
  'waiting',
]);

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' };
const T = TEXTS.menu;

/** The menu of the icon, from what is so at `now` (epoch ms). */
export function trayMenu(
  state: AppState,
  now: number,
  actions: TrayActions,
): MenuItemConstructorOptions[] {
  const { platform } = state.system;
  const words = menuWordsFor(platform, namesIn(state));
  const open = { label: words(T.open), click: actions.open };
  // Where a click on the icon opens this menu, it has to lead to the window first.
  const linux = !['darwin', 'win32'].includes(platform);
  return inSections([
    [...(linux ? [open] : []), { label: words(headingOf(state, now)), enabled: false }],
    accountItems(state, cardsOf(state, now), words, actions),
    signInItems(state, words, actions),
    [
      ...(linux ? [] : [open]),
      { label: words(T.settings), accelerator: 'CommandOrControl+,', click: actions.settings },
    ],
    [
      {
        label: words(T.quit),
        click: actions.quit,
        ...(platform === 'darwin' && { accelerator: 'Command+Q' }),
      },
    ],
  ]);
}

function inSections(
  sections: readonly (readonly MenuItemConstructorOptions[])[],
): MenuItemConstructorOptions[] {
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, i) => (i === 0 ? section : [SEPARATOR, ...section]));
}

function accountItems(
  { accounts }: AppState,
  cards: readonly Card[],
  words: MenuWords,
  actions: TrayActions,
): MenuItemConstructorOptions[] {
  const usable = new Set(accounts.filter(canBeUsed).map(({ id }) => id));
  const item = (card: Card, name: string) =>
    accountItem({ card, name, usable: usable.has(card.account ?? '') }, words, actions);
  const known = cards.filter(({ account }) => account !== null);
  if (known.length <= MOST_UNGROUPED) {
    return known.map((card) => {
      const email = card.subtitle || null;
      return item(card, T.account({ service: card.service, email }));
    });
  }
  return [...new Set(known.map(({ service }) => service))].map((service) => ({
    label: escaped(service),
    submenu: known
      .filter((card) => card.service === service)
      .map((card) => item(card, card.subtitle || service)),
  }));
}

/** An account in the menu. */
interface Entry {
  readonly card: Card;
  readonly name: string;
  /** The tools could get it instead of the one that they have. */
  readonly usable: boolean;
}

function accountItem(
  { card, name, usable }: Entry,
  words: MenuWords,
  actions: TrayActions,
): MenuItemConstructorOptions {
  const { account, provider, line1, state } = card;
  const label = escaped(middle(name, LONGEST_NAME));
  const told = words(state === 'sign-in-again' ? T.signInNeeded : line1);
  if (account === null) return { label };
  return {
    label: TOLD.has(state) ? T.withState({ label, state: told }) : label,
    submenu: [
      { label: words(line1), enabled: false },
      ...(usable ? [{ label: words(T.useThis), click: () => actions.use(account) }] : []),
      { label: words(T.signInAgain), click: () => actions.signIn(provider, account) },
      { label: words(T.checkNow), click: () => actions.check(account) },
      { label: words(T.detailsMore), click: () => actions.details(account) },
      SEPARATOR,
      { label: words(T.signOut), click: () => actions.signOut(account) },
    ],
  };
}

/** A service without an account is offered by itself; once each has one, they are in a menu of their own. */
function signInItems(
  { services, accounts }: AppState,
  words: MenuWords,
  { signIn }: TrayActions,
): MenuItemConstructorOptions[] {
  const missing = services.filter(({ id }) => !accounts.some(({ provider }) => provider === id));
  if (missing.length > 0) {
    return missing.map(({ id, name }) => ({
      label: words(T.signIn({ service: name })),
      click: () => signIn(id, null),
    }));
  }
  return [
    {
      label: words(T.addLogin),
      submenu: services.map(({ id, name }) => ({
        label: escaped(T.service({ service: name })),
        click: () => signIn(id, null),
      })),
    },
  ];
}

function namesIn({ services, tools }: AppState): string[] {
  return [...services, ...tools].map(({ name }) => name);
}
