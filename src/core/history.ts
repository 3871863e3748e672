import * as v from 'valibot';
import { ERROR_CODES } from '../shared/errors.ts';
import type { HistoryEntry, HistoryItem } from '../shared/history.ts';
import type { Context } from './context.ts';
import { parseJson, readOptional, SCHEMA } from './files/json-file.ts';
import { accountPaths } from './paths.ts';
import { HISTORY_AGE } from './vault/history.ts';

/** How long after a tool was busy a write is still "a moment later", ms. */
const MOMENT = 5 * 60_000;

/** How long after a refusal a tool that was quicker is looked for, ms, and some. */
const RACE = 60_000;

const FingerprintSchema = v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{6}$/)));
const CodeSchema = v.picklist(ERROR_CODES);
const SpanSchema = v.pipe(v.number(), v.minValue(0));

const EntrySchema = v.variant('event', [
  v.object({ event: v.picklist(['signed-in', 'renewed']), fingerprint: FingerprintSchema }),
  v.object({ event: v.literal('adopted'), target: v.string(), fingerprint: FingerprintSchema }),
  v.object({ event: v.picklist(['replaced', 'written', 'taken']), target: v.string() }),
  v.object({
    event: v.literal('renewal-failed'),
    code: CodeSchema,
    end: v.exactOptional(v.picklist(['unsent', 'refused', 'unknown', 'over', 'stuck'])),
    providerCode: v.exactOptional(v.pipe(v.string(), v.maxLength(64))),
  }),
  v.object({ event: v.literal('target-owed'), target: v.string(), code: CodeSchema }),
  v.object({ event: v.literal('slept'), ms: SpanSchema }),
  v.object({ event: v.picklist(['signed-out', 'keychain-locked']) }),
]) satisfies v.GenericSchema<unknown, HistoryEntry>;

const LineSchema = v.object({ schema: v.literal(SCHEMA), at: v.number() });

type Past = HistoryEntry & { readonly at: number };
type Failure = Extract<Past, { event: 'renewal-failed' }>;

/**
 * What happened to these accounts, and to the computer that they are on, in the last 30 days: the newest
 * first, and what belongs together as one. A line that cannot be understood is passed over.
 * @throws AppError when a file cannot be read.
 */
export async function readHistory(
  context: Context,
  ids: readonly string[],
): Promise<HistoryItem[]> {
  const { paths } = context;
  const accounts = await Promise.all(
    ids.map(async (id) => summed(await readLines(context, accountPaths(paths, id).history))),
  );
  const all = [...accounts.flat(), ...(await readLines(context, paths.history))];
  // Of what happened at one moment the last comes first, too.
  return all.reverse().sort((a, b) => b.at - a.at);
}

async function readLines({ fs, clock }: Context, path: string): Promise<Past[]> {
  const bytes = (await readOptional(fs, path)) ?? Buffer.alloc(0);
  const since = clock.now() - HISTORY_AGE;
  // Byte by byte: one line that is no text must not take the others with it.
  const lines = bytes.toString('latin1').split('\n');
  return lines.flatMap((line) => {
    const value = parseJson(Buffer.from(line, 'latin1'));
    const [head, entry] = [v.safeParse(LineSchema, value), v.safeParse(EntrySchema, value)];
    if (!head.success || !entry.success || head.output.at < since) return [];
    return [{ ...entry.output, at: head.output.at }];
  });
}

/** One account's entries, the oldest first, with what heals by itself told as that. */
function summed(entries: readonly Past[]): HistoryItem[] {
  const items: HistoryItem[] = [];
  let failures: Failure[] = [];
  for (const entry of entries) {
    if (isPassing(entry)) {
      failures.push(entry);
    } else if (isOutcome(entry)) {
      if (isRescue(entry, items.at(-1))) items.pop();
      if (failures.length === 0 && isRepeated(entry, items.at(-1))) continue;
      items.push(...outcome(failures, entry));
      failures = [];
    } else if (entry.event === 'written') {
      items.push(written(items, entry));
    } else {
      items.push(entry);
    }
  }
  return [...items, ...failures.slice(-1)].sort((a, b) => a.at - b.at);
}

/** A failure that the next try may make good. */
function isPassing(entry: Past): entry is Failure {
  return entry.event === 'renewal-failed' && !LASTING.has(entry.code);
}

const LASTING: ReadonlySet<string> = new Set([
  'login-ended',
  'login-used-up',
  'login-lost-in-flight',
  'no-renewal',
  'account-paused',
  'service-refused',
]);

/** What ends a row of failures. */
function isOutcome({ event }: Past): boolean {
  return ['signed-in', 'renewed', 'adopted', 'renewal-failed'].includes(event);
}

/** What the service refused was not the newest login: a tool, or a spare, had that. */
function isRescue({ event, at }: Past, last: HistoryItem | undefined): boolean {
  if (event !== 'adopted' && event !== 'renewed') return false;
  return last?.event === 'renewal-failed' && at - last.at <= RACE;
}

/** The service still says the same: that is no news. */
function isRepeated(entry: Past, last: HistoryItem | undefined): boolean {
  if (entry.event !== 'renewal-failed' || last?.event !== 'renewal-failed') return false;
  return entry.code === last.code;
}

function outcome(failures: readonly Failure[], entry: Past): HistoryItem[] {
  const [first, last] = [failures[0], failures.at(-1)];
  if (!first || !last) return [entry];
  if (entry.event !== 'renewed' || last.code === 'asked-to-wait') return [last, entry];
  const { at, fingerprint } = entry;
  if (last.code === 'offline') return [{ event: 'offline', ms: at - first.at, at }, entry];
  return [{ event: 'recovered', at, ...(fingerprint && { fingerprint }) }];
}

/** Takes back that the tool was busy, if that was a moment ago. */
function written(items: HistoryItem[], entry: Extract<Past, { event: 'written' }>): HistoryItem {
  const { target, at } = entry;
  const busy = items.findLastIndex(
    (item) => item.event === 'target-owed' && item.target === target && at - item.at <= MOMENT,
  );
  const item = items[busy];
  if (item?.event !== 'target-owed' || item.code !== 'tool-busy') return entry;
  items.splice(busy, 1);
  return { event: 'written-late', target, at };
}
