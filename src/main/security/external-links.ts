import { shell } from 'electron';
import { mayOpen } from '../../core/app/links.ts';
import type { Context } from '../../core/context.ts';

/**
 * Hands an address to the system, which opens it in the person's browser or in its settings. The only
 * place from which anything is opened.
 * @returns false for what may not be opened, and for what the system did not open.
 */
export async function openExternal(address: string, context: Context): Promise<boolean> {
  if (!mayOpen(address, context)) {
    context.log({ level: 'error', event: 'link-refused' });
    return false;
  }
  try {
    await shell.openExternal(new URL(address).href);
    return true;
  } catch {
    return false;
  }
}
