import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { AppError } from '../shared/errors.ts';
import { say, sayText } from './output.ts';

/** Far more than any key takes, so that one that is too long is told so. */
const LONGEST = 64 * 1024;

/**
 * What a person types or pastes at a terminal, without showing it; else all of standard input. Its line
 * ends are in it.
 * @throws AppError `interrupted` for Ctrl-C.
 */
export async function readSecret(prompt: string, input: NodeJS.ReadStream): Promise<string> {
  return input.isTTY ? readHidden(prompt, input) : readAll(input);
}

/** Whether a person at a terminal agrees, which Enter alone does too; `null`: they said nothing. */
export async function agreed(question: string, input: NodeJS.ReadStream): Promise<boolean | null> {
  const reader = createInterface({ input, output: process.stderr, terminal: true, historySize: 0 });
  try {
    return await new Promise((resolve) => {
      reader.question(question, (answer) => resolve(!/^\s*n/i.test(answer)));
      reader.once('SIGINT', () => resolve(null)).once('close', () => resolve(null));
    });
  } finally {
    reader.close();
  }
}

async function readAll(input: NodeJS.ReadStream): Promise<string> {
  let text = '';
  for await (const chunk of input.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > LONGEST) break;
  }
  return text;
}

async function readHidden(prompt: string, input: NodeJS.ReadStream): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines: string[] = [];
  const reader = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  // Only now: the terminal shows what is typed until the reader has it.
  sayText(prompt);
  try {
    await new Promise<void>((resolve, reject) => {
      reader.on('line', (line) => {
        lines.push(line);
        resolve();
      });
      reader.once('SIGINT', () => reject(new AppError('interrupted')));
      reader.once('close', resolve);
    });
    // The rest of a paste with several lines: left alone it would be typed into the shell.
    await turn();
    const rest = reader.line;
    return [...lines, ...(rest ? [rest] : [])].join('\n');
  } finally {
    reader.close();
    say();
  }
}
