import type { Command } from 'commander';
import { perform, type Work } from '../command.ts';
import { ACCOUNT } from '../help.ts';

export type { Command, CommanderError } from 'commander';

/** The option that every command for programs has. */
export interface Json {
  readonly json?: boolean;
}

/** A command that prints JSON when asked. */
export function command(program: Command, usage: string): Command {
  const created = program.command(usage).option('--json', 'print JSON, for programs');
  return usage.includes('login>') || usage.includes('login]')
    ? created.addHelpText('after', `\nA login is ${ACCOUNT}.`)
    : created;
}

/** Runs what a command does, and sets the exit code. */
export function act(options: Json, work: Work): Promise<void> {
  return perform(work, options.json === true);
}
