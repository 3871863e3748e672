import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BuiltInId } from '../../src/core/grant.ts';
import type { TargetId } from '../../src/core/targets/target.ts';
import type { World } from './engine.ts';
import { activeTokens } from './look.ts';
import { type RawTokens, rawRefresh } from './provider/raw-client.ts';

/** A tool that keeps its logins in JSON, as it reads and writes them itself. */
export type ToolId = Exclude<TargetId, 'keychain' | 'peekaboo'>;

type Json = Record<string, unknown>;

/** What people call the services. */
export const SERVICES = { anthropic: 'claude', openai: 'chatgpt' } as const;

interface Habits {
  /** Below the home. */
  readonly file: string;
  /** Where the login of a service is. */
  readonly at: Partial<Record<BuiltInId, readonly string[]>>;
  /** The names of its access token, its refresh token and its id token. */
  readonly names: readonly [access: string, refresh: string, id?: string];
  /** What stands beside the tokens when the tool has renewed them at `now`, epoch ms. */
  readonly beside: (tokens: RawTokens, provider: BuiltInId, now: number) => Json;
}

const expires = (skew: number) => (tokens: RawTokens, _: BuiltInId, now: number) => ({
  expires: now + tokens.expires_in * 1000 - skew,
});
const FIVE_MINUTES = 5 * 60_000;

/** What each tool does, from its own documents and source; nothing here is taken from `src`. */
const HABITS: Readonly<Record<ToolId, Habits>> = {
  'claude-code': {
    file: '.claude/.credentials.json',
    at: { anthropic: ['claudeAiOauth'] },
    names: ['accessToken', 'refreshToken'],
    beside: (tokens, _, now) => ({ expiresAt: now + tokens.expires_in * 1000 }),
  },
  pi: {
    file: '.pi/agent/auth.json',
    at: { anthropic: ['anthropic'], openai: ['openai-codex'] },
    names: ['access', 'refresh'],
    beside: (tokens, provider, now) =>
      expires(provider === 'anthropic' ? FIVE_MINUTES : 0)(tokens, provider, now),
  },
  codex: {
    file: '.codex/auth.json',
    at: { openai: ['tokens'] },
    names: ['access_token', 'refresh_token', 'id_token'],
    beside: () => ({}),
  },
  synaps: {
    file: '.synaps-cli/auth.json',
    at: { anthropic: ['anthropic'], openai: ['openai-codex'] },
    names: ['access', 'refresh'],
    beside: expires(FIVE_MINUTES),
  },
  opencode: {
    file: '.local/share/opencode/auth.json',
    at: { anthropic: ['anthropic'], openai: ['openai'] },
    names: ['access', 'refresh'],
    beside: expires(0),
  },
};

/** Each tool with a service that it is for. */
export const HOMES = [
  ['claude-code', 'anthropic'],
  ['pi', 'anthropic'],
  ['codex', 'openai'],
  ['synaps', 'openai'],
  ['opencode', 'anthropic'],
] as const;

/** All of them in the large suites; in the others one of each way to keep and write a file. */
export const SOME_HOMES =
  process.env.AUTHBAR_LONG === '1'
    ? HOMES
    : HOMES.filter(([tool]) => tool !== 'pi' && tool !== 'opencode');

/** Every tool that serves a service. */
export function toolsFor(provider: BuiltInId): ToolId[] {
  return (Object.keys(HABITS) as ToolId[]).filter((id) => HABITS[id].at[provider]);
}

/** Where the tool keeps its logins. */
export function toolFile({ userHome }: Pick<World, 'userHome'>, tool: ToolId): string {
  return join(userHome, HABITS[tool].file);
}

/** Installs tools: from then on their folders are there. */
export async function install(world: Pick<World, 'userHome'>, ...tools: ToolId[]): Promise<void> {
  for (const tool of tools) {
    await mkdir(dirname(toolFile(world, tool)), { recursive: true, mode: 0o700 });
  }
}

/** The tokens that the tool would use; `null` where it has none. */
export async function tokensIn(
  world: Pick<World, 'userHome'>,
  tool: ToolId,
  provider: BuiltInId,
): Promise<{ access: string; refresh: string } | null> {
  const entry = entryIn(await fileOf(world, tool), tool, provider);
  const [access, refresh] = HABITS[tool].names;
  return entry && { access: String(entry[access]), refresh: String(entry[refresh]) };
}

/**
 * Which of these tools do not hold the vault's login: its access token, and the refresh token that would
 * work now, if they get one.
 */
