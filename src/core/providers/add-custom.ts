import * as v from 'valibot';
import type { AddressProblem } from '../../shared/address-problems.ts';
import { bareId, CUSTOM_PREFIX, isCustomId } from '../../shared/custom-id.ts';
import { AppError } from '../../shared/errors.ts';
import { capitalised, nameAtTerminal } from '../../shared/ui/names.ts';
import type { Context } from '../context.ts';
import { type CustomId, CustomIdSchema } from '../grant.ts';
import {
  ClientIdSchema,
  type CustomEndpoints,
  type CustomProvider,
  CustomSchema,
  IssuerSchema,
  strayEndpoint,
} from './custom.ts';
import { changeCustomFile } from './custom-file.ts';
import { discover } from './discovery.ts';
import type { Providers } from './index.ts';

/** What the person says of a service. What is left out is discovered, or is as usual. */
export interface AddRequest {
  readonly issuer: string;
  /** The issuer is the same with a slash at its end and without: the service says which it is. */
  readonly anySlash?: boolean;
  readonly clientId: string;
  /** Without its prefix. */
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly redirectPorts?: readonly number[] | undefined;
  /** Origins that may see its tokens beside the issuer's own. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Instead of what the service says of itself. */
  readonly endpoints?: CustomEndpoints | undefined;
  /** In the place of the one that has this id. */
  readonly replace: boolean;
}

/** What was added, and what was there before. */
export interface AddReport {
  readonly added: CustomProvider;
  readonly before: CustomProvider | null;
}

/** Origins of token endpoints; none while nobody is signed in. `null` among them: it cannot be told. */
type KeptFrom = (id: CustomId) => Promise<ReadonlySet<string | null>>;

type Deps = Pick<Context, 'fs' | 'paths' | 'clock' | 'send' | 'providers' | 'custom'>;

/** Names of services that are, or may be one day, built in; a login must never be mistaken for one of theirs. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['claude', 'claude-code', 'anthropic', 'chatgpt', 'openai', 'codex', 'sora'],
  ...['grok', 'xai', 'gemini', 'google', 'antigravity', 'copilot', 'github-copilot'],
  ...['kimi', 'moonshot', 'qwen', 'deepseek', 'mistral', 'meta', 'openrouter', 'authbar'],
]);

/** What is asked for where the person does not say: who it is, and to be renewed. */
const USUAL_SCOPES = ['openid', 'profile', 'email', 'offline_access'];

/**
 * Adds a service. Its description is read here and never again: what it says later moves nothing.
 * @param keptFrom Where the logins that are kept under an id are from, as `originsKept`. Asked when the list
 * is about to be changed: what is read before that takes its time, in which somebody may sign in.
 * @throws AppError `wrong-use`, `provider-unfit`, and what the network and the folder throw.
 */
export async function addCustom(
  context: Deps,
  request: AddRequest,
  keptFrom: KeptFrom,
): Promise<AddReport> {
  const { clientId } = request;
  requireField(IssuerSchema, request.issuer, 'The issuer');
  requireField(ClientIdSchema, clientId, 'The client id');
  const bare = request.id ?? idFrom(request.issuer);
  const id = customId(bare, context.providers);
  const name = request.name ?? capitalised(bare);
  requireFreeName(name, id, context.providers);
  const found = request.endpoints
    ? { issuer: request.issuer, endpoints: request.endpoints, issuerInAnswer: false, scopes: null }
    : await discover(context.send, request.issuer, request.anySlash);
  const wished = USUAL_SCOPES.filter((scope) => found.scopes?.includes(scope) ?? true);
  const added = checked({
    id,
    name,
    issuer: found.issuer,
    clientId,
    scopes: [...(request.scopes ?? wished)],
    endpoints: found.endpoints,
    allowedOrigins: [...(request.allowedOrigins ?? [])],
    redirectPorts: [...(request.redirectPorts ?? [0])],
    issuerInAnswer: found.issuerInAnswer,
    addedAt: context.clock.now(),
  });
  let before: CustomProvider | null = null;
  await changeCustomFile(context, async (all) => {
    before = all.find((each) => each.id === id) ?? null;
    await requirePlace(before, added, request.replace, keptFrom);
    return before ? all.map((each) => (each.id === id ? added : each)) : [...all, added];
  });
  await context.custom.reload();
  return { added, before };
}

/**
 * Removes a service from the list. A login of its own stays, and is not renewed any more.
 * @throws AppError `wrong-use`, and what the folder throws.
 */
export async function removeCustom(context: Deps, id: CustomId): Promise<void> {
  await changeCustomFile(context, (all) => all.filter((each) => each.id !== id));
  await context.custom.reload();
}

/** The id of a service that the person named, with its prefix or without it. */
export function namedCustom(all: readonly CustomProvider[], name: string): CustomProvider {
  const wanted = name.trim().toLowerCase();
  const found =
    all.find(({ id }) => id === wanted) ??
    all.find(({ id, name }) => [bareId(id), nameAtTerminal(name)].includes(wanted));
  if (found) return found;
  throw wrong('You added no service of that name; `authbar provider list` shows them');
}

