/** Why a text is no key of a service's. */
export const KEY_PROBLEMS = [
  'empty',
  'long',
  'lines',
  'named',
  'spaces',
  'characters',
  'quote',
  'short',
  'claude-login',
  'login',
  'other-service',
] as const;
/** See `KEY_PROBLEMS`. */
export type KeyProblem = (typeof KEY_PROBLEMS)[number];

/** As the window tells it, below the field. `{service}` is whose key it is. */
const SENTENCES: Readonly<Record<KeyProblem, string>> = {
  empty: 'Paste your key here.',
  long: 'That’s too long to be a key.',
  lines: 'A key is one line. Copy the key alone.',
  named: 'Leave out the name before the key, and the = behind it.',
  spaces: 'A key has no spaces. Copy the key alone.',
  characters: 'There are characters in it that no key has.',
  quote: 'There’s a quotation mark at one end. Copy all of the key.',
  short: 'That’s too short to be a key. Copy all of it.',
  'claude-login': 'That belongs to a Claude login. Sign in to Claude for that.',
  login: 'That belongs to a login. Sign in for that.',
  'other-service': 'That’s a key for {service}. Paste it there.',
};

/** The sentence for the window. @param owner Whose key it is, where that is the problem. */
export function keyProblemSentence(problem: KeyProblem, owner: string): string {
  return SENTENCES[problem].replace('{service}', owner);
}
