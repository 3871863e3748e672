import { cleanText, redactShapes } from '../core/redact.ts';
import { AppError } from '../shared/errors.ts';
import { nearest } from '../shared/nearest.ts';
import { TOOLS } from './help.ts';
import type { Command, CommanderError } from './program/declare.ts';

/** A longer word on the command line may be a secret, and is not repeated. */
const LONGEST_WORD = 24;

/** What may stand for each argument. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  provider: 'a service: claude or chatgpt',
  login: 'a login: claude or chatgpt',
  tool: `a tool: ${TOOLS}`,
  id: 'an id; `authbar provider list` shows what you added',
  folder: 'a folder, as in .tachikoma',
  where: 'a place: first, last, up or down',
  mode: 'a mode: shared, access-only or off',
  service: 'a service: openai, anthropic, grok or gemini',
  command: 'a command, as in `authbar exec claude -- claude`',
};

/** What may stand for the value of an option. */
const VALUES: Readonly<Record<string, string>> = {
  time: 'a length of time, as in 90s, 10m or 8h',
  tool: 'a tool, as in codex',
  url: 'an address, as in https://login.example.com',
  path: 'a file',
  id: 'an id, as in example',
  name: 'a name',
  scopes: 'scopes, as in openid',
  port: 'a port, as in 8400',
  origin: 'an origin, as in https://login.example.com',
};

/** The command that a command line names, as far as it names one. */
export function commandIn(program: Command, argv: readonly string[]): Command {
  let found = program;
  for (const word of ownPart(argv).filter((each) => !each.startsWith('-'))) {
    const next = found.commands.find((each) => each.name() === word);
    if (!next) break;
    found = next;
  }
  return found;
}

/** What comes after `--` is another program's. */
export function ownPart(argv: readonly string[]): readonly string[] {
  return argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
}

/** As it is called: `authbar key add`. */
export function callOf(command: Command): string {
  return command.parent ? `${callOf(command.parent)} ${command.name()}` : command.name();
}

/** What may follow it: `<login>`, `[service]`. */
export function placesOf({ registeredArguments }: Command): string[] {
  return registeredArguments.map((each) => {
    const name = `${each.name()}${each.variadic ? '...' : ''}`;
    return each.required ? `<${name}>` : `[${name}]`;
  });
}

/** What Commander refused, in words of our own. A secret that stood where it should not is not shown again. */
export function refusedUse(error: CommanderError, command: Command): AppError {
  switch (error.code) {
    case 'commander.missingArgument':
      return new AppError('wrong-use', { hint: missingArgument(command) });
    case 'commander.optionMissingArgument':
      return new AppError('wrong-use', { hint: missingValue(error) });
    case 'commander.unknownOption':
      return unclear(unknownOption(error, command));
    // A word behind `help` that is no command's.
    case 'commander.help':
    case 'commander.unknownCommand':
      return unclear(unknownCommand(command));
    case 'commander.excessArguments':
      return unclear(command.commands.length > 0 ? unknownCommand(command) : excess(command));
    default:
      return unclear(cleanText(redactShapes(error.message.replace(/^error: /, '')), 300));
  }
}

function unclear(hint: string): AppError {
  return new AppError('wrong-use', { hint, unclear: true });
}

function missingArgument(command: Command): string {
  const missing = command.registeredArguments[command.args.length]?.name() ?? '';
  return `\`${callOf(command)}\` needs ${ARGUMENTS[missing] ?? 'something more'}`;
}

function missingValue({ message }: CommanderError): string {
  const [, flag = 'That option', name = ''] = /'(--[\w-]+) <([\w-]+)>'/.exec(message) ?? [];
  return `${flag} needs ${VALUES[name] ?? 'something after it'}`;
}

function unknownOption({ message }: CommanderError, command: Command): string {
  const flag = /'([^'=]*)/.exec(message)?.[1] ?? '';
  const sentence = `\`${callOf(command)}\` has no option ${shown(flag) ?? 'like that'}.`;
  const ofAnother = command.registeredArguments.some(
    ({ variadic, required }) => variadic && required,
  );
  if (ofAnother) return `${sentence} The command’s own options come after --.`;
  const meant = nearest(flag, flagsOf(command));
  return meant ? `${sentence} Did you mean ${meant}?` : sentence;
}

/** Its own ones, and those of the group that it is in. */
function flagsOf(command: Command | null): string[] {
  if (!command) return ['--help'];
  return [...command.options.flatMap(({ long }) => long ?? []), ...flagsOf(command.parent)];
}

function unknownCommand(parent: Command): string {
  const [first = '', second = ''] = parent.args;
  const word = first === 'help' ? second : first;
  const names = parent.commands.map((each) => each.name());
  const known = shown(word);
  const sentence = `There is no command ${known ? `“${known}”` : 'like that'}`;
  const meant = nearest(word, names);
  if (meant) return `${sentence}. Did you mean \`${callOf(parent)} ${meant}\`?`;
  return `${sentence}; commands are ${names.join(', ')}.`;
}

function excess(command: Command): string {
  const { args, registeredArguments } = command;
  const word = shown(args[registeredArguments.length] ?? '');
  const usage = [callOf(command), ...placesOf(command)].join(' ');
  return `${word ? `“${word}”` : 'That'} is more than \`${usage}\` takes.`;
}

/** A word that may be repeated; `null`: it may not, or there is none. */
function shown(word: string): string | null {
  const clean = cleanText(redactShapes(word), LONGEST_WORD);
  return clean !== '' && word.length <= LONGEST_WORD ? clean : null;
}
