import { unbroken, type Work } from '../command.ts';
import { examples, MODES, TOOLS } from '../help.ts';
import { act, type Command, command, type Json, part } from './declare.ts';

/** What else can be said to a command, by what stands in its usage. */
const MORE: readonly (readonly [word: string, text: string])[] = [
  ['<mode>', MODES],
  ['<folder>', 'The folder is below your home, unless it begins with /.'],
  ['[service]', 'A service is claude or chatgpt; without one it is all that the tool has.'],
];

/** Where the logins are written. */
export function addTargets(program: Command): void {
  const targets = command(program, 'targets')
    .description('show which tools have your logins, and choose which ones get them')
    .addHelpText('after', examples('authbar targets', 'authbar targets take codex'))
    .action((options: Json) =>
      act(options, async (tools) => {
        const { targets } = await import('../commands/targets.ts');
        return targets(tools, options.json === true);
      }),
    );
  const add = (usage: string, description: string, example: string, pick: PickChange) =>
    part(targets, usage)
      .description(description)
      .addHelpText('after', `\nA tool is one of ${TOOLS}.`)
      .addHelpText('after', MORE.find(([word]) => usage.includes(word))?.[1] ?? '')
      .addHelpText('after', examples(`authbar targets ${example}`))
      .action((tool: string, value: unknown) => {
        const { json = false }: Json = targets.opts();
        const ask = { tool, value: typeof value === 'string' ? value : null, json };
        const work: Work = async (tools) =>
          pick(await import('../commands/targets.ts'))(tools, ask);
        return act({ json }, unbroken(work));
      });
  add('enable <tool>', 'give a tool your login', 'enable opencode', (all) => all.enableTarget);
  add(
    'disable <tool>',
    'take your login out of a tool, and give it none from now on',
    'disable opencode',
    (all) => all.disableTarget,
  );
  add(
    'mode <tool> <mode>',
    'choose how much of a login a tool gets',
    'mode codex access-only',
    (all) => all.changeMode,
  );
  add(
    'path <tool> <folder>',
    'write your login to another folder of a tool',
    'path peekaboo .tachikoma',
    (all) => all.moveTarget,
  );
  add(
    'take <tool> [service]',
    'put your login in place of what a tool has, which is kept for 7 days',
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
