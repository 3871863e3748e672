import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as v from 'valibot';
import type { BuiltInId } from '../../src/core/grant.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { World } from '../support/engine.ts';
import type { Backend } from './backend.ts';
import { LineClient } from './line-client.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const PROGRAM = here('programs/node_modules/@mariozechner/pi-coding-agent/dist/cli.js');
const PRELOAD = ['children/move-time.mjs', 'children/loopback.mjs'].flatMap((path) => [
  '--import',
  pathToFileURL(here(path)).href,
]);

/** Pi's names of the logins, and a model of each. */
const PI: Readonly<Record<BuiltInId, { readonly key: string; readonly model: string }>> = {
  anthropic: { key: 'anthropic', model: 'claude-sonnet-4-5' },
  openai: { key: 'openai-codex', model: 'gpt-5.1' },
};

/** The token endpoints that are constants in Pi 0.73.1. */
const TOKEN_URLS: Readonly<Record<BuiltInId, string>> = {
  anthropic: 'https://platform.claude.com/v1/oauth/token',
  openai: 'https://auth.openai.com/oauth/token',
};

const AnswerSchema = v.object({ key: v.nullable(v.string()), errors: v.array(v.string()) });

/** What Pi would send, and what went wrong on the way. */
export type PiKey = v.InferOutput<typeof AnswerSchema>;

/** A machine on which Pi is installed. Its clock is that of the world. */
export class PiHome {
  readonly folder: string;
  readonly #world: World;
  readonly #backend: Backend;

  private constructor(folder: string, world: World, backend: Backend) {
    this.folder = folder;
    this.#world = world;
    this.#backend = backend;
  }

  /** Pi below the home of `world`. What it wants of the internet ends at `backend`. */
  static async at(world: World, backend: Backend): Promise<PiHome> {
    const folder = join(world.userHome, '.pi/agent');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new PiHome(folder, world, backend);
  }

  /** Loads a session of Pi. It starts with the first question that it is asked. */
  async load(): Promise<Pi> {
    const script = here('children/pi-session.mjs');
    const client = new LineClient([process.execPath, ...PRELOAD, script], this.#env());
    await client.ask('ready');
    return new Pi(client, this.#world.clock);
  }

  /**
   * Runs the `pi` command with a question for a model, which the backend does not answer.
   * @param options.through A command that runs the command that follows it.
   */
  async ask(
    provider: BuiltInId,
    { through = [] }: { readonly through?: readonly string[] } = {},
  ): Promise<void> {
    const { key, model } = PI[provider];
    const args = ['--provider', key, '--model', model, '--no-session', '--no-tools', '-p', 'Hello'];
    const [program = '', ...rest] = [...through, process.execPath, ...PRELOAD, PROGRAM, ...args];
    const options = { env: this.#env(), cwd: this.folder };
    await new Promise<void>((resolve) => {
      // It ends with a failure, as there is no answer.
      execFile(program, rest, options, () => resolve()).stdin?.end();
    });
  }

  #env(): NodeJS.ProcessEnv {
    const { provider, clock, userHome } = this.#world;
    const { anthropic, openai } = provider.endpoints;
    return {
      PATH: process.env.PATH,
      HOME: userHome,
      PI_OFFLINE: '1',
      INTEROP_AHEAD: String(aheadOf(clock)),
      INTEROP_BACKEND: this.#backend.origin,
      INTEROP_ROUTES: JSON.stringify({
        [TOKEN_URLS.anthropic]: anthropic.tokenUrl,
        [TOKEN_URLS.openai]: openai.tokenUrl,
      }),
    };
  }
}

/** A session of Pi. */
export class Pi {
  readonly #client: LineClient;

  readonly #clock: Clock;

  constructor(client: LineClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** What it would send with its next request; renewed by itself, if its rule says so. */
  async key(provider: BuiltInId): Promise<PiKey> {
    const asked = { provider: PI[provider].key, ahead: aheadOf(this.#clock) };
    return v.parse(AnswerSchema, await this.#client.ask('key', asked));
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

function aheadOf(clock: Clock): number {
  return clock.now() - Date.now();
}
