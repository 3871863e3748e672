import { type Command, Help } from 'commander';
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

/** A command of a group. Commander gives the options to the group, wherever they stand. */
export function part(group: Command, usage: string): Command {
  return group.command(usage).configureHelp({
    visibleOptions(command) {
      const usual = new Help();
      const [help, ...own] = usual.visibleOptions(command).reverse();
      const shared = group.options.filter((option) => !option.hidden);
      return [...own.reverse(), ...shared, ...(help ? [help] : [])];
    },
  });
}

/** Runs what a command does, and sets the exit code. */
export function act(options: Json, work: Work): Promise<void> {
  return perform(work, options.json === true);
}
