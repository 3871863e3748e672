import type { Socket } from 'node:net';
import type { buildConnector, Client, Dispatcher } from 'undici';

/** A way to one server for one request. */
export interface Connection {
  readonly dispatcher: Dispatcher;
  /** Ends it at once, whatever state it is in. */
  close(): void;
}

/**
 * How long one of a name's addresses may take before the next one is tried, ms. Node gives up each but the
 * last after 250, which a slow network or a busy machine needs by itself; with no way to the others, nobody
 * would be reached at all. https://nodejs.org/api/net.html#socketconnectoptions-connectlistener
 */
const ADDRESS_TIMEOUT = 3000;

// No session is kept, no timeout of undici's own: the caller's covers everything. Certificates are always
// checked, whatever `NODE_TLS_REJECT_UNAUTHORIZED` says.
const TLS = {
  timeout: 0,
  maxCachedSessions: 0,
  rejectUnauthorized: true,
  autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT,
};

/**
 * Opens nothing yet: makes an agent that connects once, for one request, through `proxy` (`null`: none;
 * `undefined`: as `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say). `onFailure` hears why no connection
 * came about. Throws when the proxy's URL is none.
 */
export async function openConnection(
  proxy: string | null | undefined,
  onFailure: (error: Error) => void,
): Promise<Connection> {
  // Loaded when a request is made: most calls of the command line make none.
  const undici = await import('undici');
  const sockets = new Set<Socket>();
  const connect = tracked(undici.buildConnector(TLS), sockets);
  const factory = (origin: string | URL, options: object) =>
    new undici.Client(origin, connectingOnce(options, onFailure));
  const dispatcher =
    proxy === null
      ? new undici.Agent({ connect, factory })
      : new undici.EnvHttpProxyAgent({
          connect,
          factory,
          requestTls: TLS,
          clientFactory: (origin) => new undici.Client(origin, { connect }),
          ...(proxy === undefined ? {} : { httpProxy: proxy, httpsProxy: proxy, noProxy: '' }),
        });
  const close = () => {
    void dispatcher.destroy().catch(() => undefined);
    for (const socket of sockets) socket.destroy();
  };
  return { dispatcher, close };
}

/** undici forgets a socket that is still connecting, which would hold the process up for minutes. */
function tracked(
  connector: buildConnector.connector,
  sockets: Set<Socket>,
): buildConnector.connector {
  return (options, callback) => {
    const socket = connector(options, callback) as unknown as Socket;
    sockets.add(socket);
  };
}

/**
 * undici answers some failures to connect (a proxy that hangs up) by connecting again, without end. Here
 * the first failure is final, and there is no second connection.
 */
function connectingOnce(
  options: Client.Options,
  onFailure: (error: Error) => void,
): Client.Options {
  const connect = options.connect as buildConnector.connector;
  let used = false;
  return {
    ...options,
    connect(target, callback) {
      if (used) return callback(new Error('the only connection is gone'), null);
      used = true;
      connect(target, (...result) => {
        if (result[0] !== null) onFailure(result[0]);
        callback(...result);
      });
    },
  };
}
