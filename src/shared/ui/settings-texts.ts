import { capitalised } from './names.ts';
import type { Fill, Texts } from './slots.ts';

/** The person's switches, and help. */
export const SETTINGS_TEXTS = {
  heading: 'Settings',
  general: 'General',
  openAtLogin: ({ openAtLogin }: Fill<'openAtLogin'>) => openAtLogin,
  openAtLoginBlocked: ({ yourComputer }: Fill<'yourComputer'>) =>
    `${capitalised(yourComputer)} is waiting for your OK.`,
  notices: 'Tell me if a login needs me',
  noticesBlocked: 'Notifications are off for Authbar.',
  openSettings: ({ settingsApp }: Fill<'settingsApp'>) => `Open ${settingsApp}`,
  tools: 'Tools that use your logins',
  /** Under a tool's name: the services whose logins it can hold. */
  serves: ({ services }: Fill<'services'>) => services.join(', '),
  noTools: ({ computer }: Fill<'computer'>) => `No tools found on ${computer} yet.`,
  takeOut: {
    question: ({ tool }: Fill<'tool'>) => `Take the login out of ${tool}?`,
    takeOut: 'Take out',
    keep: 'Keep',
  },
  help: 'Help',
  keptIn: 'Kept in',
  saveReport: 'Save a report…',
  version: 'Version',
  about: 'About Authbar',
  engineers: 'For engineers',
  says: 'Settings',
  saysSwitch: ({ label, on }: Fill<'label' | 'on'>) => `${label}, ${on ? 'on' : 'off'}`,
} as const satisfies Texts;

/** The report, before it leaves the window. */
export const REPORT_TEXTS = {
  heading: 'What’s in it',
  body: 'It holds no logins, no codes and no e-mail addresses.',
  save: 'Save…',
  saved: 'Saved',
  copy: 'Copy',
  copied: 'Copied',
  saysCopied: 'Report copied.',
  saysSaved: 'Report saved.',
} as const satisfies Texts;

/** What Authbar is, and who made it. */
export const ABOUT_TEXTS = {
  heading: 'About Authbar',
  name: 'Authbar',
  tagline: 'stay signed in',
  version: ({ version }: Fill<'version'>) => `Version ${version}`,
  privacy:
    'Authbar sends nothing about you to anyone. It talks only to the services you sign in to.',
  notTheirs: 'Authbar isn’t made or approved by Anthropic or OpenAI.',
  licences: 'Licences',
  source: 'Source code',
} as const satisfies Texts;

/** For those who want to know. */
export const ENGINEERS_TEXTS = {
  heading: 'For engineers',
  folder: 'Folder of settings',
  written: 'Where things are written',
} as const satisfies Texts;

/** A habit must not switch the renewals off. */
export const QUIT_TEXTS = {
  heading: 'Quit Authbar?',
  body: ({ until }: Fill<'until'>) =>
    `Your logins stop renewing. Some tools may stop working after ${until}.`,
  bodyUnknown: 'Your logins stop renewing. Some tools may stop working.',
  keepRunning: 'Keep running',
  quit: 'Quit',
} as const satisfies Texts;

/** Adding a login. */
export const ADD_TEXTS = {
  heading: 'Add a login',
  signIn: 'Sign in',
  byAddress: 'Add by address…',
  remove: 'Remove',
  removeService: ({ service }: Fill<'service'>) => `Remove ${service}`,
  removed: ({ service }: Fill<'service'>) => `${service} is removed.`,
} as const satisfies Texts;

/** A service that is not in the list. */
export const ADDRESS_TEXTS = {
  heading: 'Add by address',
  body: 'For any service with OpenID. Whoever runs it tells you both, and has to allow http://127.0.0.1/callback.',
  address: 'Address',
  clientId: 'Client ID',
  add: 'Add',
  asking: 'Asking…',
} as const satisfies Texts;

/** What more than one view says. */
export const COMMON_TEXTS = {
  app: 'Authbar',
  back: 'Back',
  close: 'Close',
} as const satisfies Texts;
