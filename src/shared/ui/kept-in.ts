import type { AppState } from '../app-state.ts';
import { wordsFor } from '../words.ts';
import { TEXTS } from './texts.ts';

/** Where the logins are kept, in the person's words; `null`: nowhere yet. */
export function keptIn({ vault, system }: Pick<AppState, 'vault' | 'system'>): string | null {
  if (vault.kind === null) return null;
  if (vault.kind === 'file') return TEXTS.keptIn.file;
  const { mac, elsewhere } = TEXTS.keptIn;
  return system.platform === 'darwin' ? mac : elsewhere(wordsFor(system.platform));
}
