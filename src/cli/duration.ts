import { AppError } from '../shared/errors.ts';

const UNITS = { s: 1000, m: 60_000, h: 3_600_000 };

/**
 * A length of time as a person types it: `90s`, `10m`, `8h`; a bare number is seconds.
 * @returns ms.
 * @throws AppError `wrong-use`.
 */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})([smh]?)$/.exec(text.trim());
  if (!match) {
    throw new AppError('wrong-use', {
      hint: `“${text.slice(0, 40)}” is not a length of time; write it as 90s, 10m or 8h`,
    });
  }
  const unit = (match[2] || 's') as keyof typeof UNITS;
  return Number(match[1]) * UNITS[unit];
}
