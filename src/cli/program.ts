import { Command, CommanderError } from 'commander';
import { cleanText, redactShapes } from '../core/redact.ts';
import { AppError } from '../shared/errors.ts';
import { examples, MORE, TOOLS } from './help.ts';
import { printText, sayText } from './output.ts';
import { addAccounts } from './program/accounts.ts';
import { addCheck } from './program/check.ts';
import { addKeys } from './program/keys.ts';
import { addProviders } from './program/providers.ts';
import { addSignIn } from './program/sign-in.ts';
import { addTargets } from './program/targets.ts';
import { addUse } from './program/use.ts';
import { VERSION } from './version.ts';

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
    process.exitCode = fail(wrongUse(error, program), ownPart(argv).includes('--json'));
  }
}

/** What comes after `--` is another program's. */
function ownPart(argv: readonly string[]): readonly string[] {
  return argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
}

function wrongUse(error: unknown, program: Command): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof CommanderError)) return new AppError('unexpected', {}, error);
  const hint = HINTS[error.code] ?? error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  return new AppError('wrong-use', {
    // A secret that stood where it should not is not shown again.
    hint: `${cleanText(redactShapes(hint), 300)}${MORE_HELP[error.code]?.(program, hint) ?? ''}`,
  });
}

/** What may stand for each argument. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  provider: '; it can be claude or chatgpt',
  login: '; it can be claude or chatgpt',
  tool: `; it can be ${TOOLS}`,
  id: '; `authbar provider list` shows what you added',
  folder: ', as in .tachikoma',
  where: '; it can be first, last, up or down',
  mode: '; it can be shared, access-only or off',
  service: '; it can be openai, anthropic, grok or gemini',
  command: ', as in `authbar exec claude -- claude`',
};

/** In place of Commander's own words. */
const HINTS: Readonly<Record<string, string>> = { 'commander.help': 'There is no such command' };

/** What a person needs beside Commander's own words. */
const MORE_HELP: Readonly<Record<string, (program: Command, hint: string) => string>> = {
  'commander.unknownCommand': (program) => commandsOf(program),
  'commander.help': (program) => commandsOf(program),
  'commander.excessArguments': (program, hint) =>
    commandsOf(program.commands.find((command) => hint.includes(`'${command.name()}'`))),
  'commander.missingArgument': (_, hint) =>
    Object.entries(ARGUMENTS).find(([name]) => hint.includes(`'${name}'`))?.[1] ?? '',
};

function commandsOf(parent: Command | undefined): string {
  const names = parent?.commands.map((command) => command.name()) ?? [];
  return names.length > 0 ? `; commands are ${names.join(', ')}` : '';
}

function createProgram(): Command {
  const program = new Command('authbar')
    .description('Sign in to Claude or ChatGPT here, and stay signed in across your tools.')
    .version(VERSION, '-V, --version', 'show the version')
    .exitOverride()
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
