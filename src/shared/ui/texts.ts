import {
  ACCOUNTS_TEXTS,
  BANNER_TEXTS,
  CARD_TEXTS,
  HEADING_TEXTS,
  NO_KEYRING_TEXTS,
  TOOLTIP_TEXTS,
} from './account-texts.ts';
import {
  DETAILS_TEXTS,
  KEPT_IN_TEXTS,
  OTHER_ACCOUNT_TEXTS,
  RENAME_TEXTS,
  SIGN_OUT_TEXTS,
  TOOL_TEXTS,
} from './details-texts.ts';
import { KEY_TEXTS } from './key-texts.ts';
import { MENU_TEXTS } from './menu-texts.ts';
import {
  ABOUT_TEXTS,
  ADD_TEXTS,
  ADDRESS_TEXTS,
  COMMON_TEXTS,
  ENGINEERS_TEXTS,
  QUIT_TEXTS,
  REPORT_TEXTS,
  SETTINGS_TEXTS,
} from './settings-texts.ts';
import { CONSENT_TEXTS, SIGN_IN_TEXTS, TERMS_TEXTS, WELCOME_TEXTS } from './sign-in-texts.ts';
import type { Texts } from './slots.ts';

/**
 * Every text of the interface, by view. One that has something to be filled in is a function of named
 * slots, so that a translation may put them where its language wants them. Errors, notices and histories
 * have catalogues of their own.
 */
export const TEXTS = {
  common: COMMON_TEXTS,
  welcome: WELCOME_TEXTS,
  terms: TERMS_TEXTS,
  signIn: SIGN_IN_TEXTS,
  consent: CONSENT_TEXTS,
  accounts: ACCOUNTS_TEXTS,
  heading: HEADING_TEXTS,
  tooltip: TOOLTIP_TEXTS,
  card: CARD_TEXTS,
  banner: BANNER_TEXTS,
  noKeyring: NO_KEYRING_TEXTS,
  details: DETAILS_TEXTS,
  tool: TOOL_TEXTS,
  signOut: SIGN_OUT_TEXTS,
  otherAccount: OTHER_ACCOUNT_TEXTS,
  rename: RENAME_TEXTS,
  keptIn: KEPT_IN_TEXTS,
  settings: SETTINGS_TEXTS,
  report: REPORT_TEXTS,
  about: ABOUT_TEXTS,
  engineers: ENGINEERS_TEXTS,
  quit: QUIT_TEXTS,
  add: ADD_TEXTS,
  address: ADDRESS_TEXTS,
  key: KEY_TEXTS,
  menu: MENU_TEXTS,
} as const satisfies Texts;
