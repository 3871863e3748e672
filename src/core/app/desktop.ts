import { isDeepStrictEqual } from 'node:util';
import type { AppState } from '../../shared/app-state.ts';
import { type AppError, asAppError, hasCode } from '../../shared/errors.ts';
import type { Notifier } from '../../shared/notice.ts';
import { iconOf } from '../../shared/ui/heading.ts';
import type { Context } from '../context.ts';
import type { Engine } from '../engine.ts';
import { coalesced } from '../files/coalesce.ts';
import { SCHEMA } from '../files/json-file.ts';
import type { Power } from '../ports.ts';
import { findProvider } from '../providers/index.ts';
import { run } from '../run.ts';
import { Vault } from '../vault/vault.ts';
import { accountCalls, Checks } from './account-calls.ts';
import { addressCalls } from './address-calls.ts';
import { type DeskParts, described, inBackground, logFailure } from './desk.ts';
import { keyCalls } from './key-calls.ts';
import { NoticeDesk } from './notice-desk.ts';
import type { Banners, DesktopHandlers, MissedNotices, Processes, Shell } from './ports.ts';
import { NO_PREFS, type Prefs } from './prefs.ts';
import { systemProcesses } from './processes.ts';
import { reportCalls } from './report.ts';
import { Restarts } from './restarts.ts';
import { settingsCalls, zoom } from './settings-calls.ts';
import { signInCalls } from './sign-in-calls.ts';
import { SignInFlow } from './sign-in-flow.ts';
import { accountOf, assemble, type Known, readKnown } from './snapshot.ts';
import { toolCalls } from './tool-calls.ts';

/** What shows by the clock alone is looked for this often, ms. */
const LOOK_PAUSE = 60_000;

/** How often one that did not make way is asked again, ms. */
const TURN_PAUSE = 10_000;

/** What is known before anything was read. */
const NOTHING_KNOWN: Known = {
  status: { vault: { kind: null, state: 'closed' }, accounts: [] },
  targets: [],
  keys: [],
  settings: { schema: SCHEMA, vault: null, keyId: '', targets: {} },
  prefs: NO_PREFS,
};

/** What keeps the logins fresh while the app is open. */
export interface DesktopRun {
  readonly signal: AbortSignal;
  readonly power?: Power;
  /** Where the system shows notifications; without it nobody is told anything unasked. */
  readonly banners?: Banners;
}

/**
 * The app without its window: from the engine and what the system tells to everything that is drawn, and
 * from what the person does to the engine.
 */
export class Desktop implements MissedNotices {
  /** A function for each call of the window's. */
  readonly handlers: DesktopHandlers;
  readonly missed: MissedNotices['missed'];
  readonly #engine: Engine;
  readonly #context: Context;
  readonly #shell: Shell;
  readonly #desk: DeskParts;
  readonly #signIn: SignInFlow;
  readonly #checks: Checks;
  readonly #notices: NoticeDesk;
  readonly #restarts: Restarts;
  readonly #read: () => Promise<void>;
  readonly #listeners = new Set<(state: AppState) => void>();
  #known: Known | null = null;
  #told: AppState | null = null;
  /** Why nothing could be read. */
  #trouble: AppError | null = null;
  #scheduler: { poke(): void } | null = null;

