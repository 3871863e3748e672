import type { Clock } from '../ports.ts';

/** The system's answer for an address, as a proxy auto-config script gives it: `PROXY a:8080; DIRECT`. */
export type AskSystem = (url: string) => Promise<string>;

/** A script that has no answer by then gets none asked for, ms. */
const PATIENCE = 5000;

const SCHEMES: Readonly<Record<string, string>> = {
  PROXY: 'http',
  HTTP: 'http',
  HTTPS: 'https',
};

/**
 * The proxy that the system wants for `url`. `undefined`: none that can be used, so the environment
 * decides, as it does for a program without a system to ask.
 */
export async function systemProxy(
  ask: AskSystem,
  url: string,
  clock: Clock,
): Promise<string | undefined> {
  const over = new AbortController();
  const late = clock.sleep(PATIENCE, over.signal).then(
    () => '',
    () => '',
  );
  try {
    // The path and the query are nobody's business but the server's.
    const answer = await Promise.race([ask(new URL(url).origin), late]);
    return firstProxy(answer);
  } catch {
    return undefined;
  } finally {
    over.abort();
  }
}

/**
 * The first way in a proxy auto-config answer, as a URL; `undefined` for a direct one, for one that we do
 * not speak (SOCKS), and for what is no such answer.
 * @see https://developer.mozilla.org/docs/Web/HTTP/Guides/Proxy_servers_and_tunneling/Proxy_Auto-Configuration_PAC_file#return_value_format
 */
export function firstProxy(answer: string): string | undefined {
  for (const way of answer.split(';')) {
    const [kind = '', place = '', ...rest] = way.trim().split(/\s+/);
    if (kind.toUpperCase() === 'DIRECT') return undefined;
    const scheme = SCHEMES[kind.toUpperCase()];
    const url = scheme && rest.length === 0 ? `${scheme}://${place}` : '';
    // Nothing but a host and a port: no path, no user name.
    if (URL.canParse(url) && /^[^/@?#]+$/.test(place)) return url;
  }
  return undefined;
}
