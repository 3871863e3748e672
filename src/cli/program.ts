import { Command, CommanderError } from 'commander';
import { asAppError } from '../shared/errors.ts';
import { examples, MORE } from './help.ts';
import { printText, sayText } from './output.ts';
import { addAccounts } from './program/accounts.ts';
import { addCheck } from './program/check.ts';
import { addKeys } from './program/keys.ts';
import { addProviders } from './program/providers.ts';
import { addSignIn } from './program/sign-in.ts';
import { addTargets } from './program/targets.ts';
import { addUse } from './program/use.ts';
import { VERSION } from './version.ts';
import { callOf, commandIn, ownPart, placesOf, refusedUse } from './wrong-use.ts';

/** Reads the command line, runs the command and sets the exit code. Never rejects. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = createProgram();
  if (argv.length === 0) {
    program.configureOutput({ writeErr: sayText });
    program.outputHelp({ error: true });
    process.exitCode = 2;
    return;
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    // `--help` and `--version` end like this too.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const { fail } = await import('./failure.ts');
    const told =
      error instanceof CommanderError
        ? refusedUse(error, commandIn(program, argv))
        : asAppError(error);
    process.exitCode = await fail(told, ownPart(argv).includes('--json'), argv);
  }
}

/** The command that shows the help for what a command line names: `authbar key add --help`. */
export function helpFor(argv: readonly string[]): string {
  return `${callOf(commandIn(createProgram(), argv))} --help`;
}

/** `key [command]`, `move <login> <where>`. Nearly all have options, which need no saying. */
function termOf(command: Command): string {
  const group = command.commands.length > 0 ? ['[command]'] : [];
  return [command.name(), ...placesOf(command), ...group].join(' ');
}

/** Every command, ready to read a command line. */
export function createProgram(): Command {
  const program = new Command('authbar')
    .description('Sign in to Claude or ChatGPT here, and stay signed in across your tools.')
    .version(VERSION, '-V, --version', 'show the version')
    .exitOverride()
    .showSuggestionAfterError(false)
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ subcommandTerm: termOf })
    .configureOutput({ writeOut: printText, writeErr: () => {} })
    .addHelpText('after', examples('authbar login claude', 'authbar status', 'authbar run'))
    .addHelpText('after', MORE);
  addSignIn(program);
  addCheck(program);
  addAccounts(program);
  addUse(program);
  addKeys(program);
  addProviders(program);
  addTargets(program);
  return program;
}
