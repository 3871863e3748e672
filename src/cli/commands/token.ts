import type { AccessToken } from '../../core/token.ts';
import { perform, type Tools, unbroken } from '../command.ts';
import { printJson, printPlain } from '../output.ts';

/** What a tool needs before it starts something that lasts, ms. */
const USUAL_LIFE = 5 * 60_000;

/** How `authbar token` was asked. */
export interface TokenOptions {
  /** Least life that the token must have, ms; `undefined`: the usual, and a shorter one will do. */
  readonly minLife: number | undefined;
  readonly json: boolean;
}

/** The command from its start to the exit code. */
export async function runToken(name: string, options: TokenOptions): Promise<void> {
  await perform(
    unbroken((tools) => token(tools, name, options)),
    options.json,
  );
}

/** Prints an access token that works now. */
async function token(
  { engine }: Tools,
  name: string,
  { minLife, json }: TokenOptions,
): Promise<number> {
  const found = await engine.token(name, minLife ?? USUAL_LIFE);
  const left = found.expiresAt - Date.now();
  if (found.late && minLife !== undefined && left < minLife) throw found.late;
  if (json) printJson(documentOf(found));
  else printPlain(found.accessToken);
  if (left < (minLife ?? 0) || found.late) {
    const { tellShortLife } = await import('./short-life.ts');
    tellShortLife(left, found.late);
  }
  return 0;
}

function documentOf({ provider, account, accessToken, expiresAt, scopes }: AccessToken): object {
  return { provider, account, accessToken, tokenType: 'Bearer', expiresAt, scopes };
}
