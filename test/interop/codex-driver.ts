import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { World } from '../support/engine.ts';
import type { Backend } from './backend.ts';
import { LineClient } from './line-client.ts';

const PROGRAM = fileURLToPath(
  new URL('programs/node_modules/@openai/codex/bin/codex.js', import.meta.url),
);

const StatusSchema = v.object({ authToken: v.nullish(v.string(), null) });

/** A machine on which Codex is installed. */
export class CodexHome {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#env = env;
  }

  /** Codex below the home of `world`. What it wants of the internet ends at `backend`. */
  static async at({ userHome, provider }: World, backend: Backend): Promise<CodexHome> {
    const folder = join(userHome, '.codex');
    await mkdir(folder, { mode: 0o700 });
    await writeFile(
      join(folder, 'config.toml'),
      [
        `chatgpt_base_url = "${backend.origin}/backend-api"`,
        'cli_auth_credentials_store = "file"',
        'check_for_update_on_startup = false',
        '[analytics]',
        'enabled = false',
      ].join('\n'),
    );
    return new CodexHome(folder, {
      PATH: process.env.PATH,
      HOME: userHome,
      CODEX_HOME: folder,
      CODEX_REFRESH_TOKEN_URL_OVERRIDE: provider.endpoints.openai.tokenUrl,
      HTTPS_PROXY: backend.origin,
      NO_PROXY: '127.0.0.1',
    });
  }

  /** Starts Codex as an editor does. */
  async start(): Promise<Codex> {
    const client = new LineClient([process.execPath, PROGRAM, 'app-server'], this.#env);
    await client.ask('initialize', { clientInfo: { name: 'authbar_interop', version: '1' } });
    client.tell({ method: 'initialized' });
    return new Codex(client);
  }
}

/** A Codex that runs. */
export class Codex {
  readonly #client: LineClient;

  constructor(client: LineClient) {
    this.#client = client;
  }

  /** The access token that it would send now; renewed by itself, if its rule says so. */
  async token(): Promise<string | null> {
    return this.#status(false);
  }

  /** The same, after it was told to get a new one: it looks into its file first. */
  async freshToken(): Promise<string | null> {
    return this.#status(true);
  }

  /** Has it renew, and ask its service with what it got, which has nothing to say. */
  async renew(): Promise<void> {
    await this.#client.ask('account/read', { refreshToken: true }).catch(() => {});
  }

  /** Has it ask its service about its person. A 401 makes it look into its file, and renew if nothing changed. */
  async askService(): Promise<void> {
    await this.#client.ask('account/read', { refreshToken: false }).catch(() => {});
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #status(refreshToken: boolean): Promise<string | null> {
    const answer = await this.#client.ask('getAuthStatus', { includeToken: true, refreshToken });
    return v.parse(StatusSchema, answer).authToken;
  }
}
