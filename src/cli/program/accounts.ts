import { unbroken } from '../command.ts';
import { examples, TOOLS } from '../help.ts';
import { act, type Command, command, type Json } from './declare.ts';

/** Several logins of one service: which one the tools get, their names and their order. */
export function addAccounts(program: Command): void {
  command(program, 'use <login>')
    .description('give your tools this login instead of another one of the same service')
    .option('--for <tool>', 'one tool alone; the others keep what they have')
    .addHelpText('after', `A tool is one of ${TOOLS.replace(', keychain', '')}.`)
    .addHelpText(
      'after',
      examples(
        'authbar use claude:anna@example.com',
        'authbar use chatgpt:anna@example.com --for codex',
      ),
    )
    .action((name: string, { json = false, for: tool = null }: Json & { for?: string | null }) =>
      act(
        { json },
        unbroken(async (tools) => {
          const { use } = await import('../commands/accounts.ts');
          return use(tools, name, { tool, json });
        }),
      ),
    );
  command(program, 'rename <login> [name...]')
    .description('give a login a name of your own, to tell it from others')
    .option('--none', 'take its name away')
    .addHelpText(
      'after',
      examples(
        'authbar rename claude:anna@example.com At work',
        'authbar rename "claude:at work" --none',
      ),
    )
    .action((login: string, words: string[], options: Json & { none?: boolean }) =>
      act(options, async (tools) => {
        const { rename } = await import('../commands/accounts.ts');
        const { none = false, json = false } = options;
        return rename(tools, login, { name: words.join(' '), none, json });
      }),
    );
  command(program, 'move <login> <where>')
    .description('put a login first, last, up or down in the list')
    .addHelpText('after', examples('authbar move chatgpt first'))
    .action((login: string, to: string, { json = false }: Json) =>
      act({ json }, async (tools) => {
        const { move } = await import('../commands/accounts.ts');
        return move(tools, login, { to, json });
      }),
    );
}
