import * as v from 'valibot';
import { cleanText } from '../redact.ts';
import type { Settings } from './settings.ts';

/** Longest name that a person may give an account, in characters. */
export const LONGEST_NAME = 40;

/** Each by itself: what cannot be understood is as if it was never chosen. */
const IdSchema = v.fallback(v.string(), '');
const ByProviderSchema = v.fallback(v.record(v.string(), IdSchema), {});
const ChoicesSchema = v.looseObject({
  /** By provider: the id of the account that the tools get. */
  chosen: ByProviderSchema,
  /** The accounts' ids as the person has put them. Those that are not among them follow, as they were added. */
  order: v.fallback(v.array(IdSchema), []),
  /** By id: the person's own names. */
  names: v.fallback(v.record(v.string(), v.fallback(v.string(), '')), {}),
});

/** What the person chose about several accounts: `accounts` in `settings.json`. */
export type Choices = v.InferOutput<typeof ChoicesSchema>;

const NO_CHOICES: Choices = v.parse(ChoicesSchema, {});

/** Where a login may go to, as a person can choose it for each place. `null`: whatever has no choice of its own. */
export type ChoicePlace = string | null;

/** What was chosen about the accounts. */
export function choicesOf({ accounts }: Pick<Settings, 'accounts'>): Choices {
  return v.parse(v.fallback(ChoicesSchema, NO_CHOICES), accounts ?? {});
}

/** The settings with some of that changed. What a newer version keeps beside it stays. */
export function withChoices(
  settings: Settings,
  change: (choices: Choices) => Partial<Choices>,
): Settings {
  const choices = choicesOf(settings);
  return { ...settings, accounts: { ...choices, ...change(choices) } };
}

/** The accounts that one place was given by itself, by provider. */
export function chosenAt(
  settings: Pick<Settings, 'targets'>,
  place: string,
): Readonly<Record<string, string>> {
  return v.parse(ByProviderSchema, settings.targets[place]?.accounts ?? {});
}

/** The settings with an account of its own for one place; `null`: it gets what the others get. */
export function withChosenAt(
  settings: Settings,
  place: string,
  provider: string,
  id: string | null,
): Settings {
  const { [provider]: _, ...others } = chosenAt(settings, place);
  const accounts = id === null ? others : { ...others, [provider]: id };
  const before = settings.targets[place];
  return {
    ...settings,
    targets: { ...settings.targets, [place]: { ...before, accounts } },
  };
}

/** The accounts that were chosen, the more particular choice first. */
export function wantedIds(settings: Settings, provider: string, place: ChoicePlace): string[] {
  const own = place === null ? undefined : chosenAt(settings, place)[provider];
  return [own, choicesOf(settings).chosen[provider]].flatMap((id) => (id ? [id] : []));
}

/** The name that the person gave an account, safe to be shown; `null`: none. */
export function nameGiven(settings: Pick<Settings, 'accounts'>, id: string): string | null {
  return cleanName(choicesOf(settings).names[id] ?? '') || null;
}

/** A name on one line, without what would rearrange the text around it. */
export function cleanName(text: string): string {
  return cleanText(text, LONGEST_NAME);
}

/** Whether anything was chosen about an account. */
export function isMentioned(settings: Settings, id: string): boolean {
  const { chosen, order, names } = choicesOf(settings);
  const own = Object.keys(settings.targets).map((place) => chosenAt(settings, place));
  const ids = [chosen, ...own].flatMap((each) => Object.values(each));
  return [...ids, ...order, ...Object.keys(names)].includes(id);
}

/** The settings once an account is gone. */
export function withoutAccount(settings: Settings, id: string): Settings {
  const targets = Object.entries(settings.targets).map(([place, target]) =>
    target.accounts === undefined
      ? [place, target]
      : [place, { ...target, accounts: without(chosenAt(settings, place), id) }],
  );
  return withChoices({ ...settings, targets: Object.fromEntries(targets) }, (choices) => {
    const { [id]: _, ...names } = choices.names;
    const order = choices.order.filter((other) => other !== id);
    return { chosen: without(choices.chosen, id), order, names };
  });
}

/** The settings once an account was found to be another one of the same person's, which takes its place. */
export function withAccountReplaced(settings: Settings, id: string, by: string): Settings {
  const moved = (chosen: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(chosen).map(([key, each]) => [key, each === id ? by : each]));
  const targets = Object.entries(settings.targets).map(([place, target]) =>
    target.accounts === undefined
      ? [place, target]
      : [place, { ...target, accounts: moved(chosenAt(settings, place)) }],
  );
  return withChoices({ ...settings, targets: Object.fromEntries(targets) }, (choices) => {
    const { [id]: given, ...names } = choices.names;
    const order = choices.order.includes(by)
      ? choices.order.filter((each) => each !== id)
      : choices.order.map((each) => (each === id ? by : each));
    return {
      chosen: moved(choices.chosen),
      order,
      names: given === undefined ? names : { [by]: given, ...names },
    };
  });
}

function without(chosen: Readonly<Record<string, string>>, id: string): Record<string, string> {
  return Object.fromEntries(Object.entries(chosen).filter(([, other]) => other !== id));
}