export async function outOfStep(
  world: World,
  provider: BuiltInId,
  tools: readonly ToolId[] = toolsFor(provider),
): Promise<ToolId[]> {
  const { accessToken } = await world.engine.token(SERVICES[provider], 0);
  const out: ToolId[] = [];
  for (const tool of tools) {
    const tokens = await tokensIn(world, tool, provider);
    const refresh = tool === 'opencode' ? [''] : activeTokens(world);
    const inStep = tokens?.access === accessToken && refresh.includes(tokens.refresh);
    if (!inStep) out.push(tool);
  }
  return out;
}

/** How every tool stands, as `[state, code]` of its one entry. */
export async function entryStates({
  engine,
}: Pick<World, 'engine'>): Promise<Map<ToolId, unknown>> {
  const views = await engine.targets();
  return new Map(
    views.flatMap(({ target, entries: [entry] }) =>
      entry && target !== 'keychain' && target !== 'peekaboo'
        ? [[target, [entry.state, entry.code]] as const]
        : [],
    ),
  );
}

/** Changes the tool's entry of a service, as the tool writes it: in one go, in place. */
export async function change(
  world: Pick<World, 'userHome'>,
  tool: ToolId,
  provider: BuiltInId,
  edit: (entry: Json) => void,
): Promise<void> {
  const file = await fileOf(world, tool);
  const [key = '', ...deeper] = HABITS[tool].at[provider] ?? [];
  if (deeper.length > 0) throw new TypeError('one level is enough');
  file[key] ??= {};
  edit(file[key] as Json);
  await writeFile(toolFile(world, tool), JSON.stringify(file, null, 2), { mode: 0o600 });
}

/** Takes the tool's entry of a service out, as its sign-out does. */
export async function removeThere(
  world: Pick<World, 'userHome'>,
  tool: ToolId,
  provider: BuiltInId,
): Promise<void> {
  const { [keyOf(tool, provider)]: _, ...rest } = await fileOf(world, tool);
  await writeFile(toolFile(world, tool), JSON.stringify(rest, null, 2), { mode: 0o600 });
}

/** Empties the access token, as a tool does that was refused a renewal. Does nothing where there is none. */
export async function blankThere(
  world: Pick<World, 'userHome'>,
  tool: ToolId,
  provider: BuiltInId,
): Promise<void> {
  if (!(await tokensIn(world, tool, provider))) return;
  await change(world, tool, provider, (entry) => {
    entry[HABITS[tool].names[0]] = '';
  });
}

/** Puts tokens there, as the tool does after a renewal or a sign-in of its own. */
export async function putThere(
  world: Pick<World, 'userHome' | 'clock'>,
  tool: ToolId,
  provider: BuiltInId,
  tokens: RawTokens,
): Promise<void> {
  const { names, beside } = HABITS[tool];
  await change(world, tool, provider, (entry) => {
    if (tool !== 'codex' && tool !== 'claude-code') entry.type = 'oauth';
    entry[names[0]] = tokens.access_token;
    entry[names[1]] = tokens.refresh_token;
    if (names[2] && tokens.id_token) entry[names[2]] = tokens.id_token;
    Object.assign(entry, beside(tokens, provider, world.clock.now()));
  });
}

/** Renews as the tool would, with the refresh token that it finds, and keeps the result. */
export async function renewThere(
  world: Pick<World, 'userHome' | 'clock' | 'provider'>,
  tool: ToolId,
  provider: BuiltInId,
): Promise<RawTokens> {
  const refresh = (await tokensIn(world, tool, provider))?.refresh ?? '';
  const answer = await rawRefresh(world.provider, provider, refresh);
  if (answer.status !== 200) throw new Error(`${tool} was refused: ${answer.status}`);
  const tokens = (await answer.json()) as RawTokens;
  await putThere(world, tool, provider, tokens);
  return tokens;
}

async function fileOf(world: Pick<World, 'userHome'>, tool: ToolId): Promise<Json> {
  const text = await readFile(toolFile(world, tool), 'utf8').catch(() => '');
  return text.trim() === '' ? {} : (JSON.parse(plain(text)) as Json);
}

/** Without what some editors put in: a byte order mark, and comments on lines of their own. */
function plain(text: string): string {
  return text.replace(/^\ufeff/, '').replace(/^\s*\/\/.*$/gm, '');
}

function entryIn(file: Json, tool: ToolId, provider: BuiltInId): Json | null {
  return (file[keyOf(tool, provider)] as Json | undefined) ?? null;
}

function keyOf(tool: ToolId, provider: BuiltInId): string {
  return HABITS[tool].at[provider]?.[0] ?? '';
}
