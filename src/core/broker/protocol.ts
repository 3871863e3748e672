import * as v from 'valibot';
import type { AccountView } from '../../shared/account-view.ts';
import { AppError, ERROR_CODES, type ErrorDetails } from '../../shared/errors.ts';
import type { RefreshReport } from '../engine.ts';
import { ProviderIdSchema, TokenSchema } from '../grant.ts';
import { redactShapes } from '../redact.ts';
import type { Status } from '../survey.ts';
import type { AccessToken } from '../token.ts';
import { VaultKindSchema } from '../vault/settings.ts';

/**
 * What is spoken on the broker's socket: one JSON document a line, `v` in each of them. A request has an
 * `id` and a `method`; its answer has the same `id`, and a `result` or an `error`. Answers come in any order,
 * and an `event` comes unasked to those who subscribed.
 */
export const PROTOCOL = 1;

/** Longest line of a client without its end, bytes. */
export const MAX_REQUEST = 64 * 1024;

/** Longest line of a server without its end, bytes: whatever there is to tell of 1000 accounts, twice. */
export const MAX_ANSWER = 1024 * 1024;

/** 32 bytes in hex. */
const HexSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const NameSchema = v.pipe(v.string(), v.maxLength(512));
const IdSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const VersionedSchema = v.object({ v: v.number() });
const NumberedSchema = v.object({ id: IdSchema });

const RequestSchema = v.variant('method', [
  /** First a nonce, then a proof, where a key is to be proven; else neither. */
  v.object({
    method: v.literal('hello'),
    nonce: v.exactOptional(HexSchema),
    proof: v.exactOptional(HexSchema),
  }),
  v.object({
    method: v.literal('token'),
    name: NameSchema,
    /** Least life that it must have, ms. */
    minLife: v.pipe(v.number(), v.finite(), v.minValue(0)),
  }),
  v.object({ method: v.literal('status') }),
  v.object({
    method: v.literal('refresh'),
    /** `null`: all of them. */
    name: v.optional(v.nullable(NameSchema), null),
    force: v.optional(v.boolean(), false),
  }),
  v.object({ method: v.literal('subscribe') }),
  v.object({ method: v.literal('yield') }),
]);

/** What a client may ask. */
export type Request = v.InferOutput<typeof RequestSchema>;
/** The same, as a client writes it. */
export type RequestInput = v.InferInput<typeof RequestSchema>;

/** No field that `ErrorDetails` does not have, and so none for a secret. */
const DetailsSchema: v.GenericSchema<unknown, ErrorDetails> = v.object({
  service: v.exactOptional(v.string()),
  tool: v.exactOptional(v.string()),
  program: v.exactOptional(v.string()),
  retryAt: v.exactOptional(v.number()),
  path: v.exactOptional(v.string()),
  hint: v.exactOptional(v.string()),
  asked: v.exactOptional(v.string()),
  names: v.exactOptional(v.array(v.string())),
  signingIn: v.exactOptional(v.boolean()),
  pid: v.exactOptional(v.number()),
  offBy: v.exactOptional(v.number()),
  newAccount: v.exactOptional(v.string()),
  oldAccount: v.exactOptional(v.string()),
});

/** A code that this version does not know is a failure all the same. */
const CodeSchema = v.fallback(v.picklist(ERROR_CODES), 'unexpected');

const ErrorSchema = v.pipe(
  v.object({ code: CodeSchema, details: DetailsSchema }),
  v.transform(({ code, details }) => new AppError(code, details)),
);

const NullableString = v.nullable(v.string());
const NullableTime = v.nullable(v.number());

const ViewSchema: v.GenericSchema<unknown, AccountView> = v.object({
  id: v.string(),
  provider: v.string(),
  email: NullableString,
  workspace: NullableString,
  plan: NullableString,
  name: NullableString,
  inUse: v.boolean(),
  state: v.picklist([
    'signed-in',
    'late',
    'waiting',
    'sign-in-again',
    'paused',
    'locked',
    'other-computer',
  ]),
  code: v.nullable(CodeSchema),
  expiresAt: NullableTime,
  renewedAt: NullableTime,
  renewsAt: NullableTime,
  signInBy: NullableTime,
});

