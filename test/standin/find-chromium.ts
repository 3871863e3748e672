import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function playwrightsOwn(): Promise<string> {
  // Loaded only here: it takes longer than all the rest of the start.
  const { chromium } = await import('@playwright/test');
  return chromium.executablePath();
}

/** The Chromium of this machine: `AUTHBAR_CHROMIUM`, else of the PATH, else Playwright's own. */
export async function findChromium(env: NodeJS.ProcessEnv): Promise<string> {
  if (env.AUTHBAR_CHROMIUM) return env.AUTHBAR_CHROMIUM;
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const files = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = files.find(isExecutable) ?? (await playwrightsOwn());
  if (isExecutable(found)) return found;
  throw new Error(
    'No Chromium was found: install one, name it in AUTHBAR_CHROMIUM, or run "npx playwright install chromium".',
  );
}
