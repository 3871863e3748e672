import type { ErrorCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { writeDurable } from '../files/durable.ts';
import { SCHEMA } from '../files/json-file.ts';
import { accountPaths } from '../paths.ts';

/** What happened to a login, for the person who asks why it is as it is. No secret has a field here. */
export interface HistoryEntry {
  readonly event:
    | 'signed-in'
    | 'renewed'
    | 'adopted'
    | 'replaced'
    | 'renewal-failed'
    | 'target-owed';
  readonly code?: ErrorCode;
  readonly target?: string;
}

/** Above this the older half is dropped. */
const LARGEST = 64 * 1024;

/**
 * Adds a line to the account's `history.jsonl` and to the log. Best effort: nothing fails because its
 * history could not be written. The caller holds the account's lock.
 */
export async function remember(
  { fs, clock, log, paths }: Context,
  id: string,
  entry: HistoryEntry,
): Promise<void> {
  const { event, ...fields } = entry;
  log({ level: entry.code ? 'warn' : 'info', event, fields: { account: id, ...fields } });
  const path = accountPaths(paths, id).history;
  try {
    const file = await fs.open(path, 'a', 0o600);
    try {
      await file.write(`${JSON.stringify({ schema: SCHEMA, at: clock.now(), ...entry })}\n`);
    } finally {
      await file.close();
    }
    if ((await fs.stat(path)).size > LARGEST) await shorten(fs, path);
  } catch {
    log({ level: 'warn', event: 'history-not-written', fields: { account: id } });
  }
}

async function shorten(fs: Context['fs'], path: string): Promise<void> {
  const lines = (await fs.readFile(path)).toString('utf8').split('\n');
  await writeDurable(fs, path, lines.slice(Math.floor(lines.length / 2)).join('\n'));
}
