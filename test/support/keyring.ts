import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PASSWORD = 'correct horse';
const PROGRAMS = ['dbus-daemon', 'dbus-send', 'gnome-keyring-daemon', 'secret-tool'];
const COMMAND = 'apt-get install -y gnome-keyring libsecret-1-0 libsecret-tools dbus';
/** Grows by a byte with each question. */
const ASKED = 'asked';
const SECRETS = 'org.freedesktop.secrets';

export interface KeyringOptions {
  /** `none`: a bus without a keyring on it. `empty`: a keyring service in which nothing was ever made. */
  readonly service?: 'unlocked' | 'empty' | 'none';
}

/** A gnome-keyring of its own, on a D-Bus of its own, in a home of its own. */
export interface Keyring {
  /** What a program needs in its environment to use this keyring and no other. */
  readonly env: Readonly<Record<string, string>>;
  /** The daemon's process. */
  readonly pid: number;
  /** How often the keyring has asked a person. Nobody is there, so each time it ends at once. */
  prompts(): Promise<number>;
  lock(): Promise<void>;
  /** As the login screen does it, with the password. */
  unlock(): Promise<void>;
  /** The daemon answers no more, and its bus does not know it. */
  stop(): void;
  resume(): void;
  /** Another daemon in the place of this one, unlocked, with the same items. */
  restart(): Promise<void>;
  /** What `secret-tool search --all service <service>` finds. Never asks. */
  search(service: string): Promise<{ accounts: string[]; secrets: string[]; text: string }>;
  /** Ends both daemons and removes all they left. */
  close(): Promise<void>;
}

/**
 * What stands in the way of a keyring for tests and the one command that brings it; `null` when nothing
 * does. A test is then skipped under this sentence.
 * @throws Error with the sentence where `AUTHBAR_CI_REQUIRE` holds `keychain`: there, a skip is a failure.
 */
export function keyringMissing(): string | null {
  const missing = PROGRAMS.filter((program) => !isOnPath(program));
  if (process.platform === 'linux' && missing.length === 0) return null;
  const sentence =
    process.platform === 'linux'
      ? `${missing.join(', ')} missing; \`${COMMAND}\` brings it`
      : 'a private keyring for tests exists on Linux only';
  if (process.env.AUTHBAR_CI_REQUIRE?.split(',').includes('keychain')) throw new Error(sentence);
  return sentence;
}

/** Runs `work` with a keyring of its own and removes it. */
export async function withKeyring<T>(
  work: (keyring: Keyring) => Promise<T>,
  options: KeyringOptions = {},
): Promise<T> {
  const keyring = await startKeyring(options);
  try {
    return await work(keyring);
  } finally {
    await keyring.close();
  }
}

/** The keyring is ready when this resolves. */
export async function startKeyring({
  service = 'unlocked',
}: KeyringOptions = {}): Promise<Keyring> {
  const home = await makeHome();
  const bus = await startBus(home.path);
  const env = { ...home.env, DBUS_SESSION_BUS_ADDRESS: bus.address };
  const start = () => startDaemon(env, service === 'unlocked');
  let daemon = service === 'none' ? null : await start();
  const signal = (name: NodeJS.Signals) => daemon?.kill(name);
  return {
    env,
    get pid() {
      if (!daemon?.pid) throw new Error('no keyring daemon was started');
      return daemon.pid;
    },
    prompts: async () => (await readFile(join(home.path, ASKED), 'utf8')).length,
    async lock() {
      const collection = 'array:objpath:/org/freedesktop/secrets/aliases/default';
      await ask(env, 'org.freedesktop.Secret.Service.Lock', collection);
    },
    unlock: () => unlock(env.XDG_RUNTIME_DIR),
    stop: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async restart() {
      if (daemon) await end(daemon);
      daemon = await start();
    },
    search: (name) => search(env, name),
    async close() {
      for (const child of [daemon, bus.child]) if (child) await end(child);
      await rm(home.path, { recursive: true, force: true });
    },
  };
}

async function makeHome() {
  // Directly under the temporary folder: a socket's path has 108 bytes at most.
  const path = await mkdtemp(join(tmpdir(), 'keyring-'));
  const env = {
    HOME: path,
    XDG_RUNTIME_DIR: join(path, 'run'),
    XDG_DATA_HOME: join(path, 'data'),
    XDG_CONFIG_HOME: join(path, 'config'),
    XDG_CACHE_HOME: join(path, 'cache'),
    // No screen: nothing can be asked, whatever the machine has.
    DISPLAY: '',
    WAYLAND_DISPLAY: '',
  };
  await mkdir(env.XDG_RUNTIME_DIR, { mode: 0o700 });
  return { path, env };
}

