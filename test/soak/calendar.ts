import type { Dice } from './dice.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What a machine tells of its sleep: all, not that it wakes, nothing. */
export const SLEEP_KINDS = ['told', 'resume missed', 'not a word'] as const;

/** A machine is awake for a while, and then it sleeps. */
export interface Spell {
  /** Ms. */
  readonly awake: number;
  /** Ms. */
  readonly asleep: number;
  /** How much of that it is awake for itself, in the middle, with a network, ms. */
  readonly stirs: number;
  readonly kind: (typeof SLEEP_KINDS)[number];
}

/** How often a notebook is opened in a day. */
const OPENINGS = 4;

/** The days of a notebook: closed some times by day, and every night. */
export function calendar(days: number, dice: Dice): Spell[] {
  return Array.from({ length: days }, () => day(dice)).flat();
}

function day(dice: Dice): Spell[] {
  const naps = Array.from({ length: OPENINGS - 1 }, () => dice.between(1, 4) * HOUR);
  const awake = Array.from({ length: OPENINGS }, () => dice.between(1, 2.5) * HOUR);
  const night = [...naps, ...awake].reduce((left, ms) => left - ms, DAY);
  return awake.map((ms, at) => spell(ms, naps[at] ?? night, dice));
}

/** Not every sleep is told of as it should be, and some machines wake for a moment in the night. */
function spell(awake: number, asleep: number, dice: Dice): Spell {
  const [told, ...others] = SLEEP_KINDS;
  const kind = dice.chance(0.6) ? told : dice.pick(others);
  const stirs = kind !== 'not a word' && asleep > 5 * HOUR && dice.chance(0.5) ? 3 * MINUTE : 0;
  return { awake: Math.round(awake), asleep: Math.round(asleep), stirs, kind };
}
