import { runToken } from './commands/token.ts';

void main(process.argv.slice(2));

/**
 * `authbar token claude` is what programs ask all day long, and most of its time would go into the
 * parser and the other commands. Everything but this plain form takes the ordinary way.
 */
async function main(argv: readonly string[]): Promise<void> {
  const [command, name = '-', ...more] = argv;
  if (command === 'token' && !name.startsWith('-') && more.length === 0) {
    return runToken(name, { minLife: undefined, json: false });
  }
  const { main: runProgram } = await import('./program.ts');
  return runProgram(argv);
}
