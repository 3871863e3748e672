/** Where a sign-in in the browser came to its end. */
export type UserAgentEnd =
  /** The app's loopback callback was fetched, and this is its answer. */
  | { kind: 'callback'; url: string; status: number; headers: Headers; body: string }
  /** The redirect, with nobody there to fetch it, or when asked not to. */
  | { kind: 'redirect'; url: string }
  /** The provider's page with a code to copy. */
  | { kind: 'code-page'; url: string; code: string }
  /** A page of the provider's from which nothing leads on. */
  | { kind: 'page'; url: string; status: number; body: string };

export interface SignInOptions {
  /** E-mail or key of who signs in. Default: the page's first one. */
  readonly person?: string;
  /** Press Cancel instead. */
  readonly deny?: boolean;
  /** Stop with the redirect's URL in hand, as a browser on another computer does. */
  readonly fetchCallback?: boolean;
}

const MAX_STEPS = 15;

/**
 * A small browser: opens the authorize URL, keeps cookies, follows redirects, presses the buttons of the
 * stand-in's pages, and fetches the app's callback at the end. Everything over real HTTP.
 */
export async function signInAt(
  authorizeUrl: string,
  options: SignInOptions = {},
): Promise<UserAgentEnd> {
  const provider = new URL(authorizeUrl).origin;
  const cookies = new CookieJar();
  let next: Step = { url: authorizeUrl };
  for (let step = 0; step < MAX_STEPS; step++) {
    const { url, form } = next;
    if (new URL(url).origin !== provider) return end(url, options.fetchCallback ?? true);
    const response = await fetch(url, {
      ...(form && { method: 'POST', body: form }),
      headers: cookies.headers(url),
      redirect: 'manual',
    });
    cookies.keep(response);
    const body = await response.text();
    const code = /<pre id="code">(.*?)<\/pre>/s.exec(body)?.[1];
    if (code !== undefined) return { kind: 'code-page', url, code: plain(code) };
    const onward = redirect(response, url) ?? button(body, url, options);
    if (!onward) return { kind: 'page', url, status: response.status, body };
    next = onward;
  }
  throw new Error(`the sign-in pages go round in circles, last at ${next.url}`);
}

interface Step {
  readonly url: string;
  readonly form?: URLSearchParams;
}

async function end(url: string, fetchIt: boolean): Promise<UserAgentEnd> {
  if (!fetchIt) return { kind: 'redirect', url };
  const response = await fetch(url, { redirect: 'manual' }).catch(() => null);
  if (!response) return { kind: 'redirect', url };
  const { status, headers } = response;
  return { kind: 'callback', url, status, headers, body: await response.text() };
}

function redirect(response: Response, base: string): Step | null {
  const location = response.headers.get('location');
  return location === null ? null : { url: new URL(location, base).href };
}

const BUTTON = /<button name="(?<name>\w+)" value="(?<value>[^"]*)">(?<label>.*?)<\/button>/gs;

/** The form that the wanted button sends, or `null` when the page has none. */
function button(body: string, base: string, { person, deny }: SignInOptions): Step | null {
  const action = /<form method="post" action="([^"]*)">/.exec(body)?.[1];
  if (action === undefined) return null;
  const buttons = [...body.matchAll(BUTTON)].map(({ groups }) => ({
    name: groups?.name ?? '',
    value: plain(groups?.value ?? ''),
    label: plain(groups?.label ?? ''),
  }));
  const pressed = buttons.find(({ name, value, label }) =>
    deny
      ? name === 'deny'
      : name === 'person' &&
        (person === undefined || value === person || label.split(' ').includes(person)),
  );
  if (!pressed) throw new Error(`the sign-in page has no button for ${person ?? 'anybody'}`);
  const form = new URLSearchParams({ [pressed.name]: pressed.value });
  return { url: new URL(plain(action), base).href, form };
}

function plain(html: string): string {
  return html.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** Cookies of one host, by name and path (RFC 6265 §5.3 and §5.4, as far as a sign-in needs it). */
class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  keep(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(/;\s*/);
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      const attribute = (wanted: string) =>
        attributes.find((a) => a.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
      const path = attribute('path') ?? '/';
      const over = Date.parse(attribute('expires') ?? '') <= Date.now();
      if (over) this.#cookies.delete(`${name} ${path}`);
      else this.#cookies.set(`${name} ${path}`, { name, value, path });
    }
  }

  headers(url: string): Record<string, string> {
    const { pathname } = new URL(url);
    const sent = [...this.#cookies.values()].filter(
      ({ path }) => path === '/' || pathname === path || pathname.startsWith(`${path}/`),
    );
    return sent.length > 0
      ? { cookie: sent.map(({ name, value }) => `${name}=${value}`).join('; ') }
      : {};
  }
}
