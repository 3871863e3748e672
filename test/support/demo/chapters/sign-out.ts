import {
  accounts,
  filesIn,
  leaks,
  peekabooLines,
  peekabooLogin,
  peekabooPath,
  short,
} from '../facts.ts';
import type { Stage } from '../stage.ts';

/** 9: both logins go, everywhere. */
export async function signOut(stage: Stage): Promise<void> {
  const { authbar, narrator, services, keyring, folder } = stage;
  // The search has to find what is there, or finding nothing later would prove nothing.
  const shown = await leaks(stage, await filesIn(folder));
  const { access } = await peekabooLogin(stage, 'anthropic');
  const before = await profileStatus(stage, access);
  await authbar.run(['logout', 'claude']);
  await authbar.run(['logout', 'chatgpt']);
  await authbar.run(['status'], { upTo: /authbar login/ });
  narrator.check('nobody is signed in', await accounts(stage), []);
  const active = services.tokens.filter((token) => services.active(token));
  narrator.check('at the services no login can be renewed any more', active.length, 0);
  const opened = [before, await profileStatus(stage, access)];
  narrator.check('what Claude had opened with the last one is closed', opened, [200, 401]);
  if (keyring) {
    const { accounts: items } = await keyring.search('Authbar');
    const logins = items.filter((name) => !name.startsWith('vault-key:'));
    narrator.check('the keyring has no login left', logins, []);
  }
  const lines = (await peekabooLines(stage)).filter((line) => !line.startsWith('#'));
  narrator.check('Peekaboo’s file has nothing but its comments', lines, []);
  await nothingLeft(stage, shown);
}

/** What Claude answers to a tool that comes with this login. */
async function profileStatus({ services }: Stage, access: string): Promise<number> {
  const url = services.endpoints.anthropic.profileUrl ?? '';
  const { status } = await fetch(url, { headers: { authorization: `Bearer ${access}` } });
  return status;
}

async function nothingLeft(stage: Stage, before: readonly string[]): Promise<void> {
  const { narrator, authbar, services, folder } = stage;
  const secrets = services.tokens;
  const path = peekabooPath(stage);
  narrator.check(
    `a search for all ${secrets.length} secrets found ${short(stage, path)} before`,
    before,
    [path],
  );
  const files = await filesIn(folder);
  narrator.check(
    `and finds none of them now, in any of ${files.length} files`,
    await leaks(stage, files),
    [],
  );
  const told = secrets.filter((secret) => authbar.printed.includes(secret));
  narrator.check('nor in any line that Authbar printed', told.length, 0);
}
