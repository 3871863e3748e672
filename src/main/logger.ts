import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
// Its other entry opens channels of its own to every page, as soon as it is imported.
import electronLog from 'electron-log/node.js';
import type { Log, LogLine } from '../core/ports.ts';

/** How many lines a report holds. */
const TAIL = 200;

type Redact = (text: string) => string;

/** Where the app's log lines go. */
export interface Logger {
  readonly log: Log;
  /** Masks what this knows, from now on. */
  redactWith(redact: Redact): void;
  /** The newest lines of the file. */
  tail(): Promise<string>;
}

/**
 * Writes to `main.log` in `folder`, for its owner alone, and to the console; what was thrown and caught by
 * nobody goes there too. Masked is the final text, where no nesting of an object hides anything.
 */
export function createLogger(folder: string, redact: Redact): Logger {
  let mask = redact;
  const { file, console } = electronLog.transports;
  const path = join(folder, 'main.log');
  file.resolvePathFn = () => path;
  // Else it looks for a package.json near the program, and throws where there is none.
  file.setAppName('Authbar');
  file.writeOptions = { flag: 'a', encoding: 'utf8', mode: 0o600 };
  file.transforms.push(({ data }) => mask(String(data)));
  console.transforms.push(({ data }: { data: unknown[] }) =>
    data.map((part) => mask(textOf(part))),
  );
  electronLog.errorHandler.startCatching({ showDialog: false });
  return {
    log: ({ level, event, fields = {} }) => electronLog[level](lineOf(event, fields)),
    redactWith: (better) => {
      mask = better;
    },
    tail: async () =>
      (await readFile(path, 'utf8'))
        .split('\n')
        .slice(-TAIL - 1)
        .join('\n'),
  };
}

function lineOf(event: string, fields: NonNullable<LogLine['fields']>): string {
  const told = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return [event, ...told].join(' ');
}

function textOf(part: unknown): string {
  return typeof part === 'string' ? part : (JSON.stringify(part) ?? String(part));
}
