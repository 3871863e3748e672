import type { AccountView } from '../shared/account-view.ts';
import { AppError } from '../shared/errors.ts';
import type { Context } from './context.ts';
import { providerShown } from './providers/index.ts';
import type { Provider } from './providers/provider.ts';
import { welcome } from './targets/each-login.ts';
import { targetNamed } from './targets/find.ts';
import { turnOf } from './targets/hand-over.ts';
import type { Desk } from './targets/publish.ts';
import { modeOf, targetsOf } from './targets/registry.ts';
import type { Target, TargetId } from './targets/target.ts';
import { chosenAt, cleanName, withChoices, withChosenAt } from './vault/choices.ts';
import { accountFor, allAccounts } from './vault/roster.ts';
import { readSettings, type Settings } from './vault/settings.ts';

/** Where an account goes among the others. */
export type Move = 'first' | 'last' | 'up' | 'down';

/** States in which a login is of no use to a tool until the person has done something. */
const USELESS: readonly AccountView['state'][] = ['sign-in-again', 'other-computer'];

/**
 * Has the tools get this account's login, or one tool alone. One write of the settings decides it; every look
 * from then on brings the tools in step, whoever makes it. A tool that is given what the others get has no
 * choice of its own any more.
 * @returns the accounts that have to be looked after first, for a tool may have renewed their login in the
 * places that they leave.
 * @throws AppError `wrong-use` for a tool that can't have a login of its own, is off or of no use for this
 * one; why the login is of no use.
 */
export async function chooseAccount(
  desk: Desk,
  view: AccountView,
  tool: TargetId | null,
): Promise<string[]> {
  const { context, vault } = desk;
  const own = providerShown(context.providers, view.provider);
  const { id: provider, service } = own;
  if (view.code === 'sign-out-unfinished') throw new AppError('no-such-login', { service });
  if (USELESS.includes(view.state)) throw new AppError(view.code ?? 'login-ended', { service });
  const target = tool && targetNamed(desk, tool);
  if (target) requireUse(desk, target, own);
  // First, for it means nothing while the login is not to be there.
  if (target) await makeWelcome(desk, view.id, target);
  const roster = await allAccounts(vault);
  await vault.changeSettings((settings) => {
    if (!target) {
      return withChoices(settings, ({ chosen }) => ({
        chosen: { ...chosen, [provider]: view.id },
      }));
    }
    const isUsual = accountFor(roster, settings, provider, null) === view.id;
    return withChosenAt(settings, target.id, provider, isUsual ? null : view.id);
  });
  await context.step('choice:written');
  const chosen: Desk = { ...desk, settings: await vault.settings() };
  return roster
    .filter(({ facts }) => facts.provider === provider)
    .filter((known) => turnOf(chosen, known, roster) === 0)
    .map(({ facts }) => facts.id);
}

function requireUse({ settings }: Desk, target: Target, { id: provider, service }: Provider): void {
  const { id, name } = target;
  const off = modeOf(target, settings) === 'off';
  const hints = [
    target.everyAccount && 'The keychain has every login; there is nothing to choose.',
    !target.serves(provider) && `${name} has no use for a ${service} login.`,
    off && `${name} is off. Run \`authbar targets enable ${id}\` first.`,
  ];
  const hint = hints.find((each) => each !== false);
  if (hint) throw new AppError('wrong-use', { hint });
}

/** What the person once removed or declined there comes back. */
async function makeWelcome(desk: Desk, id: string, target: Target): Promise<void> {
  const lock = await desk.vault.lock(id);
  try {
    await welcome(desk, id, target);
  } finally {
    await lock.release();
  }
}

/**
 * Gives an account a name of the person's own, or takes it away.
 * @throws AppError `wrong-use` for one of which nothing is left once it is clean.
 */
export async function renameAccount(desk: Desk, id: string, name: string | null): Promise<void> {
  const clean = name === null ? null : cleanName(name);
  if (clean === '') throw new AppError('wrong-use', { hint: 'A name has to have a letter in it.' });
  await desk.vault.changeSettings((settings) =>
    withChoices(settings, ({ names: { [id]: _, ...others } }) => ({
      names: clean === null ? others : { ...others, [id]: clean },
    })),
  );
}

/**
 * Puts an account elsewhere among the others. Which ones the tools get stays as it is: from then on that is
 * the person's choice, and no matter of order.
 * @param views All accounts, as they stand now.
 */
export async function moveAccount(
  desk: Desk,
  views: readonly AccountView[],
  id: string,
  to: Move,
): Promise<void> {
  const order = movedIn(
    views.map((view) => view.id),
    id,
    to,
  );
  const used = views.filter(({ inUse }) => inUse).map((view) => [view.provider, view.id]);
  await desk.vault.changeSettings(
    (settings): Settings =>
      withChoices(settings, ({ chosen }) => ({
        order,
        chosen: { ...chosen, ...Object.fromEntries(used) },
      })),
  );
}

/** `ids` with one of them elsewhere. */
export function movedIn(ids: readonly string[], id: string, to: Move): string[] {
  const at = ids.indexOf(id);
  const others = ids.filter((other) => other !== id);
  const place = { first: 0, last: others.length, up: Math.max(at - 1, 0), down: at + 1 }[to];
  return [...others.slice(0, place), id, ...others.slice(place)];
}

/** An account that one tool alone was given. */
export interface OwnChoice {
  /** As people know the tool. */
  readonly tool: string;
  readonly provider: string;
  /** The account's id. It may be gone. */
  readonly account: string;
}

/** What was chosen for tools by themselves. */
export async function ownChoices(context: Context): Promise<OwnChoice[]> {
  const settings = await readSettings(context);
  return targetsOf(context, settings).flatMap(({ id, name }) =>
    Object.entries(chosenAt(settings, id)).map(([provider, account]) => ({
      tool: name,
      provider,
      account,
    })),
  );
}
