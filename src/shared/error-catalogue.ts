import type { ErrorCode } from './errors.ts';

/**
 * The words for one error, as templates. `{…}` is filled from the error's details and from the words
 * of the person's system; see `error-texts.ts`.
 */
export interface ErrorText {
  readonly title: string;
  readonly sentence: string;
  /** The button that leads on. */
  readonly action: string;
}

/**
 * Every error in the words that people read, in the window, in the log view and at the terminal. What to do
 * about it at a terminal is in `error-steps.ts`, so that the window's page need not have it.
 */
export const ERROR_TEXTS: Readonly<Record<ErrorCode, ErrorText>> = {
  'browser-not-opened': {
    title: 'Your browser didn’t open',
    sentence: 'Copy the link and paste it into any browser.',
    action: 'Copy link',
  },
  'port-busy': {
    title: '{program} is in the way',
    sentence:
      'It holds the connection that {service}’s sign-in needs. Quit it, or use another device.',
    action: 'Use another device',
  },
  'sign-in-stopped': {
    title: 'You didn’t sign in',
    sentence: 'The sign-in was stopped in the browser. Nothing was changed.',
    action: 'Try again',
  },
  'sign-in-timeout': {
    title: 'The sign-in ran out of time',
    sentence: 'It stops after 10 minutes, for your safety.',
    action: 'Start again',
  },
  'answer-mismatch': {
    title: 'That answer is from another try',
    sentence: 'Finish on the newest page in your browser.',
    action: 'Open again',
  },
  'code-incomplete': {
    title: 'Part of the code is missing',
    sentence: 'Copy all of it, including what comes after the #.',
    action: 'Paste again',
  },
  'code-refused': {
    title: '{service} didn’t accept the code',
    sentence: 'A code works once, and only for a few minutes.',
    action: 'Get a new code',
  },
  'other-account': {
    title: 'That’s a different account',
    sentence: 'You signed in as {newAccount}. This login belongs to {oldAccount}.',
    action: 'Keep both',
  },
  offline: {
    title: 'You’re offline',
    sentence: 'Authbar carries on when you’re back. Nothing is lost.',
    action: 'Try now',
  },
  unreachable: {
    title: 'Can’t reach {service}',
    sentence: 'Authbar tries again {when}.',
    action: 'Try now',
  },
  'asked-to-wait': {
    title: '{service} asked to wait',
    sentence: 'Authbar tries again {when}.',
    action: 'Show details',
  },
  'network-page': {
    title: 'This network wants you to sign in',
    sentence: 'Open any page in your browser and finish there first.',
    action: 'Try again',
  },
  'network-password': {
    title: 'Your network refused Authbar',
    sentence: 'It asks for a name and password. Your IT team can help.',
    action: 'Try again',
  },
  'not-private': {
    title: 'The connection isn’t private',
    sentence:
      'Something between you and {service} is reading it. On a work computer, ask your IT team.',
    action: 'Try again',
  },
  'clock-wrong': {
    title: 'Your clock is {off} off',
    sentence: 'Logins may be refused until it’s right.',
    action: 'Open Date & Time',
  },
  'login-ended': {
    title: 'Sign in to {service} again',
    sentence: '{service} ended this login, as it does after a password change.',
    action: 'Sign in',
  },
  'login-used-up': {
    title: 'Sign in to {service} again',
    sentence: 'Another program renewed this login and kept the result to itself.',
    action: 'Sign in',
  },
  'account-paused': {
    title: '{service} has paused this account',
    sentence: 'Only {service} can change that.',
    action: 'Open {service}',
  },
  'keychain-locked': {
    title: '{keychain} is locked',
    sentence: 'Your logins are safe in it. Unlock it and Authbar carries on.',
    action: 'Unlock…',
  },
  'keychain-refused': {
    title: '{yourComputer} kept Authbar out',
    sentence: 'Authbar needs its own item in {keychain}. Allow it when {yourComputer} asks.',
    action: 'Ask again',
  },
  'tool-file-damaged': {
    title: '{tool}’s login is damaged',
    sentence: 'Its file can’t be read. Authbar left it alone, so nothing is lost.',
    action: '{finder}',
  },
  'tool-file-protected': {
    title: '{tool}’s file is protected',
    sentence: 'It’s read-only or belongs to someone else, so Authbar can’t change it.',
    action: '{finder}',
  },
  'disk-full': {
    title: 'Your disk is full',
    sentence: 'The login is safe. Your tools get it when there’s room.',
    action: 'Try again',
  },
  'tool-other-account': {
    title: '{tool} has another account',
    sentence: 'Authbar has changed nothing in {tool}.',
    action: 'Decide…',
  },
  'key-refused': {
    title: '{service} didn’t accept this key',
    sentence: 'It’s kept all the same. It may be incomplete, or was deleted there.',
    action: 'Replace key',
  },
  'keyring-missing': {
    title: 'No keyring found',
    sentence: 'Authbar can use a file that only you can read. That’s less safe.',
    action: 'Use a file',
  },
  'sign-out-unfinished': {
    title: 'Signed out on {computer}',
    sentence: 'It couldn’t be ended at {service} too. No copy is left here.',
    action: 'Open {service}',
  },
  'login-item-blocked': {
    title: '{yourComputer} is waiting for your OK',
    sentence: 'Authbar may not open at login yet.',
    action: 'Open {settingsApp}',
  },
  'notifications-off': {
    title: 'Notifications are off',
    sentence: 'A login could stop without you knowing.',
    action: 'Open {settingsApp}',
  },
  'update-unfinished': {
    title: 'The update didn’t finish',
    sentence: 'Your version keeps working.',
    action: 'Try again',
  },
  'list-damaged': {
    title: 'The key to your logins is missing',
    sentence: 'Without it they can’t be opened. Nothing was deleted.',
    action: 'Sign in',
  },
  'tool-busy': {
    title: '{tool} is busy',
    sentence: 'Authbar writes the login as soon as {tool} lets it.',
    action: 'Show details',
  },
  'login-incomplete': {
    title: '{tool} needs a new sign-in',
    sentence: 'This login lacks a part that {tool} asks for.',
    action: 'Sign in again',
  },
  'login-lost-in-flight': {
    title: 'Sign in to {service} again',
    sentence: 'The connection broke while this login was being renewed.',
    action: 'Sign in',
  },
  'service-refused': {
    title: '{service} turned Authbar away',
    sentence: 'The login is kept. Authbar tries again {when}.',
    action: 'Show details',
  },
  'other-computer': {
    title: 'Sign in again on {computer}',
    sentence: 'These logins came from another computer and can’t be shared.',
    action: 'Sign in',
  },
  'newer-version': {
    title: 'A newer Authbar was here',
    sentence: 'This older version leaves its logins alone.',
    action: 'Check for updates',
  },
  'no-renewal': {
    title: 'Sign in to {service} again',
    sentence: '{service} lets nobody renew this login, so it ends by itself.',
    action: 'Sign in',
  },
  'provider-missing': {
    title: 'Authbar doesn’t know {service} now',
    sentence: 'It was removed, or can’t be read. The login is kept, but not renewed.',
    action: 'Show details',
  },
  'storage-choice': {
    title: 'Logins are kept elsewhere',
    sentence: 'Authbar was set up to keep them in {keychain}, which is missing now.',
    action: 'Show details',
  },
  'folder-protected': {
    title: 'Authbar can’t save anything',
    sentence: 'Its folder is read-only. Nothing is renewed until it can be written.',
    action: '{finder}',
  },
  unexpected: {
    title: 'Something went wrong in Authbar',
    sentence: 'Your logins are untouched.',
    action: 'Save a report…',
  },
  'wrong-use': {
    title: 'Authbar didn’t understand that',
    sentence: 'Check the command and what comes after it.',
    action: 'Show help',
  },
  'no-such-login': {
    title: 'You’re not signed in there yet',
    sentence: 'Authbar has no such login.',
    action: 'Sign in',
  },
  'several-logins': {
    title: 'More than one login fits',
    sentence: 'Say which one you mean.',
    action: 'Choose one',
  },
  'engine-running': {
    title: 'Authbar is running already',
    sentence: '{process} keeps your logins fresh. A second one would only be in its way.',
    action: 'Show details',
  },
  'login-busy': {
    title: 'Another Authbar is busy with this',
    sentence: '{process} has held this login for over a minute. The login is kept.',
    action: 'Try again',
  },
  'login-damaged': {
    title: 'Sign in to {service} again',
    sentence: 'This login couldn’t be opened and was set aside.',
    action: 'Sign in',
  },
  'unsafe-setting': {
    title: 'One setting isn’t safe',
    sentence: 'Authbar won’t put your logins at risk for it.',
    action: 'Show details',
  },
  'engine-gone': {
    title: 'The shared login is gone',
    sentence: 'Nobody answers at the socket that AUTHBAR_SOCKET names.',
    action: 'Try again',
  },
  'provider-unfit': {
    title: 'That service can’t be added',
    sentence: 'What it says of itself allows no safe sign-in.',
    action: 'Show details',
  },
  'providers-damaged': {
    title: 'Added services can’t be read',
    sentence: 'Authbar left the file alone, and no login is lost.',
    action: '{finder}',
  },
  interrupted: {
    title: 'You stopped Authbar',
    sentence: 'Nothing is lost.',
    action: 'Try again',
  },
};
