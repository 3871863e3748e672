import { bareId } from '../custom-id.ts';

/** Whatever a server or a file called it: control and bidi characters would rearrange what stands around it. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '');
}

/**
 * `Claude Code, Codex, Pi`: all of up to `whole` names; of more than that the first `most`, and how many
 * more there are: `Claude Code, Codex and 2 more`.
 */
export function inList(names: readonly string[], most = 2, whole = 3): string {
  return names.length > whole ? counted(names, most) : names.join(', ');
}

/** The same inside a sentence: `Claude Code and Pi`; `Claude Code, Codex and 2 more`. */
export function inSentence(names: readonly string[], most = 2, whole = 3): string {
  if (names.length > whole) return counted(names, most);
  const last = names.at(-1) ?? '';
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${last}` : last;
}

/**
 * `anna.lon…@example.com`: `text` in at most `length` characters, its middle left out. Of an address the
 * domain stays, as far as there is room.
 */
export function middle(text: string, length: number): string {
  const all = [...text];
  if (all.length <= length) return text;
  const at = all.lastIndexOf('@');
  const end = at < 0 ? Math.floor(length / 3) : Math.min(all.length - at, Math.ceil(length * 0.7));
  return `${all.slice(0, length - 1 - end).join('')}…${all.slice(-end).join('')}`;
}

/**
 * What the command line calls a service: its own name in small letters, with a dash for whatever is neither
 * a letter nor a digit.
 */
export function nameAtTerminal(service: string): string {
  return service
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}

/** A service of which nothing is known any more but the id that its logins have. */
export function nameOfGone(provider: string): string {
  return capitalised(bareId(provider));
}

/** With a capital, as at the start of a sentence. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function counted(names: readonly string[], most: number): string {
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