/** The result of `token`. */
export const AccessTokenSchema: v.GenericSchema<unknown, AccessToken> = v.object({
  provider: ProviderIdSchema,
  account: v.string(),
  accessToken: TokenSchema,
  expiresAt: v.number(),
  scopes: v.array(v.string()),
  origin: v.string(),
  late: v.nullable(ErrorSchema),
});

/** The result of `status`. */
export const StatusSchema: v.GenericSchema<unknown, Status> = v.object({
  vault: v.object({
    kind: v.nullable(VaultKindSchema),
    state: v.picklist(['open', 'closed', 'locked', 'denied', 'unavailable']),
  }),
  accounts: v.array(ViewSchema),
});

/** The result of `refresh`. */
export const ReportsSchema: v.GenericSchema<unknown, RefreshReport[]> = v.array(
  v.object({
    account: ViewSchema,
    how: v.picklist(['not-needed', 'adopted', 'renewed', 'failed', 'signed-out']),
    error: v.nullable(ErrorSchema),
  }),
);

/** The result of `hello` where a key is to be proven, before the client has. */
export const ChallengeSchema = v.object({ nonce: HexSchema, proof: HexSchema });

/** The result of what has none. */
export const NothingSchema = v.object({});

const MessageSchema = v.union([
  v.object({ id: v.nullable(IdSchema), error: ErrorSchema }),
  v.object({ id: IdSchema, result: v.unknown() }),
  v.object({ event: v.literal('changed') }),
]);

/** What a server says. With an `id` of `null` it means a line that it could not make sense of. */
export type Message = v.InferOutput<typeof MessageSchema>;

/** A client's line with its end. @throws AppError `wrong-use` for one that would be too long. */
export function encodeRequest(request: RequestInput & { readonly id: number }): string {
  return encode(request, MAX_REQUEST);
}

/** What a server says, of a result that is not looked at yet. */
export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number | null; readonly error: AppError }
  | { readonly event: 'changed' };

/** A server's line with its end; of an answer that cannot be one, that failure. Never throws. */
export function encodeAnswer(answer: Answer): string {
  try {
    return encode(answer, MAX_ANSWER);
  } catch (error) {
    // Of bounded length, whatever the answer was.
    const id = 'id' in answer ? answer.id : null;
    return encode({ id, error: new AppError('unexpected', {}, error) }, MAX_ANSWER);
  }
}

function encode(message: object, longest: number): string {
  const line = JSON.stringify({ v: PROTOCOL, ...message }, (_, value) =>
    value instanceof AppError ? plainError(value) : value,
  );
  if (Buffer.byteLength(line) > longest) {
    throw new AppError('wrong-use', { hint: 'That is too long for Authbar’s socket.' });
  }
  return `${line}\n`;
}

/** What a client's line asks, or why that cannot be told; without an `id` there is nobody to answer. */
export type ReadRequest =
  | { readonly id: number; readonly request: Request | AppError }
  | { readonly id: null; readonly request: AppError };

/** A client's line. */
export function readRequest(line: string): ReadRequest {
  const value = parsed(line);
  const numbered = v.safeParse(NumberedSchema, value);
  const request = understood(RequestSchema, value);
  if (numbered.success) return { id: numbered.output.id, request };
  return { id: null, request: request instanceof AppError ? request : foreign() };
}

/** A server's line. @throws AppError `newer-version`, or `wrong-use` for what is none. */
export function readMessage(line: string): Message {
  const message = understood(MessageSchema, parsed(line));
  if (message instanceof AppError) throw message;
  return message;
}

/** What a client is told when nobody answers, or not any more. */
export function nobodyThere(): AppError {
  return new AppError('engine-gone');
}

function understood<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
): v.InferOutput<S> | AppError {
  const versioned = v.safeParse(VersionedSchema, value);
  if (!versioned.success) return foreign();
  if (versioned.output.v > PROTOCOL) return new AppError('newer-version');
  const result = v.safeParse(schema, value);
  return result.success && versioned.output.v === PROTOCOL ? result.output : foreign();
}

function foreign(): AppError {
  return new AppError('wrong-use', { hint: 'That is not what is spoken on Authbar’s socket.' });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function plainError({ code, details }: AppError): object {
  const { hint, ...rest } = details;
  return { code, details: { ...rest, ...(hint !== undefined && { hint: redactShapes(hint) }) } };
}
