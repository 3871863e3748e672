import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { BuiltInId } from '../../../src/core/grant.ts';
import type { Stage } from './stage.ts';

const StatusSchema = v.object({
  vault: v.object({ kind: v.picklist(['keychain', 'file']) }),
  accounts: v.array(
    v.object({
      id: v.string(),
      provider: v.picklist(['anthropic', 'openai']),
      email: v.string(),
      state: v.string(),
      code: v.nullable(v.string()),
      expiresAt: v.nullable(v.number()),
    }),
  ),
});
export type Account = v.InferOutput<typeof StatusSchema>['accounts'][number];

/** Who is signed in, as `status --json` tells a program. */
export async function accounts({ authbar }: Stage): Promise<Account[]> {
  const { stdout } = await authbar.run(['status', '--json'], { quiet: true });
  return v.parse(StatusSchema, JSON.parse(stdout)).accounts;
}

/** @throws Error when there is none, or more than one. */
export async function accountOf(stage: Stage, provider: BuiltInId): Promise<Account> {
  const [found, ...others] = (await accounts(stage)).filter((each) => each.provider === provider);
  if (!found || others.length > 0) throw new Error(`not exactly one login at ${provider}`);
  return found;
}

/** Where Peekaboo keeps its keys. */
export function peekabooPath({ home }: Stage): string {
  return join(home, '.peekaboo', 'credentials');
}

/** The lines of Peekaboo's file, read without any help of Authbar's. */
export async function peekabooLines(stage: Stage): Promise<string[]> {
  return (await readFile(peekabooPath(stage), 'utf8')).split('\n').filter((line) => line !== '');
}

/** The login that a tool finds in Peekaboo's file. */
export async function peekabooLogin(
  stage: Stage,
  provider: BuiltInId,
): Promise<{ access: string; refresh: string }> {
  const lines = await peekabooLines(stage);
  const find = (key: string) =>
    lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
  const prefix = provider.toUpperCase();
  return { access: find(`${prefix}_ACCESS_TOKEN`), refresh: find(`${prefix}_REFRESH_TOKEN`) };
}

/** Every file below a folder. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Which of these files hold a secret that a service ever gave out. */
export async function leaks({ services }: Stage, files: readonly string[]): Promise<string[]> {
  const secrets = services.tokens.map((token) => Buffer.from(token));
  const found: string[] = [];
  for (const file of files) {
    const bytes = await readFile(file);
    if (secrets.some((secret) => bytes.includes(secret))) found.push(file);
  }
  return found;
}

/** `-rw-------` as `600`; Windows has no such bits. */
export async function modeOf(file: string): Promise<string> {
  if (process.platform === 'win32') return '600';
  return ((await stat(file)).mode & 0o777).toString(8);
}

/** A path as the person would write it. */
export function short({ home }: Stage, path: string): string {
  return path.replace(home, '~');
}
