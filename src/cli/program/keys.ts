import { unbroken } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { examples } from '../help.ts';
import { act, type Command, command, type Json, part } from './declare.ts';

/** What follows the options of each command for keys. */
const SERVICES = '\nA service is openai, anthropic, grok (or xai) or gemini.';

/** API keys, beside the logins. */
export function addKeys(program: Command): void {
  const list = (options: Json) =>
    act(options, async (tools) => {
      const { listKeys } = await import('../commands/keys.ts');
      return listKeys(tools, options.json === true);
    });
  const keys = command(program, 'key')
    .description('keep API keys and hand them to your tools')
    .addHelpText('after', examples('authbar key add openai', 'authbar key list'))
    .action(list);
  part(keys, 'list')
    .description('show your keys, where they are written, and what tools use before them')
    .addHelpText('after', examples('authbar key list', 'authbar key list --json'))
    .action(() => list(keys.opts()));
  part(keys, 'add <service>')
    .description('keep a key, which is asked for, or read from standard input')
    .option(
      '--timeout <time>',
      'how long the service may take to answer: 30s, 2m (default: 30s)',
      parseDuration,
    )
    // What should not be there is refused in our own words, for Commander's would repeat it.
    .allowExcessArguments()
    .allowUnknownOption()
    .addHelpText('after', SERVICES)
    .addHelpText('after', examples('authbar key add openai', 'authbar key add grok < my-key.txt'))
    .action((service: string, { timeout }: { timeout?: number }, self: Command) =>
      act(keys.opts(), async (tools) => {
        const { addKey } = await import('../commands/keys.ts');
        const { json = false }: Json = keys.opts();
        return addKey(tools, service, { timeout, excess: self.args.slice(1), json });
      }),
    );
  part(keys, 'remove <service>')
    .description('take a key out of your tools, and forget it')
    .addHelpText('after', SERVICES)
    .addHelpText('after', examples('authbar key remove openai'))
    .action((service: string) =>
      act(
        keys.opts(),
        unbroken(async (tools) => {
          const { removeKey } = await import('../commands/keys.ts');
          const { json = false }: Json = keys.opts();
          return removeKey(tools, service, json);
        }),
      ),
    );
}
