import type { SignInView } from '../app-state.ts';
import type { ErrorCode } from '../errors.ts';
import { dateInWords, inWords, momentInWords } from '../time-words.ts';
import type { CardState, Look } from './look.ts';
import { described, type InTool, type Situation } from './situation.ts';
import { TEXTS } from './texts.ts';

/** What a row says; what it leaves out is not there. */
type Said = Pick<Look, 'shape' | 'tone' | 'line1'> & Partial<Look>;

/** @returns nothing where the row does not apply. */
type Row = (situation: Situation) => Said | false | null | undefined;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WEEK = 7 * DAY;

/** A renewal is shown once it takes longer than this, ms. */
const USUAL_RENEWAL = 1000;
/** How long a login may have lapsed, and a tool not been written, before the icon tells, ms. */
const LAPSED_PATIENCE = 15 * MINUTE;
const UNWRITTEN_PATIENCE = 10 * MINUTE;

/** What stands between us and the service, where its own words tell the person what to do. */
const OBSTACLES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'clock-wrong',
  'disk-full',
  'folder-protected',
  'network-page',
  'network-password',
  'not-private',
  'provider-missing',
  'service-refused',
]);

/** Why a tool is not written, where that is not for its file. */
const NOT_ITS_FILE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['disk-full', 'login-incomplete']);

const T = TEXTS.card;

/** Every state of an account, the most urgent first: the first that applies is the one that is shown. */
const ROWS: Readonly<Record<CardState, Row>> = {
  'signing-in': ({ signIn }) => signIn && saidOfSignIn(signIn),

  checking: (about) =>
    about.state.checking.includes(about.account.id) && {
      shape: 'renew',
      tone: 'quiet',
      line1: T.checking,
      line2: works(about) ? usedBy(about) : null,
    },

  'signing-out': (about) =>
    about.account.code === 'sign-out-unfinished' && {
      shape: 'warn',
      tone: 'warn',
      line1: described(about, about.account.code).title,
      action: { kind: 'sign-out', label: T.signOut },
    },

  'sign-in-again': (about) =>
    isIn(about, 'sign-in-again', 'other-computer') && {
      shape: 'stop',
      tone: 'bad',
      ...whySignInAgain(about),
      action: { kind: 'sign-in', label: T.signIn },
      attention: true,
    },

  paused: (about) =>
    isIn(about, 'paused') && {
      shape: 'stop',
      tone: 'bad',
      line1: T.paused(about),
      line2: T.pausedBy(about),
      action: { kind: 'open-service', label: T.openService(about) },
      attention: true,
    },

  locked: (about) =>
    isIn(about, 'locked') && {
      shape: 'lock',
      tone: 'warn',
      ...whileLocked(about),
      line2: T.loginIsSafe,
    },

  offline: (about) =>
    isIn(about, 'waiting') &&
    (!about.state.online || about.account.code === 'offline') && {
      shape: 'warn',
      tone: 'warn',
      line1: T.offline,
      line2: T.offlineNext,
    },

  'asked-to-wait': (about) =>
    isIn(about, 'waiting') &&
    about.account.code === 'asked-to-wait' && {
      shape: 'warn',
      tone: 'warn',
      line1: T.askedToWait(about),
      line2: nextTry(about, (when) => T.tryingAgain({ when })),
      attention: hasLapsedFor(about, LAPSED_PATIENCE),
    },

  waiting: (about) =>
    isIn(about, 'waiting') &&
    about.account.code !== null && {
      shape: 'warn',
      tone: 'warn',
      ...whyWaiting(about, about.account.code),
      action: { kind: 'check', label: T.tryNow },
      attention: hasLapsedFor(about, LAPSED_PATIENCE),
    },

  'last-day': (about) => deadlineWithin(about, DAY),

  'not-written': (about) =>
    works(about) && about.unwritten && saidOfUnwritten(about, about.unwritten),

  question: (about) =>
    works(about) &&
    about.question && {
      shape: 'ask',
      tone: 'accent',
      line1: T.otherAccount({ tool: about.question.tool.name }),
      line2: T.nothingChanged,
      action: { kind: 'decide', tool: about.question.tool.id, label: T.decide },
    },

  deadline: (about) => deadlineWithin(about, WEEK),

  renewing: (about) =>
    isUnderWay(about) && {
      shape: 'renew',
      tone: 'accent',
      line1: T.renewing,
      line2: usedBy(about),
    },

  // Without a code a renewal is only under way.
  late: (about) =>
    isIn(about, 'late') &&
    about.account.code !== null && {
      shape: 'ok',
      tone: 'good',
      line1: T.late,
      line2: nextTry(about, (when) => T.lateNext({ when })) ?? T.nothingStopped,
    },

  // A tool may have been given it by itself.
  standby: (about) =>
    !about.account.inUse && {
      shape: 'standby',
      tone: 'quiet',
      line1: T.standby,
      line2: about.tools.length > 0 ? T.usedBy(about) : T.standbyTools,
    },

  'in-use': ({ hasSiblings }) => hasSiblings && { shape: 'ok', tone: 'good', line1: T.inUse },

  ready: (about) => ({ shape: 'ok', tone: 'good', line1: T.ready, line2: usedBy(about) }),
};

