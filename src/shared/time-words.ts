/** How a person reads times. */
export interface TimeStyle {
  /** BCP 47; the system's own when absent. */
  readonly locale?: string | undefined;
  /** IANA name; the system's own when absent. */
  readonly timeZone?: string | undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** https://tc39.es/ecma262/#sec-time-values-and-time-range */
const LAST_DAY = 8.64e15 - DAY;

/**
 * When something is going to happen: `in a moment`, `in 4 min`, `at 14:05`, `tomorrow at 09:10`,
 * `on Friday at 09:10`, `on 12 October`. A time that has passed is `in a moment`: whatever it announced
 * is about to happen. `at` and `now` are epoch ms.
 */
export function inWords(at: number, now: number, style: TimeStyle = {}): string {
  const ahead = at - now;
  if (ahead < MINUTE) return 'in a moment';
  if (ahead < HOUR) return `in ${Math.ceil(ahead / MINUTE)} min`;
  const moment = momentInWords(at, now, style);
  const days = dayNumber(at, style) - dayNumber(now, style);
  if (days === 0) return `at ${moment}`;
  return days === 1 ? moment : `on ${moment}`;
}

/** The same where no sentence stands around it: `in 4 min`, `today at 14:05`, `tomorrow at 09:10`. Epoch ms. */
export function whenInWords(at: number, now: number, style: TimeStyle = {}): string {
  const words = inWords(at, now, style);
  return words.startsWith('at ') ? `today ${words}` : words;
}

/** The same, as short as it can be: `in 4 min`, `at 14:05`, `tomorrow`, `Friday`, `12 October`. Epoch ms. */
export function shortlyInWords(at: number, now: number, style: TimeStyle = {}): string {
  return inWords(at, now, style).replace(/^on | at .*$/g, '');
}

/**
 * A moment to come, for "until": `14:05`, `tomorrow at 09:10`, `Friday at 09:10`, `12 October`. Epoch ms.
 */
export function momentInWords(at: number, now: number, style: TimeStyle = {}): string {
  const days = dayNumber(at, style) - dayNumber(now, style);
  const time = timeOfDay(at, style);
  if (days < 1) return time;
  if (days === 1) return `tomorrow at ${time}`;
  return days < 7
    ? `${inEnglish(at, style, { weekday: 'long' })} at ${time}`
    : dateInWords(at, style);
}

/**
 * When something happened: `just now`, `4 min ago`, `today at 11:20`, `yesterday at 18:00`,
 * `on 3 October`. A time that is still to come (the clock was set back) is `just now`. Epoch ms.
 */
export function agoInWords(at: number, now: number, style: TimeStyle = {}): string {
  const past = now - at;
  if (past < MINUTE) return 'just now';
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`;
  const days = dayNumber(now, style) - dayNumber(at, style);
  if (days === 0) return `today at ${timeOfDay(at, style)}`;
  if (days === 1) return `yesterday at ${timeOfDay(at, style)}`;
  return `on ${dateInWords(at, style)}`;
}

/** The day on which something happened, above what happened then: `Today`, `Yesterday`, `3 October`. Epoch ms. */
export function dayInWords(at: number, now: number, style: TimeStyle = {}): string {
  const days = dayNumber(now, style) - dayNumber(at, style);
  if (days <= 0) return 'Today';
  return days === 1 ? 'Yesterday' : dateInWords(at, style);
}

/** A span of `ms`, whichever its sign: `9 min`, `1 hour`, `8 hours`, `3 days`. At least `1 min`. */
export function spanInWords(ms: number): string {
  const span = Math.abs(ms);
  const minutes = Math.max(1, Math.round(span / MINUTE));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(span / HOUR);
  return hours < 48 ? counted(hours, 'hour') : counted(Math.round(span / DAY), 'day');
}

/** `12 October`. Epoch ms. */
export function dateInWords(at: number, style: TimeStyle = {}): string {
  return inEnglish(at, style, { day: 'numeric', month: 'long' });
}

/** Whatever a file said: `Intl` throws beyond the days that a `Date` can name. */
function nameable(at: number): number {
  return Number.isNaN(at) ? 0 : Math.max(-LAST_DAY, Math.min(at, LAST_DAY));
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `11:20`, or as the person's own clock has it. Epoch ms. */
export function timeOfDay(at: number, style: TimeStyle = {}): string {
  const { hourCycle } = new Intl.DateTimeFormat(style.locale, {
    hour: 'numeric',
  }).resolvedOptions();
  return inEnglish(at, style, { timeStyle: 'short', hourCycle });
}

/**
 * The sentences around a time are English, so its words are too, in the order of the person's own
 * English where that is their language. The 12 or 24 hour clock is theirs in any language; Australian
 * English writes both well.
 */
function inEnglish(at: number, style: TimeStyle, parts: Intl.DateTimeFormatOptions): string {
  const own = new Intl.DateTimeFormat(style.locale).resolvedOptions().locale;
  const english = /^en\b/.test(own) ? own : 'en-AU';
  return new Intl.DateTimeFormat(english, { ...parts, timeZone: style.timeZone }).format(
    nameable(at),
  );
}

/** Days since 1970 of the calendar day that `at` falls on where the person is. */
function dayNumber(at: number, { timeZone }: TimeStyle): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  const parts = new Map(
    format.formatToParts(nameable(at)).map(({ type, value }) => [type, Number(value)]),
  );
  const [year = 0, month = 0, day = 0] = [parts.get('year'), parts.get('month'), parts.get('day')];
  return Date.UTC(year, month - 1, day) / DAY;
}
