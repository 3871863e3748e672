import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Engine } from '../../src/core/engine.ts';
import type { Step, StepHook } from '../../src/core/ports.ts';
import type { TargetId } from '../../src/core/targets/target.ts';
import { startChild, untilItEnds } from './children/run-child.ts';
import { signIn, startWorld, type World } from './engine.ts';
import type { Keyring } from './keyring.ts';
import { peekaboo } from './look.ts';
import { install, type ToolId, tokensIn, toolFile, toolsFor } from './tools.ts';

/** The provider of each service. */
export const PROVIDERS = { claude: 'anthropic', chatgpt: 'openai' } as const;
export type Service = keyof typeof PROVIDERS;

const TOOLS: readonly ToolId[] = ['claude-code', 'pi', 'codex', 'synaps', 'opencode'];

/** What the person has there already, of names and values that are like ours. */
const MINE =
  '"mine" : {"type":"oauth", "access":"mine-a","refresh":"mine-r", "n":12345678901234567890}';
const MY_LINES = '# mine\nGEMINI_API_KEY=mine\n';
const MY_ITEM = ['service', 'Somebody else', 'account', 'mine'];

/** A machine with every tool on it, on which somebody is signed in to both services. */
export interface Machine {
  readonly world: World;
  readonly keyring: Keyring;
  /** Both, in the order in which they are renewed. */
  readonly services: readonly Service[];
  /** Another start of the engine. */
  restart(step?: StepHook): Promise<Engine>;
  /** Renews both logins in a process that dies at `moment`. */
  killAt(moment: Moment): Promise<void>;
}

/** The nth time, from 1, that a renewal of both logins comes to a step. */
export interface Moment {
  readonly step: Step;
  readonly nth: number;
}

/** One login in one target; `null` in place of what is not there. */
export interface Pair {
  readonly access: string | null;
  /** `''` where the tool gets none. */
  readonly refresh: string | null;
}

/** What anybody would find on the machine. */
export interface Sight {
  /** By the place, `pi anthropic`. */
  readonly logins: Readonly<Record<string, Pair>>;
  /** What stands around our logins, by the target. */
  readonly around: Readonly<Record<string, string>>;
  /** Every file and folder, the tools' and ours. */
  readonly names: readonly string[];
}

/** Both logins are in the keychain and in every tool, beside what the person has there. */
export async function startMachine(
  keyring: Keyring,
  services: readonly Service[],
): Promise<Machine> {
  const world = await startWorld();
  const env: NodeJS.ProcessEnv = {
    ...world.env,
    ...keyring.env,
    HOME: world.userHome,
    XDG_DATA_HOME: join(world.userHome, '.local/share'),
    AUTHBAR_VAULT: '',
  };
  const restart = async (step: StepHook = () => {}) => (await world.another({ env, step })).engine;
  await install(world, ...TOOLS);
  await putMine(world, keyring);
  onTestFinished(async () => {
    await secretTool(keyring, ['clear', 'service', 'Authbar']);
  });
  const engine = await restart();
  for (const service of services) await signIn(engine, service);
  await halveToken(world, services.at(-1) ?? 'claude');
  return {
    world,
    keyring,
    services,
    restart,
    async killAt(dieAt) {
      const ahead = world.clock.now() - Date.now();
      const task = { action: 'renew-each', service: services.join(' '), dieAt, ahead };
      const child = startChild('engine-child.ts', [JSON.stringify(task)], { env });
      const [end, said] = await Promise.all([
        untilItEnds(child),
        text(child.stdout ?? Readable.from([])),
      ]);
      if (end !== 'SIGKILL') throw new Error(`it was not killed: ${end} ${said}`);
      await world.provider.journal.settled();
    },
  };
}

/** Renews both logins and tells every step of it. */
export async function rehearse({ restart, services }: Machine): Promise<Moment[]> {
  const steps: Step[] = [];
  const engine = await restart((step) => {
    steps.push(step);
  });
  for (const service of services) await engine.refresh(service, { force: true });
  return steps.map((step, index) => ({
    step,
    nth: steps.slice(0, index + 1).filter((each) => each === step).length,
  }));
}

