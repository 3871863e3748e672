import { type Command, CommanderError } from 'commander';
import { perform, type Work } from '../command.ts';
import { ACCOUNT } from '../help.ts';

export type { Command } from 'commander';

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

/** Without `--`, the options of the command would be taken for ours. */
export function explainDashes(error: CommanderError): never {
  if (error.code !== 'commander.unknownOption') throw error;
  const hint = `${error.message.replace(/^error: /, '')}; the command’s own options come after --`;
  throw new CommanderError(error.exitCode, error.code, hint);
}
