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

/** What says that the tool had a login of this service that was ours. */
const HAD: ReadonlySet<TargetEntry['state']> = new Set(['in-step', 'changed', 'owed', 'locked']);

/** Which tools were running when they were given their first login, and so do not know of it. */
export class Restarts {
  readonly #processes: Processes;
  /** The processes that were, by tool and account. */
  readonly #running = new Map<string, readonly number[]>();

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

  /** Compares what the tools held with what they hold. */
  async note(before: readonly TargetView[], after: readonly TargetView[]): Promise<void> {
    for (const { target, entries } of after) {
      const programs = READ_AT_START[target];
      const had = before.find((view) => view.target === target)?.entries ?? [];
      for (const entry of programs ? entries : []) {
        if (!programs || !isFirst(entry, had)) continue;
        const pids = await this.#processes.running(programs);
        this.#running.set(keyOf(target, entry.account), pids);
      }
    }
  }
}

function isFirst({ provider, state }: TargetEntry, had: readonly TargetEntry[]): boolean {
  const before = had.some((entry) => entry.provider === provider && HAD.has(entry.state));
  return state === 'in-step' && !before;
}

function keyOf(tool: TargetId, account: string): string {
  return `${tool} ${account}`;
}
