/** Stay small inside a title, as in every Mac menu. */
const SMALL: ReadonlySet<string> = new Set('a an and as at by for in of on or the to'.split(' '));

/** "Sign in" is a verb of two words, and both are capital. */
const SIGN_IN = /^sign(?:ed|ing)?$/i;

/** Writes a text as menus of a system do. */
export type MenuWords = (text: string) => string;

/**
 * Menus have Title Case on a Mac, and the sentence case of our texts everywhere else.
 * @param names Of tools and services: they are spelled as they are.
 */
export function menuWordsFor(platform: string, names: readonly string[] = []): MenuWords {
  if (platform !== 'darwin') return escaped;
  const kept = new Set(names.flatMap((name) => name.split(' ')));
  return (text) => escaped(titleCase(text, kept));
}

/** `&` would underline the letter behind it. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&&');
}

function titleCase(text: string, kept: ReadonlySet<string>): string {
  const words = text.split(' ');
  return words
    .map((word, i) => {
      if (kept.has(word)) return word;
      const before = words[i - 1];
      const starts = before === undefined || /^[·–]$/.test(before) || SIGN_IN.test(before);
      return SMALL.has(word) && !starts ? word : word.charAt(0).toUpperCase() + word.slice(1);
    })
    .join(' ');
}
