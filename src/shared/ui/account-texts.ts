import { capitalised, inList, inSentence } from './names.ts';
import type { Fill, Text, Texts } from './slots.ts';

/** The list of accounts, and what stands around it. */
export const ACCOUNTS_TEXTS = {
  add: 'Add a login',
  settings: 'Settings',
  /** Offers the other of the two services. */
  offer: ({ service }: Fill<'service'>) => `Sign in to ${service}`,
  dismissOffer: 'Don’t show this again',
  offline: 'You’re offline. Logins stay as they are and renew later.',
  saysOffline: 'You’re offline.',
  saysOnline: 'You’re back online.',
  saysLocked: ({ keychain }: Fill<'keychain'>) =>
    `${capitalised(keychain)} is locked. Your logins are safe.`,
  saysUnlocked: ({ keychain }: Fill<'keychain'>) =>
    `${capitalised(keychain.replace(/^your /, ''))} unlocked.`,
  /** The window was opened, and something is wrong. */
  saysOnOpen: ({ label, state }: Fill<'label' | 'state'>) => `${label}. ${state}`,
  saysCard: ({ service, state }: Fill<'service' | 'state'>) => `${service}: ${state}`,
} as const satisfies Texts;

/** Above the list, by what it is about: the answer to "do my tools work right now?". */
export const HEADING_TEXTS = {
  trouble: 'Authbar can’t do its work',
  needsYou: ({ service }: Fill<'service'>) => `${service} needs you`,
  paused: ({ service }: Fill<'service'>) => `${service} needs you`,
  someNeedYou: ({ count }: Fill<'count'>) => `${count} logins need you`,
  locked: ({ keychain }: Fill<'keychain'>) => `${capitalised(keychain)} is locked`,
  noKeychain: ({ keychain }: Fill<'keychain'>) => `Waiting for ${keychain}`,
  unreachable: ({ service }: Fill<'service'>) => `Can’t reach ${service}`,
  askedToWait: ({ service }: Fill<'service'>) => `${service} asked to wait`,
  someWait: ({ count }: Fill<'count'>) => `${count} logins are waiting`,
  offline: 'Waiting for the internet',
  renewing: 'Renewing…',
  question: 'One question for you',
  signingIn: 'Finish in your browser',
  checking: 'Checking…',
  allSignedIn: 'All signed in',
  signedIn: 'Signed in',
  none: 'Not signed in yet',
} as const satisfies Texts;

/** Of the icon, by the same names; also what VoiceOver reads. */
export const TOOLTIP_TEXTS = {
  trouble: 'Authbar: can’t do its work',
  needsYou: ({ service }: Fill<'service'>) => `Authbar: ${service} needs you to sign in again`,
  paused: ({ service }: Fill<'service'>) => `Authbar: ${service} has paused your account`,
  someNeedYou: ({ count }: Fill<'count'>) => `Authbar: ${count} logins need you`,
  locked: ({ keychain }: Fill<'keychain'>) => `Authbar: ${keychain} is locked`,
  noKeychain: ({ keychain }: Fill<'keychain'>) => `Authbar: waiting for ${keychain}`,
  unreachable: ({ service }: Fill<'service'>) => `Authbar: can’t reach ${service}`,
  askedToWait: ({ service }: Fill<'service'>) => `Authbar: ${service} asked to wait`,
  someWait: ({ count }: Fill<'count'>) => `Authbar: ${count} logins are waiting`,
  offline: 'Authbar: waiting for the internet',
  renewing: 'Authbar: renewing',
  question: 'Authbar: one question for you',
  signingIn: 'Authbar: finish in your browser',
  checking: 'Authbar: checking',
  allSignedIn: 'Authbar: all signed in',
  signedIn: 'Authbar: all signed in',
  none: 'Authbar: not signed in yet',
} as const satisfies Readonly<Record<keyof typeof HEADING_TEXTS, Text>>;

