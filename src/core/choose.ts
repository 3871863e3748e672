import * as v from 'valibot';
import type { AccountView } from '../shared/account-view.ts';
import { AppError } from '../shared/errors.ts';
import { inSentence } from '../shared/ui/names.ts';
import { CustomIdSchema } from './grant.ts';
import {
  findProvider,
  type Providers,
  providerOf,
  providerShown,
  typedAs,
} from './providers/index.ts';
import type { Provider } from './providers/provider.ts';
import { cleanText, redactShapes } from './redact.ts';

/** Shortest part of an account's id that names it. */
const SHORTEST_ID = 4;

/** What an account is named by. */
type Named = Pick<AccountView, 'id' | 'provider' | 'email' | 'workspace' | 'name' | 'inUse'>;

/**
 * The accounts that a name means: a provider (or alias), optionally with `:e-mail`,
 * `:e-mail/workspace` or, where that means nobody, the person's own name for it; or at least 4 characters of
 * an account's id.
 * @throws AppError `wrong-use` when it is neither a provider nor an id, `no-such-login` when nobody is
 * signed in there.
 */
export function accountsNamed<T extends Named>(
  views: readonly T[],
  name: string,
  providers: Providers,
): T[] {
  const byId = views.filter(({ id }) => name.length >= SHORTEST_ID && id.startsWith(name));
  if (byId.length > 0) return byId;
  const [providerName = '', owner] = split(name, ':');
  const provider = providerNamed(providers, providerName, views);
  const [email, workspace] = split(owner ?? '', '/');
  const own = views.filter((view) => view.provider === provider.id);
  const addressed = own.filter(
    (view) =>
      (!owner || isSame(view.email, email)) &&
      (workspace === undefined || view.workspace === workspace),
  );
  const found = addressed.length > 0 ? addressed : own.filter((view) => isSame(view.name, owner));
  if (found.length > 0) return found;
  throw owner ? nobodyCalled(name, own, provider, providers) : nobody(provider);
}

/** A provider that is gone is still known by its logins, which can be signed out. */
function providerNamed(providers: Providers, name: string, views: readonly Named[]): Provider {
  const wanted = name.trim().toLowerCase();
  for (const { provider: id } of views) {
    if (!v.is(CustomIdSchema, id)) continue;
    const provider = providerOf(providers, id);
    if (provider.gone && (id === wanted || provider.aliases.includes(wanted))) return provider;
  }
  return findProvider(providers, name);
}

/**
 * The one account that a name means; a bare provider means the account in use.
 * @throws AppError as `accountsNamed`, and `several-logins`.
 */
export function accountNamed<T extends Named>(
  views: readonly T[],
  name: string,
  providers: Providers,
): T {
  const found = accountsNamed(views, name, providers);
  if (found.length === 1 && found[0]) return found[0];
  const bare = !name.includes(':') && !found.every(({ id }) => id.startsWith(name));
  const chosen = bare ? found.find(({ inUse }) => inUse) : undefined;
  if (!chosen) throw severalLogins(found, name, providers);
  return chosen;
}

/** Which ones there are, for a person to choose from. @param asked The name that they all have. */
export function severalLogins(
  found: readonly Named[],
  asked: string,
  providers: Providers,
): AppError {
  const names = found.map((view) => soleName(view, found, providers));
  return new AppError('several-logins', { asked, names });
}

function isSame(one: string | null, other: string | undefined): boolean {
  return one !== null && one.toLowerCase() === other?.toLowerCase();
}

/**
 * The shortest name that means this account alone and that a person can type: `claude:anna@example.com`.
 * @param all Those that it is told from; names of other services are never like it.
 */
export function soleName(view: Named, all: readonly Named[], providers: Providers): string {
  const own = all.filter(({ provider }) => provider === view.provider);
  const typed = typedAs(providerShown(providers, view.provider));
  for (const named of [byAddress, byOwnName, byWorkspace]) {
    const name = named(view);
    if (!name || cleanText(name, name.length) !== name) continue;
    const same = own.filter(
      (other) => isSame(named(other), name) || isSame(byAddress(other), name),
    );
    if (same.every(({ id }) => id === view.id)) return `${typed}:${name}`;
  }
  return view.id;
}

function byAddress({ email }: Named): string | null {
  return email;
}

function byOwnName({ name }: Named): string | null {
  // Behind a slash is a workspace.
  return name?.includes('/') ? null : name;
}

function byWorkspace({ email, workspace }: Named): string | null {
  return email && workspace && `${email}/${workspace}`;
}

function nobodyCalled(
  name: string,
  own: readonly Named[],
  provider: Provider,
  providers: Providers,
): AppError {
  const names = own.map((view) => soleName(view, own, providers));
  if (names.length === 0) return nobody(provider);
  const asked = cleanText(redactShapes(name), 60);
  const there = `there ${names.length > 1 ? 'are' : 'is'} ${inSentence(names, 6, 6)}`;
  const hint = `There is no login “${asked}”; ${there}.`;
  return new AppError('no-such-login', { service: provider.service, names, hint });
}

function nobody({ service }: Provider): AppError {
  return new AppError('no-such-login', { service });
}

function split(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
