import * as v from 'valibot';
import type { AddressProblem } from '../../shared/address-problems.ts';
import { bareId } from '../../shared/custom-id.ts';
import { nameAtTerminal } from '../../shared/ui/names.ts';
import { safeUrl } from '../oauth/safe-url.ts';
import { type AddRequest, idProblem } from './add-custom.ts';
import { ClientIdSchema, type CustomProvider, IssuerSchema } from './custom.ts';
import type { Providers } from './index.ts';

/** All that a person has to know of a service. */
export interface TypedService {
  readonly address: string;
  readonly clientId: string;
}

/** What is typed, read: a request, the service where it is there just so, or what is wrong. */
export type ReadService =
  | { readonly problem: AddressProblem }
  | { readonly there: CustomProvider }
  | { readonly request: AddRequest };

/** Longest name that is made of an address: it has to fit into a title. */
const LONGEST_NAME = 30;

/** What a path may take of that from a long host. */
const PATH_ROOM = 9;

/** Longest id, without its prefix. */
const MAX_ID = 31;

/** What people copy along with an issuer. */
const WELL_KNOWN = /\/\.well-known\/[\w-]+\/?$/;

/**
 * Makes a request of what a person typed. A service that has this address already is the one that is meant:
 * only its client id is changed. Any other gets its address for a name, and an id made of that.
 * @param all The services that the person added.
 */
export function readTyped(
  { address, clientId: typedId }: TypedService,
  all: readonly CustomProvider[],
  providers: Providers,
): ReadService {
  const issuer = readAddress(address);
  if (typeof issuer !== 'string') return issuer;
  const clientId = typedId.trim();
  if (clientId === '') return { problem: 'no-client' };
  if (!v.is(ClientIdSchema, clientId)) return { problem: 'client' };
  const here = all.filter((each) => withoutSlash(each.issuer) === issuer);
  const there = here.find((each) => each.clientId === clientId);
  if (there) return { there };
  const [known] = here;
  if (known) return { request: changed(known, clientId) };
  const { host, pathname } = new URL(issuer);
  const path = withoutSlash(pathname);
  const taken = new Set(all.flatMap((each) => [bareId(each.id), nameAtTerminal(each.name)]));
  const shown = nameOf(host, path);
  const name = free(taken, (n) => (n > 1 ? `${shown} ${n}` : shown));
  const base = idOf(host + path, providers);
  const id = free(taken, (n) => (n > 1 ? `${cut(base, MAX_ID - 4)}-${n}` : base));
  return { request: { issuer, clientId, id, name, anySlash: true, replace: false } };
}

/** What it says of itself is asked anew; what the person decided about it stays. */
function changed(known: CustomProvider, clientId: string): AddRequest {
  const { id, issuer, name, scopes, redirectPorts, allowedOrigins } = known;
  const decided = { name, scopes, redirectPorts, allowedOrigins };
  return { id: bareId(id), issuer, clientId, ...decided, replace: true };
}

/** The issuer that is meant, without a slash at its end. */
function readAddress(typed: string): string | { readonly problem: AddressProblem } {
  const text = typed.trim();
  if (text === '') return { problem: 'empty' };
  // The parser mends `https:/…`, and takes line breaks out: a host that nobody typed may come of either.
  const full = /^(https?:|[a-z][a-z\d+.-]*:\/\/)/i.test(text) ? text : `https://${text}`;
  if (/\s/.test(text) || !URL.canParse(full)) return { problem: 'no-address' };
  const { protocol, username, password, href } = new URL(full);
  if (username || password || /[?#]/.test(full)) return { problem: 'more' };
  if (protocol === 'http:' && safeUrl(href) === null) return { problem: 'no-https' };
  const issuer = withoutSlash(href.replace(WELL_KNOWN, ''));
  return v.is(IssuerSchema, issuer) ? issuer : { problem: 'no-address' };
}

/** Its address, as far as there is room. The host’s end always stays: whose it is, is told by that. */
function nameOf(host: string, path: string): string {
  const shown = ending(host, LONGEST_NAME - Math.min(path.length, PATH_ROOM));
  return shown + ending(path, LONGEST_NAME - shown.length);
}

function ending(text: string, length: number): string {
  return text.length > length ? `…${text.slice(1 - length)}` : text;
}

/** The first of several names that no other service is called by. */
function free(taken: ReadonlySet<string>, nth: (n: number) => string): string {
  let n = 1;
  while (taken.has(nameAtTerminal(nth(n)))) n += 1;
  return nth(n);
}

/** `at-` before a place that alone would be no id. */
function idOf(place: string, providers: Providers): string {
  const bare = nameAtTerminal(place);
  return cut(idProblem(cut(bare), providers) === null ? bare : `at-${bare}`);
}

function cut(id: string, length = MAX_ID): string {
  return id.slice(0, length).replace(/-+$/, '');
}

function withoutSlash(address: string): string {
  return address.replace(/\/$/, '');
}
