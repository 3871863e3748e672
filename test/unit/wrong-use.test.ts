import { type Command, CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { tell } from '../../src/cli/failure.ts';
import { createProgram, helpFor } from '../../src/cli/program.ts';
import { commandIn, refusedUse } from '../../src/cli/wrong-use.ts';
import { asAppError } from '../../src/shared/errors.ts';
import { nearest } from '../../src/shared/nearest.ts';

/** What a person is told of a command line that is refused before anything runs. */
async function toldOf(line: string): Promise<string> {
  const argv = line.split(' ').filter(Boolean);
  const program = createProgram();
  const error = await program.parseAsync(argv, { from: 'user' }).catch((reason) => reason);
  const known =
    error instanceof CommanderError
      ? refusedUse(error, commandIn(program, argv))
      : asAppError(error);
  const { code, message } = tell(known);
  expect(code).toBe('wrong-use');
  return message;
}

const ALL =
  'login, status, import, history, logout, check, usage, use, rename, move, token, exec, share, refresh, run, key, provider, targets';

describe('what is not understood', () => {
  test.each([
    ['lgin', 'There is no command “lgin”. Did you mean `authbar login`?'],
    ['frobnicate', `There is no command “frobnicate”; commands are ${ALL}.`],
    ['help foo', `There is no command “foo”; commands are ${ALL}.`],
    ['help stats', 'There is no command “stats”. Did you mean `authbar status`?'],
    ['key foo', 'There is no command “foo”; commands are list, add, remove.'],
    ['key --json ad', 'There is no command “ad”. Did you mean `authbar key add`?'],
    [
      'targets disabel pi',
      'There is no command “disabel”. Did you mean `authbar targets disable`?',
    ],
    ['status now', '“now” is more than `authbar status` takes.'],
    ['login claude now', '“now” is more than `authbar login <provider>` takes.'],
    ['usage claude chatgpt', '“chatgpt” is more than `authbar usage [login]` takes.'],
    ['status --jason', '`authbar status` has no option --jason. Did you mean --json?'],
    ['check --time=3s', '`authbar check` has no option --time. Did you mean --timeout?'],
    ['targets take pi --jsn', '`authbar targets take` has no option --jsn. Did you mean --json?'],
    ['--frobnicate', '`authbar` has no option --frobnicate.'],
    [
      'exec claude ls -l',
      '`authbar exec` has no option -l. The command’s own options come after --.',
    ],
    [
      'exec claude --bad -- ls --json',
      '`authbar exec` has no option --bad. The command’s own options come after --.',
    ],
    [
      'targets forget pi',
      'There is no command “forget”; commands are enable, disable, mode, path, ',
    ],
  ])('%s', async (line, sentence) => {
    const told = await toldOf(line);
    expect(told.startsWith(`Authbar didn’t understand that. ${sentence}`), told).toBe(true);
  });
});

describe('what is understood, and lacks something or can’t be', () => {
  test.each([
    ['login', '`authbar login` needs a service: claude or chatgpt.'],
    ['targets path', '`authbar targets path` needs a tool: peekaboo, claude-code, pi, '],
    ['targets path pi', '`authbar targets path` needs a folder, as in .tachikoma.'],
    ['move chatgpt', '`authbar move` needs a place: first, last, up or down.'],
    ['key add', '`authbar key add` needs a service: openai, anthropic, grok or gemini.'],
    ['exec claude', '`authbar exec` needs a command, as in `authbar exec claude -- claude`.'],
    ['check --timeout', '--timeout needs a length of time, as in 90s, 10m or 8h.'],
    ['use claude --for', '--for needs a tool, as in codex.'],
    ['login claude --timeout soon', '“soon” is not a length of time; write it as 90s, 10m or 8h.'],
    ['token claude --min-life -1', '“-1” is not a length of time; write it as 90s, 10m or 8h.'],
    ['provider add --redirect-port x', 'A port is a number, as in 8400.'],
  ])('%s', async (line, sentence) => {
    const told = await toldOf(line);
    expect(told.startsWith(sentence), told).toBe(true);
  });
});

test.each([
  'key remove openai sk-proj-canaryOpenAiCanary0123456789',
  'key remove openai 0123456789abcdef0123456789abcdef',
  'key 0123456789abcdef0123456789abcdef',
  'login claude --0123456789abcdef0123456789abcdef',
  'login claude --sk-ant-api03-canaryAnthropicCanary',
])('a secret is not repeated: %s', async (line) => {
  const told = await toldOf(line);
  expect(told).not.toMatch(/0123|canary/);
  expect(told).toMatch(/^Authbar didn’t understand that\. .*(like that|more than|redacted)/);
});

test.each([
  [[], 'authbar'],
  [['lgin'], 'authbar'],
  [['login', 'gemini'], 'authbar login'],
  [['key', '--json', 'add', 'remove'], 'authbar key add'],
  [['key', 'foo'], 'authbar key'],
  [['exec', 'claude', '--', 'key', 'add'], 'authbar exec'],
])('the help that %j leads to is that of %s', (argv, command) => {
  expect(helpFor(argv)).toBe(`${command} --help`);
});

test.each([
  ['statsu', 'status'],
  ['STATUS', 'status'],
  ['sttus', 'status'],
  ['s', null],
  ['', null],
])('%j is nearest to %s', (word, meant) => {
  expect(nearest(word, ['stop', 'status'])).toBe(meant);
});

/** What `--help` shows. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

describe('the help', () => {
  const all = (command: Command, call: string): [string, Command][] => [
    [call, command],
    ...command.commands.flatMap((each) => all(each, `${call} ${each.name()}`)),
  ];

  const commands = all(createProgram(), 'authbar');

  test.each(commands)(
    'of %s has an example, and says in one line what it does',
    (call, command) => {
      const help = helpOf(command);
      expect(help).toMatch(new RegExp(`\nExamples?:\n {2}${call}( |\n)`));
      expect(help).not.toMatch(/Global Options|display help/);
      expect(command.description()).toMatch(/^.{10,75}$/);
    },
  );

  test.each(commands)('of %s says what its arguments may be', (_, command) => {
    const help = helpOf(command);
    for (const { name } of command.registeredArguments.map((each) => ({ name: each.name() }))) {
      if (['login', 'tool', 'service', 'mode'].includes(name)) {
        expect(help).toMatch(new RegExp(`\nA ${name} is `));
      }
    }
  });

  test('of a part of a group has the options of the group', () => {
    const parts = commands.filter(([call]) => /^authbar (key|provider|targets) /.test(call));
    expect(parts).toHaveLength(12);
    for (const [, command] of parts) expect(helpOf(command)).toMatch(/--json .*\n {2}-h, --help/);
  });
});
