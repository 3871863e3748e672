import type { HistoryEntry, MachineEntry } from '../../shared/history.ts';
import type { Context } from '../context.ts';
import { writeDurable } from '../files/durable.ts';
import { SCHEMA } from '../files/json-file.ts';
import { accountPaths } from '../paths.ts';
import { hashToken } from './ledger.ts';

/** How long it is remembered, ms. */
export const HISTORY_AGE = 30 * 24 * 60 * 60_000;

/** Above this the older half is dropped. */
const LARGEST = 64 * 1024;

/** What a login is known by in its history. */
export function fingerprintOf(grant: { readonly accessToken: string }): { fingerprint: string } {
  return { fingerprint: hashToken(grant.accessToken).slice(0, 6) };
}

/**
 * Adds a line to the account's `history.jsonl` and to the log. Best effort: nothing fails because its
 * history could not be written. The caller holds the account's lock.
 */
export async function remember(context: Context, id: string, entry: HistoryEntry): Promise<void> {
  const { event, ...fields } = entry;
  context.log({
    level: 'code' in entry ? 'warn' : 'info',
    event,
    fields: { account: id, ...fields },
  });
  await append(context, accountPaths(context.paths, id).history, entry);
}

/** The same for what happened to the whole computer. Only the process that keeps the logins fresh calls it. */
export async function rememberMachine(context: Context, entry: MachineEntry): Promise<void> {
  const { event, ...fields } = entry;
  context.log({ level: 'info', event, fields });
  await append(context, context.paths.history, entry);
}

async function append(
  { fs, clock, log, secrets }: Context,
  path: string,
  entry: HistoryEntry,
): Promise<void> {
  const now = clock.now();
  // The one word in it that is not ours.
  const foreign =
    'providerCode' in entry ? { providerCode: secrets.redact(entry.providerCode) } : {};
  const line = JSON.stringify({ schema: SCHEMA, at: now, ...entry, ...foreign });
  try {
    const file = await fs.open(path, 'a', 0o600);
    try {
      await file.write(`${line}\n`);
    } finally {
      await file.close();
    }
    await shorten(fs, path, now);
  } catch {
    log({ level: 'warn', event: 'history-not-written', fields: { event: entry.event } });
  }
}

/** Takes away what is too old; of what is too much, half, so that not each line has it written anew. */
async function shorten(fs: Context['fs'], path: string, now: number): Promise<void> {
  const text = (await fs.readFile(path)).toString('utf8');
  const lines = text.split('\n');
  const half = text.length > LARGEST ? Math.floor(lines.length / 2) : 0;
  const young = lines.findIndex((line) => isYoung(line, now));
  const from = Math.max(half, young);
  if (from > 0) await writeDurable(fs, path, lines.slice(from).join('\n'));
}

/** What has no time is for the next half to take away. */
function isYoung(line: string, now: number): boolean {
  const at = /"at":(\d+)/.exec(line)?.[1];
  return at === undefined || Number(at) >= now - HISTORY_AGE;
}
