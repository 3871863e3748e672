import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { CDPSession } from '@playwright/test';

/** One page of Chromium, or the browser itself, typed by Playwright's table of the DevTools protocol. */
export type CdpSession = Pick<CDPSession, 'send' | 'on'>;

/** How Chromium is started. */
export interface ChromiumOptions {
  readonly executable: string;
  /** The folder in which the profile is made, and removed again. */
  readonly profiles: string;
  /** Chromium's own sandbox does not start in some containers. */
  readonly sandbox: boolean;
  /** Whether somebody else (Playwright) may connect too, and where is then written to standard error. */
  readonly debuggable: boolean;
}

interface Call {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
}

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method: string;
  readonly params: object;
  readonly result: unknown;
  readonly error?: { readonly message: string };
}

const SWITCHES = [
  '--headless',
  '--remote-debugging-pipe',
  '--no-startup-window',
  '--no-first-run',
  '--disable-gpu',
  '--disable-sync',
  '--disable-breakpad',
  '--disable-component-update',
  '--disable-background-networking',
  '--disable-features=PaintHolding,HttpsUpgrades,OptimizationHints,MediaRouter,SpareRendererForSitePerProcess,Translate',
  // As on the displays that people have; a page's own metrics may change it.
  '--force-device-scale-factor=2',
  // Neither the OS's keychain nor the network is Chromium's business here.
  '--password-store=basic',
  '--use-mock-keychain',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
];

/** A headless Chromium, spoken to through a pipe: no port to race for, and it ends when we do. */
export class Chromium {
  readonly browser: CdpSession;
  /** Settles with Chromium's line `DevTools listening on …`. */
  readonly listening: Promise<string>;
  readonly #process: ChildProcess;
  readonly #calls = new Map<number, Call>();
  readonly #sessions = new Map<string | undefined, EventEmitter>();
  #lastId = 0;

  constructor(options: ChromiumOptions) {
    mkdirSync(options.profiles, { recursive: true });
    const profile = mkdtempSync(join(options.profiles, 'chromium-'));
    const switches = [...SWITCHES, `--user-data-dir=${profile}`];
    if (!options.sandbox) switches.push('--no-sandbox');
    if (options.debuggable) switches.push('--remote-debugging-port=0');
    this.#process = spawn(options.executable, switches, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      // What it keeps outside of its profile (crash reports, caches) goes the same way.
      env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
      // A group of its own, which ends at once and as a whole. It also ends when the pipe does.
      detached: true,
    });
    this.#readMessages(this.#process.stdio[4] as Readable);
    // Ends with Chromium, and that is told below.
    this.#process.stdio[3]?.on('error', () => undefined);
    this.listening = this.#line(/^DevTools listening/);
    this.browser = this.session(undefined);
    process.once('exit', () => this.#end(profile));
  }

  /** Settles when Chromium answers. */
  async ready(): Promise<this> {
    await this.browser.send('Target.setDiscoverTargets', { discover: true });
    return this;
  }

  /** Chromium cannot be started, or ended before we did. */
  onGone(listener: (reason: string) => void): void {
    this.#process.once('error', (error) => listener(error.message));
    this.#process.once('exit', (code, signal) => listener(`it ended with ${signal ?? code}`));
  }

  /** The session with an attached target, or with the browser. */
  session(id: string | undefined): CdpSession {
    const events = new EventEmitter().setMaxListeners(0);
    this.#sessions.set(id, events);
    const send = (method: string, params: object = {}) => this.#send(id, method, params);
    return Object.assign(events, { send }) as unknown as CdpSession;
  }

  #send(sessionId: string | undefined, method: string, params: object): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const pipe = this.#process.stdio[3] as Writable;
    pipe.write(`${JSON.stringify({ id, sessionId, method, params })}\0`);
    return new Promise((resolve, reject) => this.#calls.set(id, { method, resolve, reject }));
  }

  #readMessages(pipe: Readable): void {
    let tail: Buffer[] = [];
    pipe.on('error', () => undefined);
    pipe.on('data', (chunk: Buffer) => {
      let start = 0;
      for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
        const text = Buffer.concat([...tail, chunk.subarray(start, end)]).toString();
        tail = [];
        start = end + 1;
        this.#receive(JSON.parse(text));
      }
      if (start < chunk.length) tail.push(chunk.subarray(start));
    });
  }

  #receive({ id, sessionId, method, params, result, error }: Message): void {
    if (id === undefined) {
      this.#sessions.get(sessionId)?.emit(method, params);
      return;
    }
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error) call?.reject(new Error(`${call.method}: ${error.message}`));
    else call?.resolve(result);
  }

  #line(pattern: RegExp): Promise<string> {
    const lines = createInterface({ input: this.#process.stderr as Readable });
    return new Promise((resolve) => {
      lines.on('line', (line) => pattern.test(line) && resolve(line));
    });
  }

  /** The profile is thrown away, so that there is nothing to be shut down in order. */
  #end(profile: string): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It had ended before.
    }
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 25 });
  }
}
