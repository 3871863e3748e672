const LOOPBACK: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

/** Whether a URL points to this very machine, by address or by the one name that always does (RFC 6761). */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.includes(url.hostname);
}

/**
 * `text` as a URL that a secret may be sent to: https, or http on loopback; no user name, no password, no
 * fragment. Else `null`.
 */
export function safeUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const protected_ = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
  const plain = url.username === '' && url.password === '' && !text.includes('#');
  return protected_ && plain ? url : null;
}
