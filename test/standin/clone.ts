/** A value that JSON has no word for: its kind, and what it is made of. */
interface Tagged {
  readonly $: keyof typeof MAKERS;
  readonly of: unknown;
}

type Entries = readonly (readonly [unknown, unknown])[];

/** Each takes what JSON made of `of`. */
const MAKERS = {
  undefined: () => undefined,
  number: (text: string) => Number(text),
  bigint: (text: string) => BigInt(text),
  date: (time: string) => new Date(Number(time)),
  map: (entries: Entries) => new Map(entries.map(([key, value]) => [revive(key), revive(value)])),
  set: (items: readonly unknown[]) => new Set(items.map(revive)),
  bytes: (bytes: readonly number[]) => Uint8Array.from(bytes),
  error: ([name, message, stack]: readonly string[]) =>
    Object.assign(new Error(message), { name, stack }),
  // An object that has a member `$` of its own.
  entries: (entries: readonly (readonly [string, unknown])[]) =>
    Object.fromEntries(entries.map(([key, value]) => [key, revive(value)])),
} as const;

function tagged($: Tagged['$'], of: unknown = null): Tagged {
  return { $, of };
}

function tagObject(value: object): unknown {
  if (value instanceof Date) return tagged('date', String(value.getTime()));
  if (value instanceof Map) return tagged('map', [...value]);
  if (value instanceof Set) return tagged('set', [...value]);
  if (value instanceof Uint8Array) return tagged('bytes', [...value]);
  if (value instanceof Error) {
    return tagged('error', [value.name, value.message, value.stack ?? '']);
  }
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
    throw new TypeError(`stand-in: ${value.constructor.name} is not simulated in messages`);
  }
  return '$' in value ? tagged('entries', Object.entries(value)) : value;
}

function tag(value: unknown): unknown {
  if (value === undefined) return tagged('undefined');
  if (typeof value === 'bigint') return tagged('bigint', String(value));
  if (typeof value === 'number' && !Number.isFinite(value)) return tagged('number', String(value));
  return typeof value === 'object' && value !== null ? tagObject(value) : value;
}

/** A value as text. Throws a `DataCloneError` just where Electron does. */
export function pack(value: unknown): string {
  return JSON.stringify(structuredClone(value), function (this: Record<string, unknown>, key) {
    // Not the second parameter: there a Date has become a string already.
    return tag(this[key]);
  });
}

function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null) return value;
  if ('$' in value) {
    const { $, of } = value as Tagged;
    return (MAKERS[$] as (of: unknown) => unknown)(of);
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, revive(part)]));
}

/** The value of a text that `pack` made. */
export function unpack(text: string): unknown {
  return revive(JSON.parse(text));
}
