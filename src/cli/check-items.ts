import { askEngine } from '../core/broker/ask.ts';
import type { Checkable } from '../core/check.ts';
import { accountsNamed } from '../core/choose.ts';
import { toldOfKey } from '../core/keys/check.ts';
import type { KeyView } from '../core/keys/list.ts';
import { loginCheckable } from '../core/login-check.ts';
import { findProvider } from '../core/providers/index.ts';
import type { Provider } from '../core/providers/provider.ts';
import type { AccountView } from '../shared/account-view.ts';
import { hasCode } from '../shared/errors.ts';
import type { Tools } from './command.ts';
import { loginSource } from './login-source.ts';
import { nameOf, ownerAmong, serviceOf } from './words.ts';

/** What a program is told of what is checked. */
interface Subject {
  readonly kind: 'login' | 'key';
  /** The account's id; `null` for a key. */
  readonly account: string | null;
  /** The provider's id, or that of the service whose key it is. */
  readonly provider: string;
  readonly email: string | null;
}

/** What is checked, and how it is named: a login or an API key. */
export interface CheckItem extends Checkable {
  /** While the person waits: `Claude · anna@example.com`. */
  readonly name: string;
  /** In the report: `oauth Claude anna@example.com`, `credentials OPENAI_API_KEY`. */
  readonly source: string;
  readonly document: Subject;
}

/** A service for which nothing is kept. */
export interface Missing {
  readonly name: string;
  readonly document: Subject;
  /** What to do about it. */
  readonly step: string;
}

/** What a name means, or everything there is. */
export interface Chosen {
  readonly items: readonly CheckItem[];
  readonly missing: readonly Missing[];
}

/** @throws AppError as `accountsNamed`. */
export async function chosen(tools: Tools, name: string | null): Promise<Chosen> {
  const { engine, context } = tools;
  const { accounts } = await askEngine(
    context,
    (running) => running.status(),
    () => engine.status(),
  );
  const here = accounts.filter(({ code }) => code !== 'sign-out-unfinished');
  const stored = (await engine.keys.list()).filter((view) => view.stored);
  if (name === null) return everything(tools, here, stored);

  const service = engine.keys.serviceFor(name);
  const keys = stored.filter((view) => view.service === service?.id);
  const keyAlone = service !== null && !isProvider(tools, name);
  const views = keyAlone ? [] : named(tools, here, name);
  const items = [
    ...views.map((view) => loginItem(tools, view, here)),
    ...keys.map(keyItemOf(tools)),
  ];
  if (items.length > 0) return { items, missing: [] };
  return {
    items,
    missing: [keyAlone ? missingKey(service) : missingLogin(providerOf(tools, name))],
  };
}

/** A service that has a key needs no login. */
function everything(
  tools: Tools,
  accounts: readonly AccountView[],
  keys: readonly KeyView[],
): Chosen {
  const had = new Set<string>([
    ...accounts.map(({ provider }) => provider),
    ...keys.map(({ service }) => service),
  ]);
  const missing = Object.values(tools.context.providers).filter(({ id }) => !had.has(id));
  return {
    items: [
      ...accounts.map((view) => loginItem(tools, view, accounts)),
      ...keys.map(keyItemOf(tools)),
    ],
    missing: missing.map(missingLogin),
  };
}

/** A service by its name alone may have nobody who is signed in. */
function named(
  { context: { providers } }: Tools,
  accounts: readonly AccountView[],
  name: string,
): AccountView[] {
  try {
    return accountsNamed(accounts, name, providers);
  } catch (error) {
    if (hasCode(error, 'no-such-login') && !name.includes(':')) return [];
    throw error;
  }
}

function isProvider({ context }: Tools, name: string): boolean {
  const wanted = name.trim().toLowerCase();
  return Object.values(context.providers).some(
    ({ id, aliases }) => id === wanted || aliases.includes(wanted),
  );
}

function providerOf({ context }: Tools, name: string): Provider {
  return findProvider(context.providers, name);
}

function loginItem(tools: Tools, view: AccountView, all: readonly AccountView[]): CheckItem {
  const { id, provider, email } = view;
  const login = loginCheckable(tools.context, loginSource(tools), view);
  return {
    name: nameOf(tools.context, view, all),
    source: `oauth ${serviceOf(tools.context, view)} ${ownerAmong(view, all)}`,
    document: { kind: 'login', account: id, provider, email },
    check: (timeout) => login.check(timeout),
  };
}

function keyItemOf({ engine, context }: Tools): (view: KeyView) => CheckItem {
  return ({ service, name, places }) => {
    const line = places.find(({ target }) => target === 'peekaboo')?.entry;
    return {
      name: `${name} key`,
      source: `credentials ${line ?? service}`,
      document: { kind: 'key', account: null, provider: service, email: null },
      async check(timeout) {
        const begun = context.clock.now();
        const check = await engine.keys.check(service, timeout);
        return toldOfKey(check, context.keyServices[service], context.clock.now() - begun);
      },
    };
  };
}

function missingLogin({ id, service, aliases }: Provider): Missing {
  return {
    name: service,
    document: { kind: 'login', account: null, provider: id, email: null },
    step: `Run \`authbar login ${aliases[0] ?? id}\` to sign in.`,
  };
}

function missingKey({ id, name }: { readonly id: string; readonly name: string }): Missing {
  return {
    name,
    document: { kind: 'key', account: null, provider: id, email: null },
    step: `Run \`authbar key add ${id}\`.`,
  };
}
