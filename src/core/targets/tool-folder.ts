import { isAbsolute, resolve } from 'node:path';
import type { Context } from '../context.ts';

/** Who may say where a tool keeps its files, the first that does so counts. */
export interface FolderChoice {
  /** The person, to us: absolute, or below the home. */
  readonly chosen: string | undefined;
  /**
   * The tool's own variable. A relative one would be another folder wherever the tool is started, and the
   * XDG specification has it ignored.
   */
  readonly env?: string | undefined;
  /** Below the home. */
  readonly usual: string;
}

/** Where a tool keeps its files. */
export function toolFolder({ userHome }: Context, { chosen, env, usual }: FolderChoice): string {
  if (chosen) return resolve(userHome, chosen);
  return env && isAbsolute(env) ? resolve(env) : resolve(userHome, usual);
}
