import { capitalised, inSentence } from './names.ts';
import type { Fill, Texts } from './slots.ts';

/** One account, all there is to know. */
export const DETAILS_TEXTS = {
  /** Under the service's name. */
  subtitle: ({ name, email, plan, workspace }: Fill<'name' | 'email' | 'plan' | 'workspace'>) =>
    [name, email, plan, workspace].filter(Boolean).join(' · '),
  renewed: 'Renewed',
  renewsAgain: 'Renews again',
  signInBy: 'Sign in again by',
  about: ({ date }: Fill<'date'>) => `about ${date}`,
  notKnown: 'Not known',
  notPlanned: 'Not planned',
  signInByHelp: ({ service }: Fill<'service'>) =>
    `${service} asks for a new sign-in every now and then. Renewing can’t put that off.`,
  planUse: 'Plan use',
  week: 'Week',
  used: ({ count, when }: Fill<'count'> & Partial<Fill<'when'>>) =>
    when === undefined ? `${count} %` : `${count} %, new ${when}`,
  almostUsedUp: 'Almost used up',
  usedUp: 'Used up',
  useUntold: ({ service }: Fill<'service'>) => `${service} doesn’t tell Authbar how much is left.`,
  usedBy: 'Used by',
  happened: 'What happened',
  showAll: 'Show all',
  checkNow: 'Check now',
  checking: 'Checking…',
  works: 'Works. Checked just now.',
  unreachable: ({ service }: Fill<'service'>) => `${service} can’t be reached right now.`,
  refused: ({ service }: Fill<'service'>) => `${service} doesn’t accept this login any more.`,
  signInAgain: 'Sign in again',
  signOut: 'Sign out…',
  /** What a tool does with the login, behind its name. */
  tool: {
    ready: 'Ready',
    restart: 'Restart it once',
    needsConsent: 'Needs your OK',
    notAllowed: 'Not allowed yet',
    otherAccount: 'Has another account',
    unchangeable: 'Can’t be changed',
    signedOut: 'Signed out there',
    refused: ({ tool, service }: Fill<'tool' | 'service'>) =>
      `Written, but ${tool} can’t use a ${service} login today.`,
    off: 'Off',
    busy: 'Busy',
    soon: 'In a moment',
  },
  says: ({ service, email, state }: Fill<'service' | 'email' | 'state'>) =>
    `${[service, email].filter(Boolean).join(', ')}. ${state}`,
} as const satisfies Texts;

/** A name of the person's own. */
export const RENAME_TEXTS = {
  heading: ({ service }: Fill<'service'>) => `Rename ${service}`,
  body: 'Your own name for this login, to tell it from others. Leave it empty for none.',
  label: 'Name',
  save: 'Save',
} as const satisfies Texts;

/** One tool. */
export const TOOL_TEXTS = {
  give: ({ tool }: Fill<'tool'>) => `Give ${tool} this login`,
  whoRenews: 'Who may renew it',
  both: ({ tool }: Fill<'tool'>) => `${tool} and Authbar`,
  bothHelp: ({ tool }: Fill<'tool'>) => `${tool} keeps working when Authbar is off.`,
  onlyAuthbar: 'Only Authbar',
  onlyAuthbarHelp: ({ tool }: Fill<'tool'>) =>
    `Safest. ${tool} stops a few hours after Authbar is switched off.`,
  where: 'Where it is',
  /** The login was taken out there, and not by Authbar. */
  signedOut: {
    title: ({ service }: Fill<'service'>) => `Not signed in to ${service}`,
    sentence: ({ tool }: Fill<'tool'>) =>
      `The login was taken out of ${tool}. Authbar leaves it so until you put it back.`,
    putBack: 'Put it back',
  },
} as const satisfies Texts;

const IN_FILE = 'a file that only you can read';

/** Taking a login away again. */
export const SIGN_OUT_TEXTS = {
  heading: ({ service }: Fill<'service'>) => `Sign out of ${service}?`,
  removes: ({ email, service }: Fill<'email' | 'service'>) =>
    `Authbar removes ${email ?? `your ${service} login`} from:`,
  stops: ({ tools, service }: Fill<'tools' | 'service'>) =>
    `${tools.length > 0 ? 'They stop' : 'Whatever uses this login stops'} working with ${service} until you sign in again. Your ${service} account isn’t changed.`,
  cancel: 'Cancel',
  signOut: 'Sign out',
  says: ({ tools, keychain }: Fill<'tools' | 'keychain'>) =>
    `From ${inSentence([...tools, keychain], 7, 7)}.`,
  saysFile: ({ tools }: Fill<'tools'>) => `From ${inSentence([...tools, IN_FILE], 7, 7)}.`,
  done: {
    heading: ({ service }: Fill<'service'>) => `Signed out of ${service}`,
    removed: ({ tool }: Fill<'tool'>) => `Removed from ${tool}`,
    kept: ({ tool }: Fill<'tool'>) => `Couldn’t remove it from ${tool}`,
    ended: ({ service }: Fill<'service'>) => `Ended at ${service}`,
    notEnded: ({ service, computer }: Fill<'service' | 'computer'>) =>
      `Couldn’t reach ${service} to end it there too. No copy is left on ${computer}.`,
    done: 'Done',
    says: ({ service, count }: Fill<'service' | 'count'>) =>
      count === 0
        ? `Signed out of ${service}.`
        : `Signed out of ${service}. Removed from ${count} ${count === 1 ? 'place' : 'places'}.`,
  },
} as const satisfies Texts;

/** A tool is signed in as somebody else. */
export const OTHER_ACCOUNT_TEXTS = {
  heading: ({ tool }: Fill<'tool'>) => `${tool} has another account`,
  isSignedInAs: ({ tool, computer, holder }: Fill<'tool' | 'computer' | 'holder'>) =>
    `${tool} on ${computer} is signed in as ${holder}.`,
  isSomeoneElse: ({ tool, computer }: Fill<'tool' | 'computer'>) =>
    `${tool} on ${computer} is signed in as someone else.`,
  youAre: ({ email, service }: Fill<'email' | 'service'>) =>
    email === null ? `You signed in to ${service} here.` : `You signed in here as ${email}.`,
  unchanged: ({ tool }: Fill<'tool'>) => `Authbar has changed nothing in ${tool}.`,
  leave: ({ tool }: Fill<'tool'>) => `Leave ${tool} as it is`,
  take: ({ tool, email }: Fill<'tool' | 'email'>) => `Use ${email ?? 'this login'} in ${tool}`,
  keepBoth: ({ holder }: Fill<'holder'>) => `Keep ${holder} signed in too…`,
  ifYouSwitch: ({ tool, holder, computer }: Fill<'tool' | 'holder' | 'computer'>) =>
    `If you switch, ${holder} is signed out of ${tool} on ${computer}.`,
  ifYouSwitchUnknown: ({ tool, computer }: Fill<'tool' | 'computer'>) =>
    `If you switch, someone else is signed out of ${tool} on ${computer}.`,
} as const satisfies Texts;

/** Where logins are kept, as a row names it. */
export const KEPT_IN_TEXTS = {
  mac: 'Your Mac’s keychain',
  elsewhere: ({ keychain }: Fill<'keychain'>) => capitalised(keychain),
  file: capitalised(IN_FILE),
  /** The same inside a sentence. */
  inFile: IN_FILE,
} as const satisfies Texts;
