import type { AccountView } from './account-view.ts';
import type { Notice, NoticeKind } from './notice.ts';
import { inWords, type TimeStyle } from './time-words.ts';
import { inSentence, middle } from './ui/names.ts';
import { wordsFor } from './words.ts';

/** A notice as it is shown. */
export interface NoticeText {
  /** At most 40 characters. */
  readonly title: string;
  /** At most 110 characters. */
  readonly body: string;
  /** What the button says, whose work a click anywhere does; `null`: it shows the accounts, without one. */
  readonly button: string | null;
  readonly sound: boolean;
}

/** What fills the `{…}` of a notice. */
export interface NoticeContext extends TimeStyle {
  /** Every account, not only those that it is about. */
  readonly accounts: readonly AccountView[];
  /** The services' names, by provider. */
  readonly services: Readonly<Record<string, string>>;
  /** The tools' names, by target. */
  readonly tools: Readonly<Record<string, string>>;
  /** As `process.platform` has it. */
  readonly platform: string;
  /** Epoch ms. */
  readonly now: number;
}

/** What one notice says; its accounts are known to exist. */
interface Case {
  readonly service: string;
  readonly notice: Notice;
  readonly account: AccountView | undefined;
  readonly context: NoticeContext;
}

const LONGEST_BODY = 110;
const LONGEST_ADDRESS = 34;

const WRITERS: Readonly<Record<NoticeKind, (about: Case) => NoticeText>> = {
  'login-ended': (about) => ({
    title: `Sign in to ${about.service} again`,
    body: withTools(about, (tools) => `${tools} can’t use it until you do.`),
    button: 'Sign in',
    sound: true,
  }),
  'several-ended': ({ notice: { accounts }, context }) => ({
    title: `${accounts.length} logins need you`,
    body: `Sign in to ${inSentence(servicesOf(accounts, context))} again.`,
    button: 'Show',
    sound: true,
  }),
  'account-paused': (about) => ({
    title: `${about.service} has paused your account`,
    body: withTools(
      about,
      (tools) => `${tools} can’t use it. Only ${about.service} can change that.`,
    ),
    button: `Open ${about.service}`,
    sound: true,
  }),
  'works-again': (about) => ({
    title: `${about.service} works again`,
    body: `${addressOf(about)}You don’t have to do anything.`,
    button: null,
    sound: false,
  }),
  'keychain-locked': ({ service, account, context }) => {
    const { keychain } = wordsFor(context.platform);
    const when = inWords(account?.expiresAt ?? context.now, context.now, context);
    return {
      title: `${keychain.charAt(0).toUpperCase()}${keychain.slice(1)} is locked`,
      body: `${service} stops ${when} unless you unlock it.`,
      button: 'Unlock',
      sound: true,
    };
  },
  'tool-not-written': ({ notice: { target }, context }) => ({
    title: `${toolName(target ?? '', context)} isn’t getting your login`,
    body: 'Authbar can’t change its file.',
    button: 'Show',
    sound: false,
  }),
};

/** What `notice` says. Names are as they were given: a terminal has to have them cleaned. */
export function noticeText(notice: Notice, context: NoticeContext): NoticeText {
  const [first = ''] = notice.accounts;
  const account = context.accounts.find(({ id }) => id === first);
  const service = servicesOf([first], context)[0] ?? '';
  return WRITERS[notice.kind]({ service, notice, account, context });
}

/** The first one, on the person's own wish: it lets the system ask whether Authbar may show any. */
export const FIRST_NOTICE: NoticeText = {
  title: 'You’ll hear from Authbar here',
  body: 'Only when a login needs you.',
  button: null,
  sound: false,
};

function servicesOf(
  ids: readonly string[],
  { accounts, services }: Pick<NoticeContext, 'accounts' | 'services'>,
): string[] {
  const providers = accounts.filter(({ id }) => ids.includes(id)).map(({ provider }) => provider);
  return [...new Set(providers)].map((provider) => services[provider] ?? provider);
}

function toolName(target: string, { tools }: Pick<NoticeContext, 'tools'>): string {
  return tools[target] ?? target;
}

/** A sentence about the tools that stop: as many by name as there is room for. */
function withTools(about: Case, write: (tools: string) => string): string {
  const { notice, context } = about;
  const names = notice.tools.map((tool) => toolName(tool, context));
  const body = (tools: string) => `${addressOf(about)}${write(tools)}`;
  // A login on standby is in no tool.
  if (names.length === 0) return body('You');
  for (let shown = names.length; shown > 1; shown -= 1) {
    const text = body(inSentence(names, shown, shown));
    if (text.length <= LONGEST_BODY) return text;
  }
  return body(names.length > 1 ? `${names.length} tools` : inSentence(names));
}

/** Lock screens are public: whose login it is is told only where the service's name does not tell which. */
function addressOf({ account, context }: Case): string {
  const { email, provider } = account ?? {};
  const siblings = context.accounts.filter((other) => other.provider === provider);
  return email && siblings.length > 1 ? `${middle(email, LONGEST_ADDRESS)}: ` : '';
}
