import { dirname } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Desk } from './publish.ts';
import { targetsOf } from './registry.ts';
import type { Target, TargetId } from './target.ts';

/** The target of that name, as the settings have it. */
export function targetNamed(
  { context, settings }: Pick<Desk, 'context' | 'settings'>,
  id: TargetId,
): Target {
  const found = targetsOf(context, settings).find((target) => target.id === id);
  if (!found) throw new AppError('wrong-use', { hint: `Authbar cannot write for ${id} here.` });
  return found;
}

/** Whether there is anything that could hold a login. What has no file is asked for it. */
export async function isHere(target: Target): Promise<boolean> {
  return target.path === null || (await target.installed());
}

/** @throws AppError `wrong-use`, where the tool is not on this computer. */
export async function requireHere(target: Target): Promise<void> {
  if (await target.installed()) return;
  const { name, path } = target;
  const hint =
    path === null
      ? `${name} was not found here.`
      : `${name} is not installed here: there is no folder ${dirname(path)}.`;
  throw new AppError('wrong-use', { hint });
}

/** Whether a program that reads the target is on this machine. */
export async function isPresent(target: Target): Promise<boolean> {
  return target.present ? target.present() : target.installed();
}
