import { askEngine } from '../../core/broker/ask.ts';
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
async function token(tools: Tools, name: string, { minLife, json }: TokenOptions): Promise<number> {
  const found = await takeToken(tools, name, minLife).catch(async (error) => {
    const { withoutKeys } = await import('./key-instead.ts');
    throw await withoutKeys(tools, name, error);
  });
  if (json) printJson(documentOf(found));
  else printPlain(found.accessToken);
  await mentionShortLife(found, minLife);
  return 0;
}

/**
 * An access token for a program that starts now, of the engine that runs, if one does.
 * @throws AppError as `Engine.token`, and where it has less than the life that was asked for.
 */
export async function takeToken(
  { engine, context }: Tools,
  name: string,
  minLife: number | undefined,
): Promise<AccessToken> {
  const life = minLife ?? USUAL_LIFE;
  const found = await askEngine(
    context,
    (running) => running.token(name, life),
    () => engine.token(name, life),
  );
  if (found.late && minLife !== undefined && leftOf(found) < minLife) throw found.late;
  return found;
}

/** Tells the person of a token with less life than they may think. */
export async function mentionShortLife(
  found: AccessToken,
  minLife: number | undefined,
): Promise<void> {
  const left = leftOf(found);
  if (left >= (minLife ?? 0) && !found.late) return;
  const { tellShortLife } = await import('./short-life.ts');
  tellShortLife(left, found.late);
}

function leftOf({ expiresAt }: AccessToken): number {
  return expiresAt - Date.now();
}

function documentOf({ provider, account, accessToken, expiresAt, scopes }: AccessToken): object {
  return { provider, account, accessToken, tokenType: 'Bearer', expiresAt, scopes };
}
