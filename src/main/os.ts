import type { Os } from '../shared/app-state.ts';

/**
 * The looks of a system.
 * @param kernel Its version, as `os.release()` gives it: Darwin 25 is macOS 26.
 */
export function osOf(platform: NodeJS.Platform, kernel: string): Os {
  if (platform === 'win32') return 'win';
  if (platform !== 'darwin') return 'linux';
  return Number.parseInt(kernel, 10) >= 25 ? 'mac26' : 'mac';
}
