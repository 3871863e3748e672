import { release } from 'node:os';
import { app } from 'electron';
import { osOf } from './os.ts';

/**
 * Whose manners the window, the icon and the menus have. The end-to-end specs play other systems' with
 * `AUTHBAR_E2E_PLATFORM`; what the engine does never depends on it.
 */
export const platform: NodeJS.Platform = app.isPackaged
  ? process.platform
  : ((process.env.AUTHBAR_E2E_PLATFORM as NodeJS.Platform | undefined) ?? process.platform);

/** The looks of the running system. */
export const os = osOf(platform, release());
