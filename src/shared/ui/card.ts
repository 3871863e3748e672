import type { AccountView } from '../account-view.ts';
import type { AppState, SignInView } from '../app-state.ts';
import { lookOf, lookOfSignIn, usedBy } from './card-rows.ts';
import type { CardState, Look } from './look.ts';
import { capitalised, middle, plain } from './names.ts';
import { runningSignIn, type Situation, serviceName, situationOf } from './situation.ts';
import { TEXTS } from './texts.ts';

/** One account, as it is drawn. */
export interface Card extends Look {
  /** The account's id; `null`: a sign-in, and nobody knows yet whose. */
  readonly account: string | null;
  readonly provider: string;
  /** The service's name, its title. */
  readonly service: string;
  readonly state: CardState;
  /** The plan. */
  readonly tag: string | null;
  /** The whole address, and the workspace where that tells two accounts apart, behind the person's own name; empty if unknown. */
  readonly subtitle: string;
  readonly email: string | null;
  /** `null`: it is given to no tool. */
  readonly usedBy: string | null;
  /** Lines 1 and 2 for an ear. */
  readonly says: string;
  /** Its accessible name. */
  readonly name: string;
  /** Its button is the only main one on the screen. */
  readonly main: boolean;
  /** Drawn in two lines: all is well, and there are many. */
  readonly compact: boolean;
}

/** From this many accounts on those that need nobody are drawn small. */
const MANY = 6;
const LONGEST_TAG = 20;

/** `account` as it is drawn where it stands alone. */
export function cardOf(state: AppState, account: AccountView, now: number): Card {
  const situation = situationOf(state, account, now);
  const look = lookOf(situation);
  const { service, hasSiblings } = situation;
  const { name, email, plan, workspace } = namesOf(account);
  const says = TEXTS.card.says({ lines: [look.line1, look.line2 ?? ''].filter(Boolean) });
  const firstLine = TEXTS.card.says({ lines: [look.line1] });
  return {
    ...look,
    account: account.id,
    provider: account.provider,
    service,
    tag: plan,
    subtitle: TEXTS.card.subtitle({ name, email, workspace: hasSiblings ? workspace : null }),
    email,
    usedBy: isGiven(situation) ? usedBy(situation) : null,
    says,
    name: TEXTS.card.name({ service, name, email, plan, state: firstLine }),
    main: false,
    compact: false,
  };
}

/** All cards, in their order, a sign-in that has no account yet behind them. */
export function cardsOf(state: AppState, now: number): Card[] {
  const cards = state.accounts.map((account) => cardOf(state, account, now));
  const first = cards.find(({ state: row }) => row === 'sign-in-again');
  const many = cards.length >= MANY;
  const shown = cards.map((card) => ({
    ...card,
    main: card === first,
    compact: many && isWell(card),
  }));
  const signIn = runningSignIn(state);
  return signIn && signIn.account === null ? [...shown, cardOfSignIn(state, signIn)] : shown;
}

function cardOfSignIn(state: AppState, signIn: SignInView): Card {
  const look = lookOfSignIn(signIn);
  const service = serviceName(state, signIn.provider);
  const says = TEXTS.card.says({ lines: [look.line1] });
  return {
    ...look,
    account: null,
    provider: signIn.provider,
    service,
    tag: null,
    subtitle: '',
    email: null,
    usedBy: null,
    says,
    name: TEXTS.accounts.saysCard({ service, state: says }),
    main: false,
    compact: false,
  };
}

/** Whether any tool gets it: all of them, or those that were given it by themselves. */
function isGiven({ account, tools }: Situation): boolean {
  return account.inUse || tools.length > 0;
}

/** Nothing to do, and nothing to worry about. */
function isWell({ tone, action }: Look): boolean {
  return tone !== 'bad' && tone !== 'warn' && action === null;
}

/** What is known of whom it belongs to, safe to be shown anywhere. */
export function namesOf({
  email,
  name,
  plan,
  workspace,
}: AccountView): Pick<AccountView, 'email' | 'name' | 'plan' | 'workspace'> {
  return {
    name: name && plain(name),
    email: email === null ? null : plain(email),
    plan: plan && capitalised(middle(plain(plan).replaceAll('_', ' '), LONGEST_TAG)),
    workspace: workspace && plain(workspace),
  };
}
