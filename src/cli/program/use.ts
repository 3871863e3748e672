import { unbroken } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { ACCOUNT, EXEC, examples, SHARE } from '../help.ts';
import { act, type Command, command, type Json } from './declare.ts';

/** What programs and other computers do with a login. */
export function addUse(program: Command): void {
  command(program, 'token <login>')
    .description('print the access token of a login, renewed first if need be')
    .option(
      '--min-life <time>',
      'how long it has to work, at most half of a login’s whole time: 90s, 10m, 8h (default: 5m)',
      parseDuration,
    )
    .addHelpText('after', examples('authbar token claude', 'authbar token chatgpt --min-life 10m'))
    .action(async (name: string, options: Json & { minLife?: number }) => {
      const { runToken } = await import('../commands/token.ts');
      await runToken(name, { minLife: options.minLife, json: options.json === true });
    });
  program
    .command('exec <login> <command...>')
    .usage('[options] <login> -- <command...>')
    .description('run a command that finds the login in its environment; nothing is written')
    .option(
      '--min-life <time>',
      'how long it has to work, at most half of a login’s whole time: 90s, 10m, 8h (default: 5m)',
      parseDuration,
    )
    .addHelpText('after', `\nA login is ${ACCOUNT}.\n${EXEC}`)
    .addHelpText(
      'after',
      examples('authbar exec claude -- claude', 'authbar exec claude --min-life 2h -- make report'),
    )
    .action((name: string, command: string[], options: { minLife?: number }) =>
      act({}, async (tools) => {
        const { exec } = await import('../commands/exec.ts');
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
        const { share } = await import('../commands/share.ts');
        return share(tools, name, options.for);
      }),
    );
  command(program, 'refresh [login]')
    .description('renew the logins that are due now')
    .option('--force', 'renew it even if it is not due')
    .addHelpText('after', examples('authbar refresh', 'authbar refresh claude --force'))
    .action((name: string | undefined, options: Json & { force?: boolean }) =>
      act(
        options,
        unbroken(async (tools) => {
          const { refresh } = await import('../commands/refresh.ts');
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
        const { run } = await import('../commands/run.ts');
        return run(tools);
      }),
    );
}