  constructor(
    engine: Engine,
    context: Context,
    shell: Shell,
    processes: Processes = systemProcesses(context.platform),
  ) {
    this.#engine = engine;
    this.#context = context;
    this.#shell = shell;
    this.#desk = this.#partsFor(new Vault(context));
    this.#signIn = new SignInFlow(this.#desk);
    this.#checks = new Checks(this.#desk);
    this.#restarts = new Restarts(processes);
    this.#notices = new NoticeDesk(this.#desk, {
      signIn: ({ provider, account }) => this.signIn(provider, account),
      unlock: () => this.#unlock(),
    });
    this.#read = coalesced(() => this.#readAll());
    this.missed = this.#notices.missed;
    this.handlers = this.#allHandlers();
    engine.subscribe(() => inBackground(this.#desk, this.refreshState()));
  }

  /** Everything that the window draws, as it is known now. */
  state(): AppState {
    return assemble(this.#desk, this.#known ?? NOTHING_KNOWN, {
      signIn: this.#signIn.view,
      checking: this.#checks.ids,
      missedNotice: this.#notices.notice,
      noticesBlocked: this.#notices.blocked,
      restarts: this.#restarts,
      trouble: this.#trouble && described(this.#desk, this.#trouble),
    });
  }

  /** Reads everything anew, and tells if something has changed. What cannot be read stays as it was. */
  async refreshState(): Promise<void> {
    try {
      await this.#read();
      this.#trouble = null;
    } catch (error) {
      const trouble = asAppError(error);
      const fields = { code: trouble.code };
      if (this.#trouble?.code !== trouble.code) {
        this.#context.log({ level: 'error', event: 'state-not-read', fields });
      }
      this.#trouble = trouble;
    }
    this.#publish();
  }

  /** Calls `listener` with the new state whenever it has really changed, until what is returned is called. */
  subscribe(listener: (state: AppState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The window was opened, or the system has changed: whatever was put off is tried again now. */
  poke(): void {
    this.#scheduler?.poke();
    inBackground(this.#desk, this.refreshState());
  }

  /** Where core's notices go, on a system that shows them as `banners`. */
  notifierFor(banners: Banners): Notifier {
    return this.#notices.notifierFor(banners);
  }

  /**
   * Does what a notice's button says: the system's notification was clicked. Never rejects: what cannot be
   * done shows in the window.
   */
  act(noticeId: string): Promise<void> {
    return this.#notices.act(noticeId).catch((error) => logFailure(this.#desk, error));
  }

  /** Starts a sign-in from outside the window; what has to be read before it comes first. */
  signIn(provider: string, account: string | null): void {
    const { id } = findProvider(this.#context.providers, provider);
    const state = this.state();
    const unread = state.services.some((service) => service.id === id && service.terms !== null);
    if (unread && !accountOf(state, account)) {
      this.#shell.show({ view: 'terms', provider: id, account });
      return;
    }
    this.#signIn.start({ provider, account });
    this.#shell.show({ view: 'sign-in' });
  }

  /** Texts larger, smaller, or as they were at first. */
  zoom(step: 'bigger' | 'smaller' | 'actual'): Promise<void> {
    return zoom(this.#desk, step);
  }

  /**
   * Keeps the logins fresh until the signal is aborted, and then until what is under way is finished.
   * A daemon that hangs is asked again and again.
   * @throws AppError `newer-version`.
   */
  async start(options: DesktopRun): Promise<void> {
    await this.refreshState();
    const clock = this.#watchClock(options.signal);
    // A network that is gone shows, and so does the time that went by in a sleep.
    const unhear = options.power?.subscribe(() => inBackground(this.#desk, this.refreshState()));
    try {
      while (!(await this.#serve(options)) && !options.signal.aborted) {
        await this.#context.clock.sleep(TURN_PAUSE, options.signal).catch(() => {});
      }
    } finally {
      unhear?.();
      this.#scheduler = null;
      this.#signIn.cancel();
    }
    await clock;
  }

  /** @returns false where another process is the engine and did not make way. */
  async #serve({ signal, power, banners }: DesktopRun): Promise<boolean> {
    try {
      await run(this.#context, this.#engine, {
        kind: 'app',
        version: this.#shell.version,
        signal,
        ...(power && { power }),
        ...(banners && { notifier: this.notifierFor(banners) }),
        onStart: (scheduler) => {
          this.#scheduler = scheduler;
        },
        // Whatever it says, the engine has told that the accounts have changed.
        onReport: () => {},
      });
      return true;
    } catch (error) {
      if (!hasCode(error, 'engine-running')) throw error;
      logFailure(this.#desk, error);
      return false;
    }
  }

  #partsFor(vault: Vault): DeskParts {
    const prefs = (): Prefs => this.#known?.prefs ?? NO_PREFS;
    return {
      engine: this.#engine,
      context: this.#context,
      shell: this.#shell,
      vault,
      state: () => this.state(),
      get prefs() {
        return prefs();
      },
      refresh: () => this.refreshState(),
      publish: () => this.#publish(),
    };
  }

  #allHandlers(): DesktopHandlers {
    const desk = this.#desk;
    return {
      state: async () => {
        await this.refreshState();
        return this.state();
      },
      ...signInCalls(this.#signIn),
      ...accountCalls(desk, this.#checks),
      ...keyCalls(desk),
      ...addressCalls(desk, this.#signIn),
      ...toolCalls(desk),
      ...settingsCalls(desk, this.#notices.unblock),
      ...reportCalls(desk),
      'keychain:unlock': () => this.#unlock(),
      'keychain:use-file': async () => {
        await this.#engine.keepInFile();
        this.#signIn.placeFound();
      },
      'notice:dismiss': async ({ id }) => this.#notices.dismiss(id),
      'notice:act': ({ id }) => this.#notices.act(id),
    };
  }

  async #readAll(): Promise<void> {
    const known = await readKnown(this.#engine, await this.#desk.vault.settings());
    await this.#restarts.note(known.targets);
    this.#known = known;
  }

  #publish(): void {
    const state = this.state();
    if (this.#told && isSame(this.#told, state)) return;
    this.#told = state;
    for (const listener of [...this.#listeners]) listener(state);
  }

  async #unlock(): Promise<void> {
    try {
      await this.#engine.unlock();
      this.#scheduler?.poke();
    } finally {
      await this.refreshState();
    }
  }

  /** A login ends, and a tool waits, without anybody saying so. */
  async #watchClock(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#context.clock.sleep(LOOK_PAUSE, signal).catch(() => {});
      if (!signal.aborted) await this.refreshState();
    }
  }
}

/** The time alone is no news, unless the icon changes with it. */
function isSame(before: AppState, after: AppState): boolean {
  const { now } = after;
  if (!isDeepStrictEqual({ ...before, now }, after)) return false;
  return iconOf(before, before.now) === iconOf(after, now);
}
