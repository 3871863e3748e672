import { unbroken } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { examples } from '../help.ts';
import { act, type Command, command, type Json } from './declare.ts';

interface CheckOptions extends Json {
  readonly timeout?: number;
  readonly verbose?: boolean;
}

/** What the services say about the logins, and about the plans. */
export function addCheck(program: Command): void {
  command(program, 'check [login]')
    .description('ask the services whether your logins and keys work right now')
    .option(
      '--timeout <time>',
      'how long a service may take: 90s, 10m (default: 30s)',
      parseDuration,
    )
    .option('--verbose', 'also show who was asked, and how that went')
    .addHelpText('after', 'For a key it is openai, anthropic, grok or gemini.')
    .addHelpText('after', examples('authbar check', 'authbar check claude --timeout 10s'))
    .action((name: string | undefined, options: CheckOptions) =>
      act(
        options,
        // A login that is not accepted is renewed.
        unbroken(async (tools) => {
          const { check } = await import('../commands/check.ts');
          const { timeout, verbose = false, json = false } = options;
          return check(tools, name ?? null, { timeout, verbose, json });
        }),
      ),
    );
  command(program, 'usage [login]')
    .description('show how much of your plans is used, where the services tell')
    .addHelpText('after', examples('authbar usage', 'authbar usage chatgpt'))
    .action((name: string | undefined, options: Json) =>
      act(
        options,
        unbroken(async (tools) => {
          const { usage } = await import('../commands/usage.ts');
          return usage(tools, name ?? null, options.json === true);
        }),
      ),
    );
}
