import { createHmac, randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { readOptional, readState, SCHEMA, writeState } from '../files/json-file.ts';

const MachineSchema = v.looseObject({
  schema: v.literal(SCHEMA),
  salt: v.string(),
  /** HMAC of the OS's machine id and the user's id under the salt: tells nothing, only compares. */
  mark: v.string(),
});

type Deps = Pick<Context, 'fs' | 'clock' | 'paths' | 'platform' | 'env'>;

/**
 * Whether this state folder was made on this machine by this user. A copied home or a restored backup
 * would make two machines spend one single-use token.
 */
export async function isOwnMachine(deps: Deps): Promise<boolean> {
  const saved = await readState(deps, deps.paths.machine, MachineSchema);
  return saved === null || saved.mark === (await markOf(deps, saved.salt));
}

/** Whether the folder says at all where it was made. */
export async function isMarked(deps: Deps): Promise<boolean> {
  return (await readState(deps, deps.paths.machine, MachineSchema)) !== null;
}

/** Marks a state folder as this machine's: a new one, or one whose person signs in again here. */
export async function claimMachine(deps: Deps): Promise<void> {
  const salt = randomBytes(16).toString('hex');
  await writeState(deps.fs, deps.paths.machine, {
    schema: SCHEMA,
    salt,
    mark: await markOf(deps, salt),
  });
}

async function markOf(deps: Deps, salt: string): Promise<string> {
  const user = deps.platform === 'win32' ? userInfo().username : String(userInfo().uid);
  return createHmac('sha256', salt)
    .update(`${await machineId(deps)}\n${user}`)
    .digest('hex');
}

/**
 * The OS's own id of this machine; empty where it has none, as in many containers. One that cannot be
 * read just now is an error: taken for none, it would make this another computer and disown every login.
 */
async function machineId({ fs, platform, env }: Deps): Promise<string> {
  if (platform === 'darwin') {
    const text = await output('/usr/sbin/ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice']);
    return /"IOPlatformUUID" = "([^"]+)"/.exec(text)?.[1] ?? '';
  }
  if (platform === 'win32') {
    const reg = `${env.SystemRoot ?? 'C:\\Windows'}\\System32\\reg.exe`;
    const text = await output(reg, [
      'query',
      'HKLM\\SOFTWARE\\Microsoft\\Cryptography',
      '/v',
      'MachineGuid',
    ]);
    return /MachineGuid\s+REG_SZ\s+(\S+)/.exec(text)?.[1] ?? '';
  }
  // https://www.freedesktop.org/software/systemd/man/latest/machine-id.html
  for (const path of ['/etc/machine-id', '/var/lib/dbus/machine-id']) {
    const text = (await readOptional(fs, path))?.toString('utf8').trim();
    if (text && text !== 'uninitialized') return text;
  }
  return '';
}

async function output(file: string, args: readonly string[]): Promise<string> {
  const { execFile } = await import('node:child_process');
  try {
    return (await promisify(execFile)(file, args, { timeout: 5000 })).stdout;
  } catch (cause) {
    throw new AppError('unexpected', { hint: 'this computer’s id could not be read' }, cause);
  }
}
