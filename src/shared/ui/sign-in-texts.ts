import { capitalised, inList, inSentence } from './names.ts';
import type { Fill, Texts } from './slots.ts';

/** Before there is a login. */
export const WELCOME_TEXTS = {
  heading: 'Stay signed in',
  body: ({ computer }: Fill<'computer'>) =>
    `Sign in to Claude or ChatGPT here. Authbar keeps the login working in the tools on ${computer}.`,
  signIn: ({ service }: Fill<'service'>) => `Sign in to ${service}`,
  found: ({ computer, tools }: Fill<'computer' | 'tools'>) =>
    `Found on ${computer}: ${inList(tools, 3)}`,
  noTools: 'No tools found yet. You can still sign in.',
  other: 'Another service…',
} as const satisfies Texts;

/** Around a service's terms, whose own words are not ours. */
export const TERMS_TEXTS = {
  heading: 'Before you sign in',
  continue: ({ service }: Fill<'service'>) => `Continue to ${service}`,
  notNow: 'Not now',
} as const satisfies Texts;

/** From the first click to the login. */
export const SIGN_IN_TEXTS = {
  heading: ({ service }: Fill<'service'>) => `Sign in to ${service}`,

  waiting: {
    heading: 'Finish in your browser',
    body: ({ service }: Fill<'service'>) =>
      `${service} is open in your browser. Sign in there. This window changes by itself when you’re done.`,
    openAgain: 'Open again',
    /** Where it was not opened, because it could not come back. */
    open: 'Open browser',
    copyLink: 'Copy link',
    copied: 'Copied',
    enterCode: 'Enter a code instead',
    cancel: 'Cancel',
    says: 'Finish in your browser.',
    saysCopied: 'Link copied.',
  },

  notOpened: {
    heading: 'Your browser didn’t open',
    body: 'Copy the link and paste it into any browser.',
  },

  still: {
    heading: 'Still waiting for your browser',
    body: 'Nothing has come back yet. Try one of these:',
    openAgain: 'Open the browser again',
    copyLink: 'Copy the link, for another browser',
    enterCode: 'Enter a code',
    cancel: 'Cancel',
    says: 'Still waiting for your browser. Three things you can try.',
    saysFour: 'Still waiting for your browser. Four things you can try.',
  },

  /** A code that is entered on another device. */
  device: {
    heading: 'Sign in on another device',
    preparing: 'Getting a code…',
    open: 'On a phone or another computer, open',
    enter: 'and enter this code:',
    copyCode: 'Copy code',
    openPage: 'Open page',
    /** `count` minutes. */
    left: ({ count }: Fill<'count'>) =>
      `Works for ${count} more minute${count === 1 ? '' : 's'}. This window changes by itself.`,
    warning: 'Only enter a code that you asked for here.',
    /** The code letter by letter, as it is read out. */
    spelt: ({ code }: Fill<'code'>) => [...code].join(' ').replaceAll(' - ', ', '),
    says: ({ address, code }: Fill<'address' | 'code'>) =>
      `On another device, open ${address.replaceAll('/', ' slash ')} and enter the code ${code}.`,
    saysCopied: 'Code copied.',
  },

  code: {
    heading: 'Enter your code',
    /** Where the service shows a code at the end. */
    bodyCode: ({ service }: Fill<'service'>) =>
      `If ${service} shows you a code, copy all of it and paste it here.`,
    labelCode: 'Code',
    /** Where the browser ends on a page that does not open. */
    bodyAddress:
      'If your browser ends on a page that doesn’t open, copy the whole address from its top line and paste it here.',
    labelAddress: 'Code or address',
    looksRight: 'Looks right.',
    empty: 'Paste the code first.',
    signIn: 'Sign in',
  },

  finishing: {
    heading: 'Signing you in…',
    body: 'This takes a few seconds.',
    slow: 'This is taking longer than usual. You can wait or do something else; Authbar goes on.',
    says: 'Signing you in.',
    saysSlow: 'This is taking longer than usual.',
  },

  signedIn: {
    heading: ({ service }: Fill<'service'>) => `You’re signed in to ${service}`,
    noTools: ({ computer }: Fill<'computer'>) =>
      `No tools found on ${computer} yet. Authbar adds the login when you install one.`,
    done: 'Done',
    says: ({ service, tools }: Fill<'service' | 'tools'>) =>
      tools.length > 0
        ? `You’re signed in to ${service}. Ready in ${inSentence(tools)}.`
        : `You’re signed in to ${service}.`,
    /** After every sign-in but the first, when the accounts are shown at once. */
    saysLater: ({ service, email }: Fill<'service' | 'email'>) =>
      email === null ? `Signed in to ${service}` : `Signed in to ${service} as ${email}`,
  },

  /** What a tool does with the login, behind its name. */
  tool: {
    ready: 'Ready',
    restart: 'Ready, restart it once',
    needsConsent: 'Needs your OK',
    notAllowed: 'Not allowed yet',
    otherAccount: 'Has another account',
    unchangeable: 'Can’t be changed',
    signedOut: 'Signed out there',
  },

  /** Ends that are told in other words here than elsewhere. */
  offline: {
    heading: 'You’re offline',
    sentence: 'Check your internet, then try again.',
  },
  serviceTrouble: {
    heading: ({ service }: Fill<'service'>) => `${service} has a problem`,
    sentence: 'Nothing is wrong on your side. Try again in a few minutes.',
  },
  otherAccount: {
    heading: 'That’s a different account',
    sentence: ({ newAccount, oldAccount }: Fill<'newAccount' | 'oldAccount'>) =>
      `You signed in as ${newAccount}. This login belongs to ${oldAccount}.`,
    keepBoth: 'Keep both',
  },
  locked: {
    heading: 'One step is missing',
    sentence: ({ service, keychain }: Fill<'service' | 'keychain'>) =>
      `${service} said yes, but ${keychain} is locked.`,
    unlock: 'Unlock…',
  },
  newCode: 'Get a new code',
  startAgain: 'Start again',
  tryAgain: 'Try again',
  notNow: 'Not now',
} as const satisfies Texts;

/** Before the system asks whether Authbar may change what a tool keeps in the keychain. */
export const CONSENT_TEXTS = {
  heading: ({ yourComputer }: Fill<'yourComputer'>) => `One question from ${yourComputer}`,
  body: ({ tool, keychain, yourComputer }: Fill<'tool' | 'keychain' | 'yourComputer'>) =>
    `${tool} keeps its login in ${keychain}. ${capitalised(yourComputer)} will ask whether Authbar may change it. Choose Always Allow, and it won’t ask again.`,
  continue: 'Continue',
  notNow: 'Not now',
} as const satisfies Texts;