/** An account's state: line 1, line 2, buttons. */
export const CARD_TEXTS = {
  ready: 'Signed in · renews itself',
  usedBy: ({ tools }: Fill<'tools'>) =>
    tools.length > 0 ? `Used by ${inList(tools)}` : 'Not used by any tool yet',
  inUse: 'Signed in · in use',
  standby: 'Signed in · on standby',
  standbyTools: 'Not given to any tool',
  renewing: 'Renewing…',
  late: 'Signed in · renewal is late',
  lateNext: ({ when }: Fill<'when'>) => `Trying again ${when}. Nothing has stopped.`,
  nothingStopped: 'Nothing has stopped.',
  unreachable: ({ service }: Fill<'service'>) => `Can’t reach ${service}`,
  askedToWait: ({ service }: Fill<'service'>) => `${service} asked to wait`,
  tryingAgain: ({ when }: Fill<'when'>) => `Trying again ${when}.`,
  mayStop: ({ when, tools }: Fill<'when' | 'tools'>) =>
    `Trying again ${when}. ${inSentence(tools)} may stop meanwhile.`,
  offline: 'Waiting for the internet',
  offlineNext: 'Renews as soon as you’re back.',
  signInAgain: 'Sign in again',
  ended: ({ tools }: Fill<'tools'>) =>
    `${tools.length > 0 ? inSentence(tools) : 'You'} can’t use it until you do.`,
  usedUp: 'Another program used this login up.',
  timeWasUp: ({ service }: Fill<'service'>) => `${service} asks for a new sign-in now and then.`,
  keyMissing: 'The key to your logins is missing.',
  signInBy: ({ date }: Fill<'date'>) => `Sign in again by ${date}`,
  worksUntilThen: 'Everything works until then.',
  paused: ({ service }: Fill<'service'>) => `${service} has paused this account`,
  pausedBy: ({ service }: Fill<'service'>) => `Only ${service} can change that.`,
  lockedUntil: ({ until }: Fill<'until'>) => `Signed in until ${until}`,
  lockedNow: ({ keychain }: Fill<'keychain'>) => `Waiting for ${keychain}`,
  loginIsSafe: 'Your login is safe.',
  notWritten: ({ tool }: Fill<'tool'>) => `Signed in · not in ${tool}`,
  notWrittenWhy: ({ tool }: Fill<'tool'>) => `Authbar can’t change ${tool}’s login file.`,
  otherAccount: ({ tool }: Fill<'tool'>) => `Signed in · ${tool} has another account`,
  nothingChanged: 'Nothing was changed.',
  signingIn: 'Finish in your browser',
  finishing: 'Signing you in…',
  oneStepMissing: 'One step is missing',
  checking: 'Checking…',

  signIn: 'Sign in',
  why: 'Why?',
  tryNow: 'Try now',
  openService: ({ service }: Fill<'service'>) => `Open ${service}`,
  showWhy: 'Show why',
  decide: 'Decide…',
  show: 'Show',
  signOut: 'Sign out…',

  /** Under the service’s name; empty where nothing is known. */
  subtitle: ({ name, email, workspace }: Fill<'name' | 'email' | 'workspace'>) =>
    [name, email, workspace].filter(Boolean).join(' · '),
  /** Lines 1 and 2 for an ear: sentences without the dots between their parts. */
  says: ({ lines }: Fill<'lines'>) =>
    lines.map((line) => line.replaceAll(' · ', ', ').replace(/[^.…]$/, '$&.')).join(' '),
  /** Read by a screen reader: the card is a button that leads to its details. */
  name: ({
    service,
    name,
    email,
    plan,
    state,
  }: Fill<'service' | 'name' | 'email' | 'plan' | 'state'>) =>
    `${[service, name, email, plan].filter(Boolean).join(', ')}. ${state} Details`,
  moreFor: ({ service, email }: Fill<'service' | 'email'>) =>
    `More for ${[service, email].filter(Boolean).join(', ')}`,
} as const satisfies Texts;

/** Above the cards, one at a time. Those of errors have their words in the catalogue of errors. */
export const BANNER_TEXTS = {
  locked: {
    title: ({ keychain }: Fill<'keychain'>) => `Unlock ${keychain}`,
    sentence: 'Your logins are safe in it, but Authbar can’t renew them until it’s unlocked.',
    unlock: 'Unlock…',
  },
  askAgain: 'Ask again',
  /** On a Mac, where alone the icon can be hidden. */
  iconHidden: {
    title: 'The key isn’t in your menu bar',
    sentence: 'Turn Authbar on in System Settings, under Menu Bar.',
  },
  openSettings: ({ settingsApp }: Fill<'settingsApp'>) => `Open ${settingsApp}`,
  dismiss: 'Dismiss',
  /** A card in trouble is out of sight. */
  below: {
    sentence: ({ service }: Fill<'service'>) => `${service} needs you to sign in again.`,
    signIn: 'Sign in',
  },
} as const satisfies Texts;

/** Where the system has no keyring. */
export const NO_KEYRING_TEXTS = {
  heading: 'No keyring found',
  body: 'Authbar can keep your logins in a file that only you can read. That’s less safe.',
  useFile: 'Use a file',
  notNow: 'Not now',
} as const satisfies Texts;
