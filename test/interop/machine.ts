import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltInId } from '../../src/core/grant.ts';
import { startWorld, type World } from '../support/engine.ts';
import type { StandIn } from '../support/provider/index.ts';
import { type Backend, startBackend } from './backend.ts';
import { CodexHome } from './codex-driver.ts';
import { PiHome } from './pi-driver.ts';

const MINUTE = 60_000;

/** A machine with the real programs on it, and with folders of the other tools. */
export interface Machine extends World {
  readonly backend: Backend;
  readonly pi: PiHome;
  readonly codex: CodexHome;
}

export async function startMachine(): Promise<Machine> {
  const world = await startWorld();
  const backend = await startBackend();
  for (const folder of ['.claude', '.synaps-cli', '.local/share/opencode']) {
    await mkdir(join(world.userHome, folder), { recursive: true, mode: 0o700 });
  }
  const [pi, codex] = [await PiHome.at(world, backend), await CodexHome.at(world, backend)];
  return { ...world, backend, pi, codex };
}

/** Lets time pass, for Authbar, Pi and the provider. Nobody can move the clock of Codex. */
export function passTime({ provider, clock }: Machine, minutes: number): void {
  clock.advance(minutes * MINUTE);
  provider.setClock(clock.now() - Date.now());
}

/**
 * Runs `work` as if it had happened so many minutes ago: a login that it brings has the life of an hour
 * less that. Time passes for all but Codex; for Codex the login itself is that old. In between the
 * provider's clock is behind, and every program reads the end of a login by that clock.
 */
export async function ago<T>(
  machine: Machine,
  minutes: number,
  work: () => Promise<T>,
): Promise<T> {
  machine.provider.setClock(-minutes * MINUTE);
  const result = await work();
  passTime(machine, minutes);
  return result;
}

/** The access token that Authbar has. */
export async function vaultToken({ engine }: Machine, service: string): Promise<string> {
  return (await engine.token(service, 0)).accessToken;
}

/** What every target that has a file holds of a login, by target; not the ones that are off. */
export async function handedOut(
  { engine }: Machine,
  provider: BuiltInId,
  token: string,
): Promise<Readonly<Record<string, string>>> {
  const held: Record<string, string> = {};
  for (const { target, mode, path, entries } of await engine.targets()) {
    const entry = entries.find((each) => each.provider === provider);
    if (mode === 'off' || !path || !entry) continue;
    const text = await readFile(path, 'utf8').catch(() => '');
    held[target] = text.includes(token) ? entry.state : 'another token';
  }
  return held;
}

/** On macOS Claude Code keeps its login in the keychain, and is off until the person turns it on. */
const CLAUDE_CODE = process.platform === 'darwin' ? {} : { 'claude-code': 'in-step' };

/** What `handedOut` tells when all is well. */
export const IN_STEP: Readonly<Record<BuiltInId, Readonly<Record<string, string>>>> = {
  anthropic: {
    peekaboo: 'in-step',
    ...CLAUDE_CODE,
    pi: 'in-step',
    synaps: 'in-step',
    opencode: 'in-step',
  },
  openai: {
    peekaboo: 'in-step',
    pi: 'in-step',
    codex: 'in-step',
    synaps: 'in-step',
    opencode: 'in-step',
  },
};

/** How many renewals the provider was asked for, and how many of them came with a spent token. */
export function renewals(
  { journal }: StandIn,
  provider: BuiltInId,
): [asked: number, refused: number] {
  const asked = journal.of(provider, 'refresh');
  return [asked.length, asked.filter(({ rotated }) => !rotated).length];
}

/** Names of what a tool has in its folder for its login, sorted; a folder's ends in a slash. */
export async function authFiles({ folder }: { readonly folder: string }): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter(({ name }) => name.includes('auth'))
    .map((entry) => (entry.isFile() ? entry.name : `${entry.name}/`))
    .sort();
}
