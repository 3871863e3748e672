/** The scheme of our own page, and its one host. */
export const SCHEME = 'app';
const HOST = 'bundle';

/** The page's address. */
export const PAGE = `${SCHEME}://${HOST}/index.html`;

/** What an `app:` request gets: a file of the bundle, or a refusal. */
export type BundleAnswer =
  | { readonly status: 200; readonly file: string }
  | { readonly status: 400 | 404 };

/**
 * Which file of the bundle a request is for. Only what was built is served, by its exact name; an address
 * that is written in any other way (escapes, backslashes, a query) is none of ours.
 * @param files Relative to the bundle, with slashes.
 */
export function bundleFile(
  { method, url }: { readonly method: string; readonly url: string },
  files: ReadonlySet<string>,
): BundleAnswer {
  const start = `${SCHEME}://${HOST}/`;
  const file = url.slice(start.length);
  const plain = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/.test(file);
  if (method !== 'GET' || !url.startsWith(start) || !plain) return { status: 400 };
  return files.has(file) ? { status: 200, file } : { status: 404 };
}

/** Whether `url` is an address in the bundle. Node knows no origins of schemes that are not the web's. */
export function isInBundle(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return protocol === `${SCHEME}:` && host === HOST;
}

/** What every answer tells the page: it runs our own files, and reaches nothing else. */
export const BUNDLE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'X-Content-Type-Options': 'nosniff',
} as const;

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
};

/** The media type of a file of the bundle; `undefined`: nothing that a page uses. */
export function typeOf(file: string): string | undefined {
  return TYPES[file.slice(file.lastIndexOf('.') + 1)];
}