/** @param torn The tool whose file is not read, because it may be half written. */
export async function look(machine: Machine, torn: ToolId | null = null): Promise<Sight> {
  const { world, keyring } = machine;
  const around: Record<string, string> = {
    keychain: await secretTool(keyring, ['lookup', ...MY_ITEM]),
    peekaboo: withoutLogins(await peekaboo(world)),
  };
  for (const tool of TOOLS.filter((each) => each !== torn)) {
    around[tool] = withoutLogins(await readFile(toolFile(world, tool), 'utf8'));
  }
  const names = (await readdir(world.userHome, { recursive: true })).sort();
  return { logins: await loginsIn(machine, torn), around, names };
}

/** Lets the time pass after which a folder that is a lock counts as left by a dead process. */
export async function abandonLocks({ world }: Machine): Promise<void> {
  const entries = await readdir(world.userHome, { recursive: true, withFileTypes: true });
  const longAgo = new Date(Date.now() - 10 * 60_000);
  for (const entry of entries.filter((each) => each.isDirectory() && isLock(each.name))) {
    await utimes(join(entry.parentPath, entry.name), longAgo, longAgo);
  }
}

/** A tool's lock, by its name. */
export function isLock(name: string): boolean {
  return name.endsWith('.lock');
}

async function loginsIn({ world, keyring }: Machine, torn: ToolId | null) {
  const { accounts, secrets } = await keyring.search('Authbar');
  const lines = await peekaboo(world);
  const logins: Record<string, Pair> = {};
  for (const provider of Object.values(PROVIDERS)) {
    const put = (target: TargetId, [access, refresh]: (string | undefined)[]) => {
      logins[`${target} ${provider}`] = { access: access ?? null, refresh: refresh ?? null };
    };
    const item = JSON.parse(secrets[accounts.indexOf(`${provider}:anna@example.com`)] ?? '{}');
    put('keychain', [item.accessToken, item.refreshToken]);
    const names = ['ACCESS', 'REFRESH'].map((name) => `^${provider}_${name}_TOKEN=(.*)$`);
    put(
      'peekaboo',
      names.map((name) => new RegExp(name, 'im').exec(lines)?.[1]),
    );
    for (const tool of toolsFor(provider).filter((each) => each !== torn)) {
      const tokens = await tokensIn(world, tool, provider);
      put(tool, [tokens?.access, tokens?.refresh]);
    }
  }
  return logins;
}

/** The text without the values that a renewal of ours changes. */
function withoutLogins(content: string): string {
  const names = '(?:access|refresh|id|expires|last)(?:_?token|at|_refresh)?';
  const values = String.raw`(?:"(?!mine)[^"]*"|\d{13}(?!\d))`;
  return content
    .replace(new RegExp(String.raw`("${names}"\s*:\s*)${values}`, 'gi'), '$1*')
    .replace(/^((?:ANTHROPIC|OPENAI)_(?:ACCESS|REFRESH)_(?:TOKEN|EXPIRES)=).*$/gm, '$1*');
}

async function putMine(world: World, keyring: Keyring): Promise<void> {
  for (const tool of TOOLS) {
    await writeFile(toolFile(world, tool), `{\n\t${MINE}\n}\n`, { mode: 0o600 });
  }
  const folder = join(world.userHome, '.peekaboo');
  await mkdir(folder, { mode: 0o700 });
  await writeFile(join(folder, 'credentials'), MY_LINES, { mode: 0o600 });
  await secretTool(keyring, ['store', '--label', 'Mine', ...MY_ITEM], 'mine');
}

/** Makes SynapsCLI's file so long that a half of it ends in the middle of this service's access token. */
async function halveToken(world: World, service: Service): Promise<void> {
  const path = toolFile(world, 'synaps');
  const content = await readFile(path, 'utf8');
  const token = (await tokensIn(world, 'synaps', PROVIDERS[service]))?.access ?? '';
  // Not in the middle: what a JWT begins with is the same in each.
  const half = content.indexOf(token) + Math.floor(token.length * 0.9);
  const [start, end] = [content.slice(0, content.lastIndexOf('}')).trimEnd(), '"\n}\n'];
  const more = `${start},\n\t"more" : "mine`;
  await writeFile(path, more.padEnd(2 * half - end.length, '.') + end);
}

async function secretTool(keyring: Keyring, args: string[], input = ''): Promise<string> {
  const env = { ...process.env, ...keyring.env };
  const running = promisify(execFile)('secret-tool', args, { env });
  running.child.stdin?.end(input);
  return (await running).stdout;
}
