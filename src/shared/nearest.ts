/** The one of `names` that somebody who typed `word` most likely meant; `null`: none is near. */
export function nearest(word: string, names: readonly string[]): string | null {
  const typed = word.trim().toLowerCase();
  const [best] = names
    .map((name) => ({ name, slips: slipsBetween(typed, name.toLowerCase()) }))
    .filter(({ name, slips }) => slips <= Math.max(typed.length, name.length) / 3)
    .sort((one, other) => one.slips - other.slips);
  return best?.name ?? null;
}

/**
 * What to say of a word that is none of `names`, without repeating it.
 * @param what What it should be one of: `service`, `tool`.
 * @param aliases What may be meant as well, and is not listed.
 */
export function noSuch(
  what: string,
  word: string,
  names: readonly string[],
  aliases: readonly string[] = [],
): string {
  const meant = nearest(word, [...names, ...aliases]);
  if (meant) return `There is no such ${what}. Did you mean ${meant}?`;
  const all = [names.slice(0, -1).join(', '), names.at(-1)].filter(Boolean);
  return `There is no such ${what}; it can be ${all.join(' or ')}.`;
}

/** How many letters were left out, put in, changed, or changed places (optimal string alignment). */
function slipsBetween(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, at) => at)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= one.length; row += 1) {
    rows.push([row]);
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      rows[row]?.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (same ? 0 : 1),
          swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(one.length, other.length);
}
