import type { Words } from '../words.ts';

/** Everything that may stand in a `{…}` of a text. The system's own words fill theirs by name. */
export interface Slots extends Words {
  /** As people know it: `Claude`. */
  readonly service: string;
  readonly tool: string;
  /** Names of tools, in the order in which they are told. */
  readonly tools: readonly string[];
  /** Names of services. */
  readonly services: readonly string[];
  /** The whole address, or shortened where there is little room. */
  readonly email: string | null;
  /** The person's own name for an account. */
  readonly name: string | null;
  readonly plan: string | null;
  readonly workspace: string | null;
  /** Whose login it is, what is known of them: `anna@work.example (Acme)`. */
  readonly holder: string;
  readonly newAccount: string;
  readonly oldAccount: string;
  /** A card's state in sentences. */
  readonly state: string;
  /** Lines of a card, as they are shown. */
  readonly lines: readonly string[];
  readonly count: number;
  /** `in 4 min`, `at 14:20`. */
  readonly when: string;
  /** `14:05`, `tomorrow at 09:10`. */
  readonly until: string;
  /** `12 October`. */
  readonly date: string;
  readonly version: string;
  /** What a person enters on another device, and the page where they do. */
  readonly code: string;
  readonly address: string;
  /** A label that is read with more words around it. */
  readonly label: string;
  /** Whether a switch is on. */
  readonly on: boolean;
}

/** What one text is filled with. */
export type Fill<Names extends keyof Slots> = Readonly<Pick<Slots, Names>>;

/** A text as it is, or what makes it. */
export type Text = string | ((slots: Slots) => string);

/** Texts by name, in groups. */
export interface Texts {
  readonly [name: string]: Text | Texts;
}
