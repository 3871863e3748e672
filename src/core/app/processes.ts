import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import type { Processes } from './ports.ts';

const run = promisify(execFile);

const LIMITS = { timeout: 5000, maxBuffer: 8 * 1024 * 1024 } as const;

/** A program of one's own name, or a script that one of these runs. */
const INTERPRETERS: readonly string[] = ['node', 'bun'];

/** The processes of this machine. Looking for them is best effort: nothing depends on it but a hint. */
export function systemProcesses(platform: NodeJS.Platform): Processes {
  return {
    async running(programs) {
      const list = platform === 'win32' ? windowsList() : unixList();
      const all = await list.catch(() => []);
      return all.filter(({ program }) => programs.includes(program)).map(({ pid }) => pid);
    },
    isAlive(pid) {
      try {
        process.kill(pid, 0);
        return true;
      } catch {
        return false;
      }
    },
  };
}

interface Process {
  readonly pid: number;
  readonly program: string;
}

async function unixList(): Promise<Process[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,args='], LIMITS);
  return stdout.split('\n').map(processIn);
}

/** One line of `ps`. @returns what it is; a line that cannot be read is no program's. */
export function processIn(line: string): Process {
  const [pid = '', ...args] = line.trim().split(/\s+/);
  const [first = '', second = ''] = args.map((arg) => basename(arg));
  return { pid: Number(pid), program: INTERPRETERS.includes(first) && second ? second : first };
}

/** UNPROVEN. A script is listed there as the program that runs it, and is not found. */
async function windowsList(): Promise<Process[]> {
  const { stdout } = await run('tasklist', ['/fo', 'csv', '/nh'], LIMITS);
  return [...stdout.matchAll(/^"([^"]+)\.exe","(\d+)"/gim)].map(([, program = '', pid]) => ({
    program: program.toLowerCase(),
    pid: Number(pid),
  }));
}