function idFrom(issuer: string): string {
  const bare = nameAtTerminal(new URL(issuer).hostname).slice(0, 31);
  if (v.is(CustomIdSchema, CUSTOM_PREFIX + bare)) return bare;
  throw wrong('Give it a name of its own with --id');
}

function customId(bare: string, providers: Providers): CustomId {
  const problem = idProblem(bare, providers);
  if (problem !== null) throw wrong(problem);
  return `${CUSTOM_PREFIX}${bare}`;
}

/** Why no service may have this id, which is without its prefix; `null`: one may. */
export function idProblem(bare: string, providers: Providers): string | null {
  if (!v.is(CustomIdSchema, CUSTOM_PREFIX + bare) || isCustomId(`${bare}-`)) {
    return 'An id is a small letter and then letters, digits or dashes, 2 to 31 in all';
  }
  if (isReserved(bare, providers)) return 'That id is kept for a service that Authbar knows';
  // A login can be named by the first characters of its own id.
  return /^[0-9a-f]{4,}$/.test(bare) ? 'That id looks like the id of a login' : null;
}

/** What a person types has to mean one service. */
function requireFreeName(name: string, id: CustomId, providers: Providers): void {
  const typed = nameAtTerminal(name);
  if (isReserved(typed, providers)) {
    throw wrong('That name is kept for a service that Authbar knows');
  }
  const others = Object.values(providers).filter((each) => each.id !== id);
  const names = [typed, bareId(id)];
  if (others.some(({ aliases }) => names.some((each) => aliases.includes(each)))) {
    throw wrong('Another service has that name');
  }
}

function isReserved(name: string, { anthropic, openai }: Providers): boolean {
  const builtIn = [anthropic, openai].flatMap(({ id, aliases }) => [id, ...aliases]);
  return RESERVED.has(name) || builtIn.includes(name);
}

function requireField(schema: v.GenericSchema, value: unknown, name: string): void {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) throw wrong(`${name} ${parsed.issues[0].message}`);
}

/** The messages of the schema are ours; they quote nothing. */
function checked(custom: v.InferInput<typeof CustomSchema>): CustomProvider {
  const stray = isComplete(custom) ? strayEndpoint(custom) : null;
  if (stray?.why === 'elsewhere') {
    // The origin is what the person has to decide about; as the parser writes it, it is plain ASCII.
    throw unfit(
      `Its ${stray.endpoint} endpoint is at ${stray.origin}. If that is right, add --allow-origin ${stray.origin}`,
      'elsewhere',
    );
  }
  if (stray) throw unfit(`Its ${stray.endpoint} endpoint isn’t protected with https`);
  const parsed = v.safeParse(CustomSchema, custom);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue)?.split('.')[0] ?? 'it';
  throw wrong(
    `${FIELD_NAMES[field] ?? field} ${issue.type === 'check' || issue.type === 'regex' ? issue.message : 'is not as expected'}`,
  );
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  name: 'The name',
  scopes: 'One of the scopes',
  endpoints: 'One of the endpoints',
  allowedOrigins: 'One of the allowed origins',
  redirectPorts: 'One of the ports',
};

function isComplete(custom: v.InferInput<typeof CustomSchema>): boolean {
  return Object.values(custom.endpoints).every(
    (address) => typeof address !== 'string' || URL.canParse(address),
  );
}

/** Whose tokens are here already must not be sent to anybody else. */
async function requirePlace(
  before: CustomProvider | null,
  added: CustomProvider,
  replace: boolean,
  keptFrom: KeptFrom,
): Promise<void> {
  if (before === null) return requireOwn(added, await keptFrom(added.id));
  if (!replace) throw wrong('A service with that id is there already; add --replace to change it');
  const moved =
    before.issuer !== added.issuer ||
    before.clientId !== added.clientId ||
    tokenOriginOf(before) !== tokenOriginOf(added);
  if (moved && (await keptFrom(added.id)).size > 0) {
    throw wrong(
      'Somebody is signed in there. Sign out first, or give the other service another id',
      'signed-in',
    );
  }
}

/** A service that was removed may have left logins: only the one that gave them gets its id again. */
function requireOwn(added: CustomProvider, kept: ReadonlySet<string | null>): void {
  if ([...kept].every((origin) => origin === tokenOriginOf(added))) return;
  const why = kept.has(null)
    ? 'A login with that id is kept, and where it is from can’t be read now'
    : 'A login of another service with that id is still kept';
  const hint = `${why}. Run \`authbar logout ${bareId(added.id)}\` first, or choose another id`;
  throw wrong(hint, 'other-login');
}

function tokenOriginOf({ endpoints }: CustomProvider): string {
  return new URL(endpoints.token).origin;
}

/** @param problem What the window says in place of a hint that is about the command line. */
function wrong(hint: string, problem?: AddressProblem): AppError {
  return new AppError('wrong-use', { hint, ...(problem && { problem }) });
}

function unfit(hint: string, problem?: AddressProblem): AppError {
  return new AppError('provider-unfit', { hint, ...(problem && { problem }) });
}
