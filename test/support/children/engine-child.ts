/**
 * An engine in a process of its own, that dies (SIGKILL) at a named step. Reads its task from the first
 * argument and prints how it ended as JSON, if it lives to see it.
 */
import { buffer } from 'node:stream/consumers';
import { createEngine } from '../../../src/core/create.ts';
import type { Step } from '../../../src/core/ports.ts';
import { asAppError } from '../../../src/shared/errors.ts';
import { NOBODY } from '../nobody.ts';
import { signInAt } from '../provider/user-agent.ts';
import { TestClock } from '../test-clock.ts';

export interface ChildTask {
  readonly action:
    | 'sign-in'
    | 'renew'
    | 'renew-each'
    | 'token'
    | 'sign-out'
    | 'targets'
    | 'status'
    | 'use';
  /** `use`: the account that tools are to get. `renew-each`: several, whose logins are renewed one after the other. */
  readonly service: string;
  /** Where to die, and at which of its occurrences (from 1). */
  readonly dieAt?: { readonly step: Step; readonly nth?: number };
  /** Who signs in. */
  readonly person?: string;
  /** How far its clock is ahead of the machine's, ms. */
  readonly ahead?: number;
  /** How many renewals of its own `renew` goes on for; 1 if left out. */
  readonly times?: number;
  /** Says `ready` and begins when its standard input ends, so that several begin at once. */
  readonly gate?: boolean;
  /** Gives root up first, because root passes every check. */
  readonly asNobody?: boolean;
}

/** What an action that failed prints. */
export interface ChildFailure {
  readonly code: string;
  readonly path: string | null;
}

const {
  action,
  service,
  dieAt,
  person,
  ahead = 0,
  times = 1,
  gate,
  asNobody,
}: ChildTask = JSON.parse(process.argv[2] ?? '{}');
let left = dieAt?.nth ?? 1;

if (asNobody && process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
/** How long the callback server answers a reload. */
const RELOAD_TIME = 2000;

const clock = new TestClock();
clock.advance(ahead);
const { engine } = await createEngine({
  clock,
  step: (step) => {
    if (step !== dieAt?.step) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  },
});

if (gate) {
  process.stdout.write('ready\n');
  await buffer(process.stdin);
}
process.stdout.write(`${JSON.stringify(await act().catch(failure))}\n`);

function failure(error: unknown): ChildFailure {
  const { code, details } = asAppError(error);
  return { code, path: details.path ?? null };
}

async function act(): Promise<unknown> {
  switch (action) {
    case 'sign-in': {
      const attempt = engine.login(service, {
        onState: (state) => {
          // The browser is left waiting when this process dies.
          if (state.kind === 'waiting')
            void signInAt(state.url, person ? { person } : {}).catch(() => {});
        },
      });
      const id = await attempt.done;
      // Nobody reloads the page.
      clock.advance(RELOAD_TIME);
      return id;
    }
    case 'renew': {
      const ends: string[] = [];
      while (ends.filter((how) => how === 'renewed').length < times) {
        const [report] = await engine.refresh(service, { force: true });
        ends.push(report?.how ?? 'nobody');
        if (report?.error) throw report.error;
        if (times === 1) break;
      }
      return ends;
    }
    case 'renew-each': {
      const ends: string[] = [];
      for (const each of service.split(' ')) {
        const [report] = await engine.refresh(each, { force: true });
        if (report?.error) throw report.error;
        ends.push(report?.how ?? 'nobody');
      }
      return ends;
    }
    case 'targets':
      return (await engine.targets()).flatMap(({ entries }) => entries.map(({ code }) => code));
    case 'status':
      return (await engine.status()).accounts.map(({ state }) => state);
    case 'token':
      return (await engine.token(service, 300_000)).accessToken;
    case 'use':
      return (await engine.use(service, null)).how;
    case 'sign-out':
      return (await engine.logout(service)).revoked;
  }
}