/** Which tools work with it, in words. */
export function usedBy({ served, tools }: Situation): string {
  return served ? T.usedBy({ tools }) : T.standbyTools;
}

const NOTHING = { line2: null, action: null, second: null, attention: false } as const;

/** Which state the account is in, and what that looks like. */
export function lookOf(situation: Situation): Look & { readonly state: CardState } {
  for (const [state, row] of Object.entries(ROWS) as [CardState, Row][]) {
    const said = row(situation);
    if (said) return { ...NOTHING, ...said, state };
  }
  throw new Error('The last row always applies.');
}

/** A sign-in that has no account yet, as a look of its own. */
export function lookOfSignIn(signIn: SignInView): Look & { readonly state: CardState } {
  return { ...NOTHING, ...saidOfSignIn(signIn), state: 'signing-in' };
}

function isIn(
  { account }: Situation,
  ...states: readonly Situation['account']['state'][]
): boolean {
  return states.includes(account.state);
}

/** The tools can use it now. */
function works(about: Situation): boolean {
  return isIn(about, 'signed-in', 'late');
}

function hasLapsedFor({ account, now }: Situation, span: number): boolean {
  return account.expiresAt !== null && now - account.expiresAt > span;
}

/** An attempt that no failure has ended yet leaves no code. */
function isUnderWay(about: Situation): boolean {
  const { account, now } = about;
  if (account.code !== null) return false;
  const since = account.renewsAt ?? now;
  return isIn(about, 'waiting') || (isIn(about, 'late') && now - since >= USUAL_RENEWAL);
}

/** `null` where no other try is planned. */
function nextTry(
  { account, now, style }: Situation,
  write: (when: string) => string,
): string | null {
  return account.renewsAt === null ? null : write(inWords(account.renewsAt, now, style));
}

function whileLocked({ account, now, style, words }: Situation): Pick<Look, 'line1' | 'attention'> {
  const { expiresAt } = account;
  if (expiresAt === null || expiresAt <= now) return { line1: T.lockedNow(words), attention: true };
  return {
    line1: T.lockedUntil({ until: momentInWords(expiresAt, now, style) }),
    attention: false,
  };
}

function whyWaiting(about: Situation, code: ErrorCode): Pick<Look, 'line1' | 'line2'> {
  const { account, service, tools } = about;
  if (OBSTACLES.has(code)) {
    const retryAt = account.renewsAt;
    const { title, sentence } = described(about, code, {
      service,
      ...(retryAt !== null && { retryAt }),
    });
    return { line1: title, line2: sentence };
  }
  const line2 = nextTry(about, (when) =>
    tools.length > 0 ? T.mayStop({ when, tools }) : T.tryingAgain({ when }),
  );
  return { line1: T.unreachable(about), line2 };
}

function whySignInAgain(about: Situation): Pick<Look, 'line1' | 'line2' | 'second'> {
  const { account, now, service } = about;
  const why = { kind: 'details', label: T.why } as const;
  const again = { line1: T.signInAgain, second: why };
  const { code, signInBy } = account;
  if (signInBy !== null && signInBy <= now) {
    return { ...again, line2: T.timeWasUp(about), second: null };
  }
  if (code === null || code === 'login-ended') return { ...again, line2: T.ended(about) };
  if (code === 'login-used-up') return { ...again, line2: T.usedUp };
  if (code === 'list-damaged') return { ...again, line2: T.keyMissing };
  const { title, sentence } = described(about, code, { service });
  return { line1: code === 'other-computer' ? title : T.signInAgain, line2: sentence, second: why };
}

function saidOfSignIn({ step }: SignInView): Said {
  const steps: Partial<Record<SignInView['step'], string>> = {
    finishing: T.finishing,
    locked: T.oneStepMissing,
  };
  return {
    shape: 'renew',
    tone: 'accent',
    line1: steps[step] ?? T.signingIn,
    action: { kind: 'show-sign-in', label: T.show },
  };
}

function saidOfUnwritten(about: Situation, { tool, entry }: InTool): Said {
  const { code, since } = entry;
  const names = { tool: tool.name, service: about.service };
  const ownWords = code !== null && NOT_ITS_FILE.has(code);
  return {
    shape: 'warn',
    tone: 'warn',
    line1: T.notWritten(names),
    line2: ownWords ? described(about, code, names).sentence : T.notWrittenWhy(names),
    action: { kind: 'tool', tool: tool.id, label: T.showWhy },
    attention: since !== null && about.now - since > UNWRITTEN_PATIENCE,
  };
}

function deadlineWithin(about: Situation, span: number): Said | null {
  const { account, now, style } = about;
  if (!works(about) || account.signInBy === null || account.signInBy - now > span) return null;
  return {
    shape: 'clock',
    tone: 'warn',
    line1: T.signInBy({ date: dateInWords(account.signInBy, style) }),
    line2: T.worksUntilThen,
    action: { kind: 'sign-in', label: T.signIn },
    attention: span === DAY,
  };
}
