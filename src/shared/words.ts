/** What people call the parts of their own system. Every text that names one takes it from here. */
export interface Words {
  /** `this Mac`, for "on this Mac". */
  readonly computer: string;
  /** `your Mac`, for "your Mac asks". */
  readonly yourComputer: string;
  /** Where the operating system keeps secrets. */
  readonly keychain: string;
  /** Where Authbar's key is shown, without the "your" before it. */
  readonly place: string;
  /** The button that shows a file in its folder. */
  readonly finder: string;
  /** The program in which the system is set up. */
  readonly settingsApp: string;
  /** The switch that starts Authbar when the person arrives. */
  readonly openAtLogin: string;
}

const MAC: Words = {
  computer: 'this Mac',
  yourComputer: 'your Mac',
  keychain: 'your keychain',
  place: 'menu bar',
  finder: 'Show in Finder',
  settingsApp: 'System Settings',
  openAtLogin: 'Open at login',
};

const WINDOWS: Words = {
  computer: 'this PC',
  yourComputer: 'your PC',
  keychain: 'Credential Manager',
  place: 'taskbar corner',
  finder: 'Show in File Explorer',
  settingsApp: 'Settings',
  openAtLogin: 'Open when I sign in to Windows',
};

const ELSEWHERE: Words = {
  computer: 'this computer',
  yourComputer: 'your computer',
  keychain: 'your keyring',
  place: 'top bar',
  finder: 'Show in folder',
  settingsApp: 'Settings',
  openAtLogin: 'Open when I log in',
};

/** The words for a `process.platform`; one that is not known gets those of Linux. */
export function wordsFor(platform: string): Words {
  if (platform === 'darwin') return MAC;
  return platform === 'win32' ? WINDOWS : ELSEWHERE;
}