/**
 * A bus that starts no keyring by itself, so that there is one exactly when a test started it. What it
 * starts is the program that would ask the person, here one that only counts.
 */
async function startBus(home: string): Promise<{ child: ChildProcess; address: string }> {
  const config = join(home, 'bus.conf');
  const services = join(home, 'services');
  await mkdir(services);
  await writeFile(join(home, ASKED), '');
  await writeFile(
    join(services, 'prompter.service'),
    `[D-BUS Service]
Name=org.gnome.keyring.SystemPrompter
Exec=/bin/sh -c "printf . >> '${join(home, ASKED)}'; exit 1"
`,
  );
  await writeFile(
    config,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
      "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
    <busconfig>
      <type>session</type>
      <listen>unix:path=${join(home, 'bus')}</listen>
      <servicedir>${services}</servicedir>
      <policy context="default">
        <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
      </policy>
    </busconfig>`,
  );
  const child = begin('dbus-daemon', [`--config-file=${config}`, '--nofork', '--print-address']);
  const address = await firstLine(child);
  return { child, address };
}

async function startDaemon(env: Record<string, string>, unlocked: boolean): Promise<ChildProcess> {
  const control = `--control-directory=${join(env.XDG_RUNTIME_DIR ?? '', 'keyring')}`;
  const options = ['--foreground', '--components=secrets', control];
  const child = begin('gnome-keyring-daemon', unlocked ? [...options, '--unlock'] : options, env);
  child.stdin?.end(unlocked ? PASSWORD : '');
  for (;;) {
    const reply = await ask(
      env,
      'org.freedesktop.Secret.Service.ReadAlias',
      'string:default',
    ).catch(() => '');
    if (reply.includes(unlocked ? '/collection/' : 'object path')) return child;
    if (child.exitCode !== null) throw new Error(`the keyring ended with ${child.exitCode}`);
    await wait(20);
  }
}

async function ask(env: Record<string, string>, method: string, argument: string) {
  const to = ['--session', '--print-reply', `--dest=${SECRETS}`, '/org/freedesktop/secrets'];
  const { stdout } = await run('dbus-send', [...to, method, argument], {
    env: { ...process.env, ...env },
  });
  return stdout;
}

/**
 * What pam_gnome_keyring sends: one byte to show who we are, then the length, the operation (1, unlock),
 * and the password, each number 4 bytes. The answer is its length and 0.
 * https://gitlab.gnome.org/GNOME/gnome-keyring/-/blob/main/pam/gkr-pam-client.c
 */
async function unlock(runtime: string): Promise<void> {
  const password = Buffer.from(PASSWORD);
  const message = Buffer.alloc(13 + password.length);
  message.writeUInt32BE(12 + password.length, 1);
  message.writeUInt32BE(1, 5);
  message.writeUInt32BE(password.length, 9);
  password.copy(message, 13);
  const socket = connect(join(runtime, 'keyring', 'control'));
  // Not `end`: the daemon drops a caller who has said goodbye.
  socket.write(message);
  const answer: Buffer[] = [];
  for await (const chunk of socket) answer.push(chunk);
  const result = Buffer.concat(answer).readUInt32BE(4);
  if (result !== 0) throw new Error(`the keyring was not unlocked: ${result}`);
}

async function search(env: Record<string, string>, service: string) {
  const child = spawn('secret-tool', ['search', '--all', 'service', service], {
    env: { ...process.env, ...env },
  });
  // Attributes go to the one, secrets to the other, in the same order.
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const all = (from: string, pattern: RegExp) => [...from.matchAll(pattern)].map((m) => m[1] ?? '');
  return {
    accounts: all(err, /^attribute\.account = (.*)$/gm),
    secrets: all(out, /^secret = (.*)$/gm),
    text: out + err,
  };
}

/** A child that does not outlive a test run, however that ends. */
function begin(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...env } });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  child.stdout.resume();
  child.stderr.resume();
  return child;
}

async function firstLine(child: ChildProcess): Promise<string> {
  let seen = '';
  for await (const chunk of child.stdout ?? []) {
    seen += chunk;
    if (seen.includes('\n')) break;
  }
  return seen.trim();
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
