import { unbroken } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { examples } from '../help.ts';
import { act, type Command, command, type Json } from './declare.ts';

/** Signing in and out, and how the logins are. */
export function addSignIn(program: Command): void {
  program
    .command('login <provider>')
    .description('sign in to claude or chatgpt in your browser, or with a code')
    .option('--no-browser', 'only show the link')
    .option('--device', 'show a code to enter on another device (chatgpt only)')
    .option(
      '--timeout <time>',
      'how long to wait for you: 90s, 10m, 8h (default: 10m; a code works for 15m)',
      parseDuration,
    )
    .addHelpText('after', examples('authbar login claude', 'authbar login chatgpt --device'))
    .action((provider: string, options: { browser: boolean; device?: true; timeout?: number }) =>
      act({}, async (tools) => {
        const { login } = await import('../commands/login.ts');
        const { browser, device = false, timeout } = options;
        return login(tools, provider, { browser, device, timeout });
      }),
    );
  command(program, 'status')
    .description('show who is signed in, and whether anything needs you')
    .addHelpText('after', examples('authbar status', 'authbar status --json'))
    .action((options: Json) =>
      act(options, async (tools) => {
        const { status } = await import('../commands/status.ts');
        return status(tools, options.json === true);
      }),
    );
  command(program, 'import')
    .description('find logins that your tools have on their own, to sign in here too')
    .addHelpText('after', examples('authbar import'))
    .action((options: Json) =>
      act(options, async (tools) => {
        const { findForImport } = await import('../commands/import.ts');
        return findForImport(tools, options.json === true);
      }),
    );
  command(program, 'history [login]')
    .description('show what happened to a login, and why it needs you if it does')
    .option('--all', 'everything of the last 30 days')
    .addHelpText('after', examples('authbar history', 'authbar history claude --all'))
    .action((name: string | undefined, { json = false, all = false }: Json & { all?: boolean }) =>
      act({ json }, async (tools) => {
        const { history } = await import('../commands/history.ts');
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
          const { logout } = await import('../commands/logout.ts');
          return logout(tools, name, options.json === true);
        }),
      ),
    );
}
