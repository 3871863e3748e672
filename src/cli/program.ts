import { Command, CommanderError } from 'commander';
import { cleanText } from '../core/redact.ts';
import { AppError } from '../shared/errors.ts';
import { perform, unbroken, type Work } from './command.ts';
import { parseDuration } from './duration.ts';
import { ACCOUNT, EXEC, examples, MORE, SHARE, TOOLS } from './help.ts';
import { printText, sayText } from './output.ts';
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
  const hint = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  return new AppError('wrong-use', {
    hint: `${cleanText(hint, 300)}${MORE_HELP[error.code]?.(program, hint) ?? ''}`,
  });
}

/** What may stand for each argument. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  provider: '; it can be claude or chatgpt',
  login: '; it can be claude or chatgpt',
  tool: `; it can be ${TOOLS}`,
  folder: ', as in .tachikoma',
  mode: '; it can be shared, access-only or off',
  command: ', as in `authbar exec claude -- claude`',
};

/** What a person needs beside Commander's own words. */
const MORE_HELP: Readonly<Record<string, (program: Command, hint: string) => string>> = {
  'commander.unknownCommand': (program) => commandsOf(program),
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
  addUse(program);
  addTargets(program);
  return program;
}

function addSignIn(program: Command): void {
  program
    .command('login <provider>')
    .description('sign in to claude or chatgpt in your browser, or with a code that you paste')
    .option('--no-browser', 'only show the link')
    .option(
      '--timeout <time>',
      'how long to wait for you: 90s, 10m, 8h (default: 10m)',
      parseDuration,
    )
    .addHelpText('after', examples('authbar login claude', 'authbar login chatgpt --no-browser'))
    .action((provider: string, options: { browser: boolean; timeout?: number }) =>
      act({}, async (tools) => {
        const { login } = await import('./commands/login.ts');
        return login(tools, provider, { browser: options.browser, timeout: options.timeout });
      }),
    );
  command(program, 'status')
    .description('show who is signed in, and whether anything needs you')
    .addHelpText('after', examples('authbar status', 'authbar status --json'))
    .action((options: Json) =>
      act(options, async (tools) => {
        const { status } = await import('./commands/status.ts');
        return status(tools, options.json === true);
      }),
    );
  command(program, 'history [login]')
    .description('show what happened to a login, and why it needs you if it does')
    .option('--all', 'everything of the last 30 days')
    .addHelpText('after', examples('authbar history', 'authbar history claude --all'))
    .action((name: string | undefined, { json = false, all = false }: Json & { all?: boolean }) =>
      act({ json }, async (tools) => {
        const { history } = await import('./commands/history.ts');
        return history(tools, name ?? null, { json, all });
      }),
    );
  command(program, 'logout <login>')
    .description('sign out: end the login, and take it out of every tool')
    .addHelpText('after', examples('authbar logout claude'))
    .action((name: string, options: Json) =>
      act(
        options,
        unbroken(async (tools) => {
          const { logout } = await import('./commands/logout.ts');
          return logout(tools, name, options.json === true);
        }),
      ),
    );
}

