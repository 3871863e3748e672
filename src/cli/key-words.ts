import type { KeyCheck } from '../core/keys/check.ts';
import type { KeyPlace, KeyView } from '../core/keys/list.ts';
import { AppError } from '../shared/errors.ts';
import { nextStep, tell } from './failure.ts';
import { placeOf } from './words.ts';

/** Why no answer came, in a few words. */
const FAULTS: Readonly<Record<Extract<KeyCheck, { kind: 'fault' }>['cause'], string>> = {
  dns: 'the service’s name was not found',
  offline: 'no network',
  connect: 'no connection',
  tls: 'the connection isn’t private',
  proxy: 'the proxy refused',
  'proxy-auth': 'the proxy wants a password',
  stopped: 'stopped',
  reset: 'the connection broke',
  half: 'the connection broke',
  'too-large': 'the answer is too large',
};

/** How a key was stored, in the words of Tachikoma’s `config add`: programs read them. */
export function storedWords(name: string, check: KeyCheck): string {
  if (check.kind === 'validated') return `[ok] Stored and validated ${name}`;
  return `[warn] Stored but validation ${failureOf(check)}`;
}

/**
 * How a key is, in the words of Tachikoma’s `config show`.
 * @param source Where it is from, as in `credentials OPENAI_API_KEY` or `env OPENAI_API_KEY`.
 * @param check What its service said; `null`: it was not asked.
 */
export function statusWords(source: string | null, check: KeyCheck | null): string {
  if (source === null) return 'missing';
  if (check === null) return `stored (${source})`;
  if (check.kind === 'validated') return `ready (${source}, validated)`;
  return `stored (${source}, validation ${failureOf(check)})`;
}

function failureOf(check: Exclude<KeyCheck, { kind: 'validated' }>): string {
  switch (check.kind) {
    case 'status':
      return `failed: status ${check.status}`;
    case 'not-json':
      return 'failed: invalid json';
    case 'timeout':
      return `timed out after ${check.seconds}s`;
    case 'fault':
      return `failed: ${FAULTS[check.cause]}`;
  }
}

/** A line or two for one tool that keeps keys. */
export function linesOfPlace(place: KeyPlace, { name }: Pick<KeyView, 'name'>): string[] {
  const where = placeOf(place);
  switch (place.state) {
    case 'written':
      return [`Written to ${where}, as ${place.entry}.`];
    case 'theirs':
      return [`Left alone: ${where} has something of yours for ${name} already.`];
    case 'login':
      return [`Not in ${where}: your login is used there.`];
    case 'removed':
      return [
        `You took it out of ${where}.`,
        `  → \`authbar targets enable ${place.target}\` brings it back.`,
      ];
    case 'owed':
      return [`Not in step yet: ${where}.`, ...whyOwed(place)];
  }
}

/** Why a tool's file could not be changed, and what to do. */
export function whyOwed({ code, name, path }: KeyPlace): string[] {
  const told = tell(new AppError(code ?? 'unexpected', { tool: name, path }));
  return [`  ${told.message}`, `  ${nextStep(told)}`];
}
