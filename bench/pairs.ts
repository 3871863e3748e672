import { spawnSync } from 'node:child_process';

/** A command that is timed as a whole process. */
export interface Command {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Wall time of whole processes, ms, run in turn so that a machine that drifts drifts for both. */
export interface Pairs {
  readonly first: number[];
  readonly second: number[];
  /** first ÷ second of each pair. */
  readonly ratios: number[];
}

/** Runs both commands `rounds` times in turn, after three rounds that are not counted. */
export function timeInTurn(first: Command, second: Command, rounds: number): Pairs {
  const pairs: Pairs = { first: [], second: [], ratios: [] };
  for (let round = -3; round < rounds; round += 1) {
    const a = wallTime(first);
    const b = wallTime(second);
    if (round < 0) continue;
    pairs.first.push(a);
    pairs.second.push(b);
    pairs.ratios.push(a / b);
  }
  return pairs;
}

function wallTime({ name, args, env }: Command): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  const end = process.hrtime.bigint();
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return Number(end - start) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** `median (smallest to largest)` with `digits` decimals. */
export function spread(values: readonly number[], digits: number): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}
