/** Draws the demo's terminal for the README: `tsx test/support/demo/picture.ts docs/demo.svg`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { playStory } from './story.ts';
import { drawTerminal } from './terminal-svg.ts';

const PROGRAM = fileURLToPath(new URL('../../../out/cli/authbar.cjs', import.meta.url));
/** The chapter that is shown whole; of the others, the title. */
const UNFOLDED = '5';

/** A chapter's first line, its number painted. */
const TITLE = /^\S*?(\d)\/\d/;

/** The story with all but one of its chapters folded, so that it can be taken in at a glance. */
function fold(lines: readonly string[]): string[] {
  const shown: string[] = [];
  let folded = false;
  for (const line of lines) {
    const number = TITLE.exec(line)?.[1];
    const wasFolded = folded;
    if (number) folded = number !== UNFOLDED;
    // The story's last words begin at the edge, as its titles do.
    else if (line !== '' && !line.startsWith(' ')) folded = false;
    if (wasFolded && !folded) shown.push('');
    if (!folded || number) shown.push(folded ? `${line} …` : line);
  }
  return shown;
}

async function main(path: string): Promise<void> {
  const chunks: string[] = [];
  const screen = {
    write: (text: string) => void chunks.push(text),
    columns: 80,
    colour: true,
    pause: 0,
  };
  const { signal } = new AbortController();
  const how = { program: PROGRAM, browser: false, keep: false, signal };
  const outcome = await playStory({ screen, ...how });
  const lines = chunks.join('').trimEnd().split('\n');
  if (outcome !== 'held') throw new Error(lines.join('\n'));
  await mkdir(dirname(path), { recursive: true });
  const label = 'The demo in a terminal: signing in, renewals, an outage, signing out';
  await writeFile(path, drawTerminal(['$ npm run demo', '', ...fold(lines)], label));
}

await main(process.argv[2] ?? 'docs/demo.svg');
