import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import {
  ensurePrivateFolder,
  mapFileError,
  sweepTemporary,
  writeDurable,
} from '../files/durable.ts';
import { isMissing, parseJson, readOptional, SCHEMA } from '../files/json-file.ts';
import { type ProviderId, ProviderIdSchema } from '../grant.ts';
import type { Desk } from './publish.ts';
import { TARGET_IDS, type TargetId } from './target.ts';

/** How long it can be put back, ms. */
const KEPT_FOR = 7 * 24 * 60 * 60_000;

/** The file's name, which the seal is bound to: target, provider, epoch ms, and what makes it unique. */
const NAME = /^([a-z-]+)\.([a-z]+)\.(\d{1,16})\.[0-9a-f]{8}$/;

const ContentSchema = v.object({
  schema: v.literal(SCHEMA),
  account: v.string(),
  path: v.nullable(v.string()),
  holder: v.nullable(v.string()),
  kept: v.string(),
});

/** Where something was taken. */
export interface TakenFrom {
  readonly target: TargetId;
  readonly provider: ProviderId;
  /** The target's path at that time: what was in one file is not put into another. */
  readonly path: string | null;
}

/** What a take replaced. */
export interface Taken extends TakenFrom {
  /** Whose login took its place: the account's id. */
  readonly account: string;
  /** What the target told to keep. Secret. */
  readonly kept: string;
}

/** What a take replaced, as it is kept. */
export interface KeptTaken extends Taken {
  /** The name of its file. */
  readonly name: string;
  /** When, epoch ms. */
  readonly at: number;
  /** Whose login it is, as far as that was found out. */
  readonly holder: string | null;
}

interface Name extends Pick<Taken, 'target' | 'provider'> {
  readonly name: string;
  readonly at: number;
}

/**
 * Keeps what is about to be replaced in a target, durable when it resolves. The caller holds the
 * account's lock.
 * @throws AppError `disk-full`, `folder-protected`, and what the keychain throws: then nothing may be
 * replaced.
 */
export async function keepTaken({ context, vault }: Desk, taken: Taken): Promise<void> {
  const { target, provider, account, path, kept } = taken;
  const { fs, paths, clock } = context;
  const { holder = null } = (await vault.readLedger(account)).targets[target] ?? {};
  const content: v.InferOutput<typeof ContentSchema> = {
    schema: SCHEMA,
    account,
    path,
    holder,
    kept,
  };
  const name = `${target}.${provider}.${clock.now()}.${randomBytes(4).toString('hex')}`;
  const sealed = await vault.seal(Buffer.from(JSON.stringify(content)), name);
  await ensurePrivateFolder(fs, paths.taken);
  await writeDurable(fs, join(paths.taken, name), sealed);
}

/**
 * The last thing that was taken there in the last 7 days; `null`: nothing. What cannot be opened any
 * more is passed over.
 * @throws AppError what the keychain throws while it is locked, `list-damaged` when the key is gone.
 */
export async function newestTaken(
  { context, vault }: Desk,
  { target, provider, path }: TakenFrom,
): Promise<KeptTaken | null> {
  const { fs, paths, clock } = context;
  const here = (await namesIn(context))
    .filter((each) => each.target === target && each.provider === provider)
    .filter(({ at }) => clock.now() - at <= KEPT_FOR)
    .sort((a, b) => b.at - a.at);
  for (const each of here) {
    const sealed = await readOptional(fs, join(paths.taken, each.name));
    const content = sealed && (await contentOf(vault, sealed, each.name));
    if (content?.path === path) return { ...content, ...each };
  }
  return null;
}

/** The names of everything that is kept, to tell what is new by. */
export async function takenNames({ context }: Desk): Promise<ReadonlySet<string>> {
  return new Set((await namesIn(context)).map(({ name }) => name));
}

/** Forgets what was put back. */
export async function dropTaken(
  { context: { fs, paths } }: Desk,
  { name }: Pick<KeptTaken, 'name'>,
): Promise<void> {
  const path = join(paths.taken, name);
  await fs.rm(path, { force: true }).catch((error) => {
    throw mapFileError(error, path);
  });
}

/** Removes what nobody asked back for 7 days, and what killed writers left. Best effort, never rejects. */
export async function sweepTaken(context: Context): Promise<void> {
  const { fs, paths, clock } = context;
  const old = (await namesIn(context).catch(() => [])).filter(
    ({ at }) => clock.now() - at > KEPT_FOR,
  );
  for (const { name } of old) await fs.rm(join(paths.taken, name), { force: true }).catch(() => {});
  await sweepTemporary(fs, paths.taken);
}

async function namesIn({ fs, paths }: Pick<Context, 'fs' | 'paths'>): Promise<Name[]> {
  try {
    return (await fs.readdir(paths.taken)).map(parseName).filter((each) => each !== null);
  } catch (error) {
    if (isMissing(error)) return [];
    throw mapFileError(error, paths.taken);
  }
}

function parseName(name: string): Name | null {
  const [, place, provider, at] = NAME.exec(name) ?? [];
  const target = TARGET_IDS.find((id) => id === place);
  if (!target || !v.is(ProviderIdSchema, provider)) return null;
  return { name, target, provider, at: Number(at) };
}

async function contentOf(vault: Desk['vault'], sealed: Uint8Array, name: string) {
  try {
    const value = parseJson(await vault.unseal(sealed, name));
    return v.is(ContentSchema, value) ? value : null;
  } catch (error) {
    if (hasCode(error, 'login-damaged', 'newer-version')) return null;
    throw error;
  }
}
