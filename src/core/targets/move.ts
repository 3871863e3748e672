import { AppError } from '../../shared/errors.ts';
import type { Settings } from '../vault/settings.ts';
import { eachLogin, newest, welcome } from './each-login.ts';
import { isHere, requireHere, targetNamed } from './find.ts';
import { type Desk, publish, TARGET_DEADLINE } from './publish.ts';
import type { TargetId } from './target.ts';
import { type Withdrawal, withdrawFrom } from './withdraw.ts';

/**
 * Moves a target to another folder: our entries leave the old file, the logins are written to the new
 * one. What else is in either file stays.
 * @returns what was taken out of the old place.
 * @throws AppError when the new place cannot be written; then nothing was changed.
 */
export async function moveTarget(desk: Desk, id: TargetId, path: string): Promise<Withdrawal[]> {
  const old = targetNamed(desk, id);
  const to = (settings: Settings): Settings => ({
    ...settings,
    targets: { ...settings.targets, [id]: { ...settings.targets[id], path } },
  });
  const future = targetNamed({ ...desk, settings: to(desk.settings) }, id);
  if (future.path === null || old.path === null) {
    throw new AppError('wrong-use', { hint: `${old.name} has no folder that can be chosen.` });
  }
  await requireHere(future);
  await future.open(TARGET_DEADLINE, (open) => open.rehearse());
  const withdrawals: Withdrawal[] = [];
  // First, so that nobody who reads it from now on writes a login to the place that we take it out of.
  await desk.vault.changeSettings(to);
  if (await isHere(old)) {
    await eachLogin(desk, old, async (login) => {
      const { record } = await newest(desk, login);
      withdrawals.push(await withdrawFrom(desk, old, record));
    });
  }
  const moved: Desk = { ...desk, settings: await desk.vault.settings() };
  await eachLogin(moved, future, async ({ record, roster }) => {
    await welcome(moved, record.id, future);
    await publish(moved, record, { roster });
  });
  return withdrawals;
}
