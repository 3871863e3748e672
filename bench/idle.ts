import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createEngine } from '../src/core/create.ts';
import { type StandIn, signInAt, startStandIn } from '../test/support/provider/index.ts';
import { install } from '../test/support/tools.ts';
import { spread } from './pairs.ts';

const AUTHBAR = fileURLToPath(new URL('../out/cli/authbar.cjs', import.meta.url));
const BESIDE = ['-e', 'setInterval(() => {}, 1e9)'];
const SERVICES = ['claude', 'chatgpt'];
const PEOPLE = 5;
const LIFE_SECONDS = 8 * 3600;

/** What a process does at its start is not counted. */
const SETTLING_SECONDS = 20;

/** What the kernel has counted of a process, since its start. */
interface Sample {
  /** How often any of its threads went to sleep, and so was woken. */
  readonly wakeUps: number;
  /** On a processor. */
  readonly cpuSeconds: number;
  readonly residentMiB: number;
}

/**
 * `authbar run` with ten logins that are not due, in the folders of all tools, beside a node that does
 * nothing. Most minutes have two beats of the scheduler; each fifth has a look at everything as well.
 */
export async function benchIdle(minutes: number): Promise<void> {
  const accounts = SERVICES.length * PEOPLE;
  console.log(`authbar run, ${accounts} accounts, nothing due, for ${minutes} min`);
  if (!existsSync('/proc/self/schedstat')) {
    console.log('  cannot be measured here: there is no /proc that counts it');
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'authbar-bench-'));
  const standIn = await startStandIn({
    people: Array.from({ length: PEOPLE }, (_, n) => person(n)),
    ttl: { accessToken: LIFE_SECONDS },
  });
  try {
    const env = await signedIn(folder, standIn);
    const both = [spawnNode([AUTHBAR, 'run'], env), spawnNode(BESIDE, env)];
    try {
      await sleep(SETTLING_SECONDS * 1000);
      report(await Promise.all(both.map((child) => watch(child, minutes))));
    } finally {
      await Promise.all(both.map(stop));
    }
  } finally {
    await standIn.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A sample now, and one after each minute. */
async function watch(child: ChildProcess, minutes: number): Promise<Sample[]> {
  const samples = [await sample(child)];
  while (samples.length <= minutes) {
    await sleep(60_000);
    samples.push(await sample(child));
  }
  return samples;
}

function report(watched: readonly Sample[][]): void {
  const line = (cells: readonly string[]) =>
    console.log(`  ${cells.map((text) => text.padEnd(22)).join('')}`.trimEnd());
  const row = (name: string, tell: (samples: readonly Sample[]) => string) =>
    line([name, ...watched.map(tell)]);
  line(['', 'authbar run', 'node -e']);
  row('wake-ups a minute', (samples) => spread(growth(samples, 'wakeUps'), 0));
  row('CPU seconds in all', (samples) => sum(growth(samples, 'cpuSeconds')).toFixed(3));
  row('resident memory, MiB', (samples) => (samples.at(-1)?.residentMiB ?? Number.NaN).toFixed(1));
}

/** From each sample to the next. */
function growth(samples: readonly Sample[], name: keyof Sample): number[] {
  return samples.slice(1).map((after, n) => after[name] - (samples[n]?.[name] ?? Number.NaN));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, each) => all + each, 0);
}

/** See proc_pid_status(5); `schedstat` is in https://docs.kernel.org/scheduler/sched-stats.html, ns. */
async function sample({ pid }: ChildProcess): Promise<Sample> {
  const place = `/proc/${pid}`;
  const tasks = (await readdir(`${place}/task`)).map((task) => `${place}/task/${task}`);
  const wakeUps = tasks.map((task) =>
    figure(`${task}/status`, /^voluntary_ctxt_switches:\s+(\d+)/m),
  );
  const nanoseconds = tasks.map((task) => figure(`${task}/schedstat`, /^(\d+)/));
  return {
    wakeUps: sum(await Promise.all(wakeUps)),
    cpuSeconds: sum(await Promise.all(nanoseconds)) / 1e9,
    residentMiB: (await figure(`${place}/status`, /^VmRSS:\s+(\d+) kB/m)) / 1024,
  };
}

async function figure(path: string, pattern: RegExp): Promise<number> {
  const found = pattern.exec(await readFile(path, 'utf8'))?.[1];
  if (found === undefined) throw new Error(`${path} has no ${pattern}`);
  return Number(found);
}

function spawnNode(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, args, { env, stdio: 'ignore' });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}

/** A home with all tools and all logins in it. */
async function signedIn(folder: string, standIn: StandIn): Promise<NodeJS.ProcessEnv> {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AUTHBAR_HOME: join(folder, 'state'),
    AUTHBAR_VAULT: 'file',
    AUTHBAR_PROVIDERS_FILE: await standIn.providersFile(join(folder, 'providers.json')),
  };
  await install({ userHome: folder }, 'claude-code', 'pi', 'codex', 'synaps', 'opencode');
  const { engine } = await createEngine({ env, userHome: folder });
  const closed: Promise<void>[] = [];
  for (const { key } of standIn.people) {
    for (const service of SERVICES) {
      const attempt = engine.login(service, {
        onState: (state) => {
          if (state.kind === 'waiting') void signInAt(state.url, { person: key });
        },
      });
      await attempt.done;
      closed.push(attempt.closed());
    }
  }
  await Promise.all(closed);
  return env;
}

function person(n: number) {
  return {
    key: `person-${n}`,
    userId: `00000000-0000-4000-8000-00000000000${n}`,
    email: `person-${n}@example.com`,
    name: `Person ${n}`,
    workspaceId: `00000000-0000-4000-9000-00000000000${n}`,
    workspace: `Person ${n}`,
    plan: { anthropic: 'max', openai: 'plus' },
  };
}
