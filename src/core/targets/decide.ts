import { AppError } from '../../shared/errors.ts';
import { NO_IDENTITY, type ProviderId } from '../grant.ts';
import type { Provider } from '../providers/provider.ts';
import type { Mode, Settings } from '../vault/settings.ts';
import { eachLogin, type Login, newest, welcome } from './each-login.ts';
import { isHere, requireHere, targetNamed } from './find.ts';
import { NO_NOTE, noteAbout, relate } from './lineage.ts';
import { gets } from './places.ts';
import { type Desk, noteTarget, openTarget, publish } from './publish.ts';
import { modeOf } from './registry.ts';
import { dropTaken, type KeptTaken, keepTaken, newestTaken, takenNames } from './taken.ts';
import type { Held, Holder, Target, TargetId } from './target.ts';
import { type Withdrawal, withdrawFrom } from './withdraw.ts';

/** What the person wants of a target; `on`: as it was, or what is usual there. */
export type ModeChoice = Mode | 'on';

/**
 * Turns a target on or off, or changes how much of a login it gets, and brings it in step at once. A mode
 * can be chosen before the tool is there; `on` is for one that is.
 * @returns what was taken out of a target that is off now.
 */
export async function setTargetMode(
  desk: Desk,
  id: TargetId,
  choice: ModeChoice,
): Promise<Withdrawal[]> {
  const target = targetNamed(desk, id);
  if (choice === 'on') await requireHere(target);
  const mode = choice === 'on' ? modeWhenOn(target, desk.settings) : choice;
  // First, so that nobody who reads it from now on puts a login there that we have just taken out.
  await desk.vault.changeSettings((settings) => ({
    ...settings,
    targets: { ...settings.targets, [id]: { ...settings.targets[id], mode } },
  }));
  const changed: Desk = { ...desk, settings: await desk.vault.settings() };
  const withdrawals: Withdrawal[] = [];
  if (!(await isHere(target))) return withdrawals;
  await eachLogin(desk, target, async (login) => {
    const { record, roster } = await newest(desk, login);
    if (mode === 'off') {
      withdrawals.push(await withdrawFrom(desk, target, record));
    } else {
      await welcome(changed, record.id, target);
      await publish(changed, record, { roster });
    }
  });
  return withdrawals;
}

/**
 * Puts our logins into a target, whatever is there. What was there is kept for 7 days.
 * @returns whether anything was replaced that is kept now.
 * @throws AppError `wrong-use` for a target that is off, not installed or of no use for that login,
 * `no-such-login`. What cannot be written now is owed.
 */
export async function takeTarget(
  desk: Desk,
  id: TargetId,
  provider: ProviderId | null,
): Promise<boolean> {
  const target = targetNamed(desk, id);
  const services = servicesOf(desk, target, provider);
  await requireHere(target);
  if (modeOf(target, desk.settings) === 'off') {
    const hint = `${target.name} is off. Run \`authbar targets enable ${id}\` first.`;
    throw new AppError('wrong-use', { hint });
  }
  const before = await takenNames(desk);
  let found = false;
  await eachLogin(desk, target, async (login) => {
    if (provider !== null && login.record.provider !== provider) return;
    const { record, roster } = await newest(desk, login);
    if (!gets(desk, target, record, roster)) return;
    found = true;
    await welcome(desk, record.id, target);
    await publish(desk, record, { roster, take: id });
  });
  if (!found) throw nobody(services);
  return [...(await takenNames(desk))].some((name) => !before.has(name));
}

/**
 * Puts back what a take replaced, and leaves the target alone from then on, until it is taken or turned
 * on again. What a stranger put there meanwhile is kept in its stead.
 * @throws AppError `wrong-use` where nothing was taken in the last 7 days, and what reading and writing
 * there means: then it is still kept.
 */
export async function restoreTarget(
  desk: Desk,
  id: TargetId,
  provider: ProviderId | null,
): Promise<void> {
  const target = targetNamed(desk, id);
  const services = servicesOf(desk, target, provider);
  await requireHere(target);
  const kept: KeptTaken[] = [];
  for (const service of services) {
    const from = { target: id, provider: service.id, path: target.path };
    const taken = await newestTaken(desk, from);
    if (taken) kept.push(taken);
  }
  if (kept.length === 0) {
    throw new AppError('wrong-use', { hint: 'Nothing was taken there in the last 7 days.' });
  }
  for (const taken of kept) {
    let done = false;
    await eachLogin(desk, target, async (login) => {
      if (!hasItsPlace(desk, target, login, taken)) return;
      await putBack(desk, target, taken, await newest(desk, login));
      done = true;
    });
    if (!done) await putBack(desk, target, taken, null);
  }
}

/** Whether it is this login that took the place of what is to be put back, or its follower. */
function hasItsPlace(
  desk: Desk,
  target: Target,
  { record, roster }: Login,
  taken: KeptTaken,
): boolean {
  if (record.provider !== taken.provider) return false;
  return target.everyAccount ? record.id === taken.account : gets(desk, target, record, roster);
}

/** @param login Whose place it has; `null`: nobody is signed in there any more. */
async function putBack(
  desk: Desk,
  target: Target,
  taken: KeptTaken,
  login: Login | null,
): Promise<void> {
  const { provider, account, holder: owner } = taken;
  const holder: Holder = login?.record ?? { provider, id: account, identity: NO_IDENTITY };
  await openTarget(desk, target, async (open) => {
    await open.sweep();
    const held = await open.read(holder);
    const stranger = (await isOurs(desk, target, held, login)) ? null : await open.keep(holder);
    if (stranger !== null && stranger !== taken.kept) {
      const { target: id, path } = taken;
      await keepTaken(desk, { target: id, provider, account: holder.id, path, kept: stranger });
    }
    await open.restore(holder, taken.kept);
  });
  if (login) {
    const note = { ...NO_NOTE, declined: true, holder: owner };
    await noteTarget(desk, holder.id, target, note);
  }
  await dropTaken(desk, taken);
}

/** Whether it is nothing but our login, which the vault has. */
async function isOurs(
  { vault }: Desk,
  target: Target,
  held: Held,
  login: Login | null,
): Promise<boolean> {
  if (!login) return false;
  const ledger = await vault.readLedger(login.record.id);
  const relation = relate(held, login.record.grant, ledger, noteAbout(target, ledger));
  return relation === 'in-step' || relation === 'older';
}

function nobody([provider]: readonly Provider[]): AppError {
  return new AppError('no-such-login', provider ? { service: provider.service } : {});
}

function modeWhenOn(target: Target, settings: Settings): Mode {
  const modes = [modeOf(target, settings), target.defaultMode];
  return modes.find((mode) => mode !== 'off') ?? 'shared';
}

/** The services that are meant. @throws AppError `wrong-use` for one that the tool has no use for. */
function servicesOf({ context }: Desk, target: Target, provider: ProviderId | null): Provider[] {
  const all = Object.values(context.providers);
  const named = all.filter(({ id }) => provider === null || id === provider);
  const served = named.filter(({ id }) => target.serves(id));
  if (served.length > 0) return served;
  const names = named.map(({ service }) => service).join(' or ');
  throw new AppError('wrong-use', { hint: `${target.name} has no use for a ${names} login.` });
}
