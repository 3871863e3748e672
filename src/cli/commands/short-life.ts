import type { AppError } from '../../shared/errors.ts';
import { spanInWords } from '../../shared/time-words.ts';
import { nextStep, tell } from '../failure.ts';
import { say } from '../output.ts';

/** Says beside a token that it has little life left, and why. */
export function tellShortLife(left: number, late: AppError | null): void {
  say(`This login works for ${spanInWords(left)} more.`);
  if (!late) {
    say('No login is renewed before half of its time is over, however much was asked for.');
    return;
  }
  const told = tell(late);
  say(`It couldn’t be renewed: ${told.message}`);
  say(`  ${nextStep(told)}`);
}
