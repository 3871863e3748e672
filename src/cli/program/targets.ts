import { unbroken, type Work } from '../command.ts';
import { examples, TOOLS } from '../help.ts';
import { act, type Command, command, type Json } from './declare.ts';

/** Where the logins are written. */
export function addTargets(program: Command): void {
  const targets = command(program, 'targets')
    .description('show where the logins are written, for your tools to find')
    .addHelpText('after', examples('authbar targets', 'authbar targets take codex'))
    .action((options: Json) =>
      act(options, async (tools) => {
        const { targets } = await import('../commands/targets.ts');
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
        const work: Work = async (tools) =>
          pick(await import('../commands/targets.ts'))(tools, ask);
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

type TargetCommands = typeof import('../commands/targets.ts');
type PickChange = (commands: TargetCommands) => TargetCommands['enableTarget'];
