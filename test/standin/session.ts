import { isOwnScheme, registerScheme } from './address.ts';
import { app } from './app.ts';
import { Simulated } from './simulated.ts';
import { pose, type Surface, strict } from './surface.ts';

type SchemeHandler = Parameters<Electron.Protocol['handle']>[1];
type RequestListener = NonNullable<Parameters<Electron.WebRequest['onBeforeRequest']>[0]>;
type HeadersListener = NonNullable<Parameters<Electron.WebRequest['onHeadersReceived']>[0]>;
type CheckHandler = Parameters<Electron.Session['setPermissionCheckHandler']>[0];
type RequestHandler = Parameters<Electron.Session['setPermissionRequestHandler']>[0];
type Permission = Parameters<NonNullable<CheckHandler>>[1];
type Given<L> = [listener: L | null] | [filter: Electron.WebRequestFilter, listener: L | null];

/** `protocol` of one session. */
class Protocol
  extends Simulated
  implements Surface<Electron.Protocol, 'handle' | 'registerSchemesAsPrivileged'>
{
  readonly #handlers = new Map<string, SchemeHandler>();

  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    if (app.isReady()) {
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    }
    schemes.forEach(registerScheme);
  }

  handle(scheme: string, handler: SchemeHandler): void {
    if (!isOwnScheme(scheme)) {
      throw new Error(`stand-in: ${scheme}: is only simulated as a registered scheme`);
    }
    if (this.#handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    this.#handlers.set(scheme, handler);
  }

  /** Who answers for this address. */
  handlerOf(address: string): SchemeHandler | undefined {
    return this.#handlers.get(address.slice(0, address.indexOf(':')));
  }
}

function listenerOf<L>(given: Given<L>): L | null {
  if (given.length === 1) return given[0];
  const [filter, listener] = given;
  if (!filter.urls.includes('<all_urls>')) {
    throw new Error('stand-in: a webRequest filter is only simulated for <all_urls>');
  }
  return listener;
}

/** `session.webRequest`. */
class WebRequest
  extends Simulated
  implements Surface<Electron.WebRequest, 'onBeforeRequest' | 'onHeadersReceived'>
{
  #beforeRequest: RequestListener | null = null;
  #headersReceived: HeadersListener | null = null;

  onBeforeRequest(...given: Given<RequestListener>): void {
    this.#beforeRequest = listenerOf(given);
  }

  onHeadersReceived(...given: Given<HeadersListener>): void {
    this.#headersReceived = listenerOf(given);
  }

  askBefore(details: Electron.OnBeforeRequestListenerDetails): Promise<Electron.CallbackResponse> {
    const ask = this.#beforeRequest;
    return new Promise((resolve) => (ask ? ask(details, resolve) : resolve({})));
  }

  askHeaders(
    details: Electron.OnHeadersReceivedListenerDetails,
  ): Promise<Electron.HeadersReceivedResponse> {
    const ask = this.#headersReceived;
    return new Promise((resolve) => (ask ? ask(details, resolve) : resolve({})));
  }
}

type Promised = Surface<
  Electron.Session,
  | 'resolveProxy'
  | 'setDevicePermissionHandler'
  | 'setPermissionCheckHandler'
  | 'setPermissionRequestHandler'
  | 'setSpellCheckerEnabled'
>;

/** What pages share. Nothing of it is kept when the app ends. */
export class Session extends Simulated implements Promised {
  readonly protocol = new Protocol();
  readonly webRequest = new WebRequest();
  #permissionCheck: CheckHandler = null;
  #permissionRequest: RequestHandler = null;

  setPermissionCheckHandler(handler: CheckHandler): void {
    this.#permissionCheck = handler;
  }

  setPermissionRequestHandler(handler: RequestHandler): void {
    this.#permissionRequest = handler;
  }

  setDevicePermissionHandler(): void {}
  setSpellCheckerEnabled(): void {}

  async resolveProxy(_url: string): Promise<string> {
    return 'DIRECT';
  }

  /**
   * Whether both handlers let a page have this. Chromium asks nobody in headless mode, so a page's
   * permissions are asked for when it is made.
   */
  async permits(contents: Electron.WebContents, permission: Permission): Promise<boolean> {
    const details = { isMainFrame: true, requestingUrl: '' };
    const ask = this.#permissionRequest;
    if (this.#permissionCheck?.(contents, permission, '', details) === false) return false;
    if (!ask) return true;
    return new Promise((resolve) => ask(contents, permission, resolve, details));
  }
}

const defaultSession = new Session();
const partitions = new Map<string, Session>();

function partition(name: string): Session {
  const session = partitions.get(name) ?? new Session();
  partitions.set(name, session);
  return session;
}

/** The stand-in behind a window's `webPreferences`. */
export function sessionOf({ session, partition: name }: Electron.WebPreferences): Session {
  if (session) return session as unknown as Session;
  return name ? partition(name) : defaultSession;
}

export const session = strict('session', {
  defaultSession: pose<Electron.Session>(defaultSession),
  fromPartition: (name: string) => pose<Electron.Session>(partition(name)),
}) satisfies Pick<typeof Electron.Session, 'defaultSession' | 'fromPartition'>;

export const protocol = defaultSession.protocol;
