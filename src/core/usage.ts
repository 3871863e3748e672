import * as v from 'valibot';
import type { AccountView } from '../shared/account-view.ts';
import { AppError, asAppError } from '../shared/errors.ts';
import type { UsageWindow } from '../shared/usage.ts';
import { verdictOf } from './check.ts';
import type { Context } from './context.ts';
import { parseJson, readOptional, SCHEMA, writeState } from './files/json-file.ts';
import type { LoginSource } from './login-check.ts';
import { parseBody } from './oauth/answer-body.ts';
import { putQuestion, usageQuestion } from './oauth/question.ts';
import type { Outcome } from './oauth/transport.ts';
import { accountPaths } from './paths.ts';
import { providerShown } from './providers/index.ts';
import type { Provider } from './providers/provider.ts';
import type { AccessToken } from './token.ts';
import { Vault } from './vault/vault.ts';

/** As other programs give it; nobody waits longer for a bar, ms. */
const TIMEOUT = 10_000;

/** How long what was told is told again, ms. */
const FRESH = 5 * 60_000;

/** How long a service that does not tell us is left in peace, ms. */
const PEACE = 60 * 60_000;

/** How long a note waits for whoever works on the account, ms. */
const LOCK_WAIT = 1000;

/**
 * How much of a plan is used. `told` by the service · `untold` it does not tell us · `not-offered` nobody is
 * asked · `unknown` it could not be asked, or what it said makes no sense.
 */
export type Usage =
  | {
      readonly kind: 'told';
      /** The shortest first; none, where the plan has none. */
      readonly windows: readonly UsageWindow[];
      /** When it was told, epoch ms. */
      readonly readAt: number;
    }
  | { readonly kind: 'untold'; readonly readAt: number }
  | { readonly kind: 'not-offered' }
  | { readonly kind: 'unknown'; readonly error: AppError };

/** What was told last, in the account's folder; `null` for the windows: it was not told. No secret. */
const NoteSchema = v.object({
  schema: v.literal(SCHEMA),
  readAt: v.number(),
  windows: v.nullable(
    v.array(
      v.object({
        length: v.pipe(v.number(), v.minValue(1)),
        used: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
        resetsAt: v.nullable(v.number()),
      }),
    ),
  ),
});
type Note = v.InferOutput<typeof NoteSchema>;

/**
 * How much of an account's plan is used, for somebody who looks at it. What was told in the last 5 minutes
 * is not asked again, and a service that does not tell us not within the hour. Never rejects.
 * @param minLife Least life of the token that is asked with, ms: with 1 nothing is renewed that works.
 */
export async function usageOf(
  context: Context,
  source: Pick<LoginSource, 'token'>,
  account: AccountView,
  minLife: number,
): Promise<Usage> {
  const provider = providerShown(context.providers, account.provider);
  if (provider.endpoints.usageUrl === null) return { kind: 'not-offered' };
  try {
    const noted = await noteOf(context, account.id);
    if (noted) return usageIn(noted);
    const token = await source.token(account.id, minLife);
    return await ask(context, provider, token);
  } catch (error) {
    return { kind: 'unknown', error: asAppError(error) };
  }
}

async function ask(context: Context, provider: Provider, token: AccessToken): Promise<Usage> {
  const question = usageQuestion(provider, token.accessToken);
  if (!question) return { kind: 'not-offered' };
  const { outcome } = await putQuestion(context, token, question, TIMEOUT);
  const readAt = context.clock.now();
  const windows = windowsIn(provider, outcome, readAt);
  if (windows instanceof AppError) return { kind: 'unknown', error: windows };
  const note: Note = { schema: SCHEMA, readAt, windows: windows && [...windows] };
  await keep(context, token.account, note);
  return usageIn(note);
}

/** `null`: the service does not tell us. An error: nobody knows what it would tell. */
function windowsIn(
  provider: Provider,
  outcome: Outcome,
  now: number,
): readonly UsageWindow[] | null | AppError {
  const { service } = provider;
  const { result, code } = verdictOf(outcome);
  if (outcome.kind === 'answer' && result === 'works') {
    const windows = provider.usageFrom(parseBody(outcome.body), now);
    return windows ?? new AppError('service-refused', { service });
  }
  // A token that is not accepted is about the login, not about the question.
  const untold =
    outcome.kind === 'answer' &&
    outcome.status !== 401 &&
    (result === 'refused' || code === 'asked-to-wait' || code === 'service-refused');
  return untold ? null : new AppError(code ?? 'unreachable', { service });
}

function usageIn({ readAt, windows }: Note): Usage {
  return windows ? { kind: 'told', windows, readAt } : { kind: 'untold', readAt };
}

/** What need not be asked again yet. */
async function noteOf(context: Context, id: string): Promise<Note | null> {
  const bytes = await readOptional(context.fs, accountPaths(context.paths, id).usage);
  const note = v.safeParse(NoteSchema, bytes && parseJson(bytes));
  const now = context.clock.now();
  // Damaged, or the clock was set back: it is written anew.
  if (!note.success || note.output.readAt > now) return null;
  const { readAt, windows } = note.output;
  // What has begun anew meanwhile is used less than was told.
  const renewed = windows?.some(({ resetsAt }) => resetsAt !== null && resetsAt <= now);
  return now < readAt + (windows ? FRESH : PEACE) && !renewed ? note.output : null;
}

/** Best effort: without it the service is asked once more. Of an account that has left nothing is kept. */
async function keep(context: Context, id: string, note: Note): Promise<void> {
  const vault = new Vault(context);
  const lock = await vault.lock(id, LOCK_WAIT).catch(() => null);
  try {
    if (lock && (await vault.hasRecord(id))) {
      await writeState(context.fs, vault.paths(id).usage, note);
    }
  } catch (error) {
    const { code } = asAppError(error);
    context.log({ level: 'warn', event: 'usage-not-kept', fields: { account: id, code } });
  } finally {
    await lock?.release();
  }
}
