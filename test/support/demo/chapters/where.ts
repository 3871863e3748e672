import { join } from 'node:path';
import {
  accounts,
  filesIn,
  leaks,
  modeOf,
  peekabooLines,
  peekabooLogin,
  peekabooPath,
  short,
} from '../facts.ts';
import { maskToken } from '../mask-token.ts';
import type { Stage } from '../stage.ts';

/** 3: what lies where. */
export async function whereTheLoginsAre(stage: Stage): Promise<void> {
  await stage.authbar.run(['targets']);
  await sealed(stage);
  await inTheKeychain(stage);
  await inPeekaboosFile(stage);
}

async function sealed(stage: Stage): Promise<void> {
  const { narrator, state } = stage;
  narrator.gap();
  for (const { id } of await accounts(stage)) {
    const grant = join(state, 'accounts', id, 'grant');
    const mode = await modeOf(grant);
    narrator.check(`only you can read ${short(stage, grant)}`, mode, '600');
  }
  const open = await leaks(stage, await filesIn(state));
  narrator.check('and only with the key: no file of Authbar’s shows a token', open, []);
}

async function inTheKeychain(stage: Stage): Promise<void> {
  const { narrator, keyring } = stage;
  if (!keyring) {
    narrator.note(keychainSkipped(stage));
    return;
  }
  const { accounts: items, secrets } = await keyring.search('Authbar');
  const keys = items.filter((name) => name.startsWith('vault-key:'));
  narrator.check('the key is in the keyring', keys.length, 1);
  for (const provider of ['anthropic', 'openai'] as const) {
    const item = items.findIndex((name) => name.startsWith(`${provider}:`));
    const { refresh } = await peekabooLogin(stage, provider);
    const held = refresh !== '' && secrets[item]?.includes(refresh) === true;
    narrator.check(`the login is there too, as ${items[item] ?? `${provider}:…`}`, held);
  }
}

async function inPeekaboosFile(stage: Stage): Promise<void> {
  const { narrator, services } = stage;
  const path = peekabooPath(stage);
  narrator.note(`${short(stage, path)}, the secrets in it shortened:`);
  for (const line of await peekabooLines(stage)) {
    const secret = services.tokens.find((token) => line.endsWith(`=${token}`));
    if (!line.startsWith('#')) narrator.quote(secret ? line.replace(secret, maskToken) : line);
  }
  narrator.check('only you can read it', await modeOf(path), '600');
  const logins = await Promise.all(
    (['anthropic', 'openai'] as const).map((provider) => peekabooLogin(stage, provider)),
  );
  const work = logins.map(
    ({ access, refresh }) => services.tokens.includes(access) && services.active(refresh),
  );
  narrator.check('both logins in it are the services’ own, and work', work, [true, true]);
}

/** Why the keychain has no part in this story, and what would bring it. */
export function keychainSkipped({ keyringMissing }: Stage): string {
  const why =
    process.platform === 'linux'
      ? `${keyringMissing}.`
      : 'The demo leaves your own alone, and can bring one along on Linux only.';
  return `Skipped: the keychain. ${why} Here the key is in a file.`;
}
