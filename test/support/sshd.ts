import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { tempFolder } from './temp-folder.ts';

const run = promisify(execFile);

/** It starts itself again for each connection, and so has to be told where it is. */
const SSHD = '/usr/sbin/sshd';
/** Where Debian's sshd puts the part of itself that has no rights, if root starts it. */
const EMPTY_FOLDER = '/run/sshd';
const COMMAND = 'apt-get install -y openssh-server openssh-client';

/** Another computer to `ssh` to: this one, seen through an sshd of our own, with another home. */
export interface Remote {
  /** The person's home there. */
  readonly home: string;
  /** Starts a line with a shell here, in which `ssh remote` leads there. It ends with the test. */
  start(line: string): ChildProcess;
  /** Runs one to its end. @throws what `execFile` does, if it fails. */
  run(line: string): Promise<{ readonly stdout: string; readonly stderr: string }>;
}

/**
 * What stands in the way of an sshd for tests and the one command that brings it; `null` when nothing does.
 * A test is then skipped under this sentence.
 * @throws Error with the sentence where `AUTHBAR_CI_REQUIRE` holds `sshd`: there, a skip is a failure.
 */
export function sshdMissing(): string | null {
  if (isProgram(SSHD)) return null;
  const sentence =
    process.platform === 'linux'
      ? `${SSHD} missing; \`${COMMAND}\` brings it`
      : 'an sshd for tests is started on Linux only';
  if (process.env.AUTHBAR_CI_REQUIRE?.split(',').includes('sshd')) throw new Error(sentence);
  return sentence;
}

/**
 * Starts an sshd for the running test: on loopback, as this user, with keys and settings of its own; the
 * system's are neither read nor changed.
 * @param env What a person finds there in the environment, beside HOME.
 */
export async function startRemote(env: Readonly<Record<string, string>>): Promise<Remote> {
  const folder = await tempFolder();
  const home = join(folder, 'home');
  const bin = join(folder, 'bin');
  const port = await freePort();
  await mkdir(home);
  await mkdir(bin);
  for (const key of ['host', 'person']) {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  }
  const settings = join(folder, 'sshd_config');
  await writeFile(settings, serverSettings(folder, port, { ...env, HOME: home }));
  await writeFile(join(folder, 'config'), clientSettings(folder, port));
  const { PATH = '' } = process.env;
  const ssh = `#!/bin/sh\nPATH='${PATH}' exec ssh -F ${folder}/config "$@"\n`;
  await writeFile(join(bin, 'ssh'), ssh, { mode: 0o755 });
  await startServer(settings);
  const options = { env: { PATH: `${bin}${delimiter}${PATH}` } };
  return {
    home,
    start: (line) => {
      const child = spawn('sh', ['-c', line], { ...options, detached: true });
      onTestFinished(() => endGroup(child));
      return child;
    },
    run: (line) => run('sh', ['-c', line], options),
  };
}

function serverSettings(folder: string, port: number, env: Readonly<Record<string, string>>) {
  const variables = Object.entries(env).map(([name, value]) => `"${name}=${value}"`);
  return [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/person.pub`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    `SetEnv ${variables.join(' ')}`,
    '',
  ].join('\n');
}

function clientSettings(folder: string, port: number): string {
  return [
    'Host remote',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile ${folder}/person`,
    '  IdentitiesOnly yes',
    '  BatchMode yes',
    `  UserKnownHostsFile ${folder}/known_hosts`,
    '  StrictHostKeyChecking accept-new',
    '  LogLevel ERROR',
    '',
  ].join('\n');
}

/** Resolves once it listens. */
async function startServer(settings: string): Promise<void> {
  await makeEmptyFolder();
  const server = spawn(SSHD, ['-D', '-e', '-f', settings], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(async () => {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  });
  const said: string[] = [];
  for await (const line of createInterface(server.stderr)) {
    said.push(line);
    if (line.startsWith('Server listening')) {
      server.stderr.resume();
      return;
    }
  }
  throw new Error(`sshd has ended: ${said.join('\n')}`);
}

async function makeEmptyFolder(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const made = await mkdir(EMPTY_FOLDER, { recursive: true });
  if (made) onTestFinished(() => rmdir(EMPTY_FOLDER));
}

/** Free a moment ago: sshd cannot be told to choose one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid);
  await once(child, 'exit');
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
