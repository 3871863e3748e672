import type { TargetEntry, TargetView } from '../targets/report.ts';
import type { TargetId } from '../targets/target.ts';
import type { Processes } from './ports.ts';

/**
 * Tools that are known to read their login when they start and not again before its end, with the names of
 * their programs. A test of ours shows it for Pi; for Codex it is in codex-rs/login/src/auth/manager.rs.
 */
const READ_AT_START: Readonly<Partial<Record<TargetId, readonly string[]>>> = {
  codex: ['codex'],
  pi: ['pi'],
};

/** What says, of what is found when the app starts, that the tool had a login of this service that was ours. */
const HAD: readonly TargetEntry['state'][] = ['in-step', 'changed', 'owed', 'locked'];

/** Which tools were running when they were given their first login, and so do not know of it. */
export class Restarts {
  readonly #processes: Processes;
  /** The processes that were, by tool and account. */
  readonly #running = new Map<string, readonly number[]>();
  /** Which tools have had a login of ours, by tool and service; `null`: nobody has looked yet. */
  #had: ReadonlySet<string> | null = null;

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  /** Whether one of the processes that were running then still is. */
  needs(tool: TargetId, account: string): boolean {
    const key = keyOf(tool, account);
    const alive = (this.#running.get(key) ?? []).some((pid) => this.#processes.isAlive(pid));
    if (!alive) this.#running.delete(key);
    return alive;
  }

  /** Takes in what the tools hold now. What they hold at the first call they have always had. */
  async note(targets: readonly TargetView[]): Promise<void> {
    const before = this.#had;
    const had = new Set<string>();
    for (const { target, entries } of targets) {
      const programs = READ_AT_START[target];
      for (const { provider, account, state } of programs ? entries : []) {
        const service = keyOf(target, provider);
        const has = before === null ? HAD.includes(state) : state === 'in-step';
        if (has || before?.has(service)) had.add(service);
        if (!programs || !before || before.has(service) || state !== 'in-step') continue;
        this.#running.set(keyOf(target, account), await this.#processes.running(programs));
      }
    }
    this.#had = had;
  }
}

function keyOf(tool: TargetId, of: string): string {
  return `${tool} ${of}`;
}
