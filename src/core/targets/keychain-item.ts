import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import type { Keychain } from '../ports.ts';
import { valueLimit } from '../vault/keychain.ts';

/**
 * How one login is put into the keychain as an item of its own, whatever its size.
 *
 * What fits is one item that holds the value itself. What the OS would not take in one is cut into
 * pieces (`<account>#<slot>.<n>`), with a head under the account's own name that says where they are.
 * The pieces of a new value go to the slot that the head does not name, so that the old value is whole
 * until the one write of the head. There are two slots and no more, because a keychain cannot be
 * searched safely: whatever a crash leaves behind has a name that the next write knows.
 */
export interface ItemOptions {
  /** The longest value that one item takes, UTF-8 bytes. Default: the platform's. */
  readonly limit?: number;
}

const SLOTS = ['00000000', '00000001'] as const;
type Slot = (typeof SLOTS)[number];
/** One write in the middle of a read is already unlikely. */
const READS = 5;
const MAX_PIECES = 1000;

/** Strict, so that no login reads as a head. */
const HeadSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictObject({
    schema: v.literal(1),
    parts: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_PIECES)),
    id: v.picklist(SLOTS),
    /** Of the whole value: a reader that was overtaken by two writes must notice. */
    sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  }),
);
type Head = v.InferOutput<typeof HeadSchema>;

/**
 * Writes `value` (text without NUL, not empty) as the item `account`. Whenever it is broken off, a reader
 * finds the old value or the new one.
 * @throws AppError of the keychain.
 */
export async function writeItem(
  keychain: Keychain,
  service: string,
  account: string,
  value: string,
  { limit = valueLimit(process.platform) }: ItemOptions = {},
): Promise<void> {
  const items = itemsOf(keychain, service, account);
  const pieces = cut(value, limit);
  const old = await items.head();
  const split = pieces.length > 1 || parseHead(value) !== null;
  if (!split) {
    await items.set(value);
    // Where one item takes everything, pieces are only there if a head says so.
    if (old || Number.isFinite(limit)) await items.clear(...SLOTS);
    return;
  }
  const id = old?.id === SLOTS[0] ? SLOTS[1] : SLOTS[0];
  await items.clear(id);
  for (const [n, piece] of pieces.entries()) await items.setPiece(id, n, piece);
  await items.set(JSON.stringify({ schema: 1, parts: pieces.length, id, sha256: hash(value) }));
  await items.clear(...SLOTS.filter((slot) => slot !== id));
}

/**
 * The value of the item `account`; `null` when there is none, or when its pieces are not what was
 * written (somebody else removed or changed one): the next write makes it whole.
 * @throws AppError of the keychain, and `tool-busy` when it is being written all the time.
 */
export async function readItem(
  keychain: Keychain,
  service: string,
  account: string,
): Promise<string | null> {
  const items = itemsOf(keychain, service, account);
  let last: string | null = null;
  for (let attempt = 0; attempt < READS; attempt++) {
    const text = await keychain.get(service, account);
    const head = text === null ? null : parseHead(text);
    if (head === null) return text;
    const value = await items.join(head);
    if (value !== null && hash(value) === head.sha256) return value;
    // The pieces do not fit a head that did not move: no writer is at work.
    if (text === last) return null;
    last = text;
  }
  throw new AppError('tool-busy', { hint: 'the keychain item is being written' });
}

/**
 * Removes the item `account` and every piece of it. False when there was no such item. Broken off, it
 * has to be called again: the head goes last, so that it still tells.
 * @throws AppError of the keychain.
 */
export async function removeItem(
  keychain: Keychain,
  service: string,
  account: string,
  { limit = valueLimit(process.platform) }: ItemOptions = {},
): Promise<boolean> {
  const items = itemsOf(keychain, service, account);
  if ((await items.head()) || Number.isFinite(limit)) await items.clear(...SLOTS);
  return keychain.remove(service, account);
}

/** The keychain items of one account. */
function itemsOf(keychain: Keychain, service: string, account: string) {
  const piece = (id: Slot, n: number) => `${account}#${id}.${n}`;
  return {
    async head(): Promise<Head | null> {
      const text = await keychain.get(service, account);
      return text === null ? null : parseHead(text);
    },
    set: (text: string) => keychain.set(service, account, text),
    setPiece: (id: Slot, n: number, text: string) => keychain.set(service, piece(id, n), text),
    async join({ id, parts }: Head): Promise<string | null> {
      let value = '';
      for (let n = 0; n < parts; n++) {
        const text = await keychain.get(service, piece(id, n));
        if (text === null) return null;
        value += text;
      }
      return value;
    },
    /** Upwards to the last one, then downwards: broken off, what is left still begins at 0. */
    async clear(...slots: readonly Slot[]): Promise<void> {
      for (const id of slots) {
        let n = 0;
        while ((await keychain.get(service, piece(id, n))) !== null) n++;
        while (n-- > 0) await keychain.remove(service, piece(id, n));
      }
    },
  };
}

function parseHead(text: string): Head | null {
  const parsed = v.safeParse(HeadSchema, text);
  return parsed.success ? parsed.output : null;
}

function hash(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

/** Pieces of at most `limit` UTF-8 bytes, none of which ends within a character. */
function cut(value: string, limit: number): readonly string[] {
  const bytes = Buffer.from(value);
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + limit, bytes.length);
    while (isContinuation(bytes[end])) end--;
    pieces.push(bytes.toString('utf8', start, end));
    start = end;
  }
  if (pieces.length > MAX_PIECES)
    throw new AppError('unexpected', { hint: 'too long for a keychain' });
  return pieces;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