function addUse(program: Command): void {
  command(program, 'token <login>')
    .description('print the access token of a login, renewed first if need be')
    .option(
      '--min-life <time>',
      'how long it has to work: 90s, 10m, 8h; fails if it cannot (default: 5m, or what there is)',
      parseDuration,
    )
    .addHelpText('after', examples('authbar token claude', 'authbar token chatgpt --min-life 10m'))
    .action(async (name: string, options: Json & { minLife?: number }) => {
      const { runToken } = await import('./commands/token.ts');
      await runToken(name, { minLife: options.minLife, json: options.json === true });
    });
  program
    .command('exec <login> <command...>')
    .usage('[options] <login> -- <command...>')
    .description('run a command that finds the login in its environment; nothing is written')
    .option(
      '--min-life <time>',
      'how long it has to work: 90s, 10m, 8h; fails if it cannot (default: 5m, or what there is)',
      parseDuration,
    )
    .addHelpText('after', `\nA login is ${ACCOUNT}.\n${EXEC}`)
    .addHelpText(
      'after',
      examples('authbar exec claude -- claude', 'authbar exec claude --min-life 2h -- make report'),
    )
    .exitOverride(explainDashes)
    .action((name: string, command: string[], options: { minLife?: number }) =>
      act({}, async (tools) => {
        const { exec } = await import('./commands/exec.ts');
        return exec(tools, name, { command, minLife: options.minLife });
      }),
    );
  program
    .command('share <login>')
    .description('let another computer use a login for some hours, through ssh')
    .option('--for <time>', 'how long: 90s, 10m, 8h, at most 24h (default: 8h)', parseDuration)
    .addHelpText('after', `\nA login is ${ACCOUNT}.\n${SHARE}`)
    .addHelpText('after', examples('authbar share claude', 'authbar share chatgpt --for 2h'))
    .action((name: string, options: { for?: number }) =>
      act({}, async (tools) => {
        const { share } = await import('./commands/share.ts');
        return share(tools, name, options.for);
      }),
    );
  command(program, 'refresh [login]')
    .description('renew what is due now')
    .option('--force', 'renew it even if it is not due')
    .addHelpText('after', examples('authbar refresh', 'authbar refresh claude --force'))
    .action((name: string | undefined, options: Json & { force?: boolean }) =>
      act(
        options,
        unbroken(async (tools) => {
          const { refresh } = await import('./commands/refresh.ts');
          const { force = false, json = false } = options;
          return refresh(tools, name ?? null, { force, json });
        }),
      ),
    );
  program
    .command('run')
    .description('keep every login fresh until you stop it')
    .addHelpText('after', examples('authbar run'))
    .action(() =>
      act({}, async (tools) => {
        const { run } = await import('./commands/run.ts');
        return run(tools);
      }),
    );
}

/** Without `--`, the options of the command would be taken for ours. */
function explainDashes(error: CommanderError): never {
  if (error.code !== 'commander.unknownOption') throw error;
  const hint = `${error.message.replace(/^error: /, '')}; the command’s own options come after --`;
  throw new CommanderError(error.exitCode, error.code, hint);
}

function addTargets(program: Command): void {
  const targets = command(program, 'targets')
    .description('show where the logins are written, for your tools to find')
    .addHelpText('after', examples('authbar targets', 'authbar targets take codex'))
    .action((options: Json) =>
      act(options, async (tools) => {
        const { targets } = await import('./commands/targets.ts');
        return targets(tools, options.json === true);
      }),
    );
  const add = (usage: string, description: string, example: string, pick: PickChange) =>
    targets
      .command(usage)
      .description(description)
      .configureHelp({ showGlobalOptions: true })
      .addHelpText('after', `\nA tool is one of ${TOOLS}.`)
      .addHelpText('after', examples(`authbar targets ${example}`))
      .action((tool: string, value: unknown) => {
        const { json = false }: Json = targets.opts();
        const ask = { tool, value: typeof value === 'string' ? value : null, json };
        const work: Work = async (tools) => pick(await import('./commands/targets.ts'))(tools, ask);
        return act({ json }, unbroken(work));
      });
  add('enable <tool>', 'give a tool the login', 'enable opencode', (all) => all.enableTarget);
  add(
    'disable <tool>',
    'take the login out of a tool, and give it none from now on',
    'disable opencode',
    (all) => all.disableTarget,
  );
  add(
    'mode <tool> <mode>',
    'shared: the tool may renew the login too; access-only: Authbar alone does; off: it gets none',
    'mode codex access-only',
    (all) => all.changeMode,
  );
  add(
    'path <tool> <folder>',
    'write the login to another folder (below your home, unless it begins with /)',
    'path peekaboo .tachikoma',
    (all) => all.moveTarget,
  );
  add(
    'take <tool> [service]',
    'put your login in place of another one; that is kept for 7 days',
    'take pi claude',
    (all) => all.takeTarget,
  );
  add(
    'restore <tool> [service]',
    'put back what `take` replaced, and leave it there',
    'restore pi claude',
    (all) => all.restoreTarget,
  );
}

type TargetCommands = typeof import('./commands/targets.ts');
type PickChange = (commands: TargetCommands) => TargetCommands['enableTarget'];

interface Json {
  readonly json?: boolean;
}

function command(program: Command, usage: string): Command {
  const created = program.command(usage).option('--json', 'print JSON, for programs');
  return usage.includes('login>') || usage.includes('login]')
    ? created.addHelpText('after', `\nA login is ${ACCOUNT}.`)
    : created;
}

function act(options: Json, work: Work): Promise<void> {
  return perform(work, options.json === true);
}
