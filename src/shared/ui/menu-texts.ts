import type { Fill, Texts } from './slots.ts';

/** Native menus, in sentence case; a Mac's are put into Title Case by the menus themselves. */
export const MENU_TEXTS = {
  open: 'Open Authbar',
  account: ({ service, email }: Fill<'service' | 'email'>) =>
    email === null ? service : `${service} · ${email}`,
  /** A state other than signed in follows the name. */
  withState: ({ label, state }: Fill<'label' | 'state'>) => `${label} – ${state}`,
  signInNeeded: 'Sign in needed',
  signInAgain: 'Sign in again…',
  checkNow: 'Check now',
  tryNow: 'Try now',
  details: 'Details',
  detailsMore: 'Details…',
  useThis: 'Use this one',
  rename: 'Rename…',
  moveUp: 'Move up',
  moveDown: 'Move down',
  signOut: 'Sign out…',
  signIn: ({ service }: Fill<'service'>) => `Sign in to ${service}…`,
  addLogin: 'Add a login',
  service: ({ service }: Fill<'service'>) => `${service}…`,
  settings: 'Settings…',
  about: 'About Authbar',
  hide: 'Hide Authbar',
  quit: 'Quit Authbar',
  edit: 'Edit',
  view: 'View',
  window: 'Window',
  bigger: 'Bigger',
  smaller: 'Smaller',
  actualSize: 'Actual size',
  close: 'Close',
} as const satisfies Texts;
