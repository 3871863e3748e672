/** `sk-a…x7Qa`: enough to recognise a token by, not enough to use. */
export function maskToken(token: string): string {
  return token.length < 24 ? '…' : `${token.slice(0, 4)}…${token.slice(-4)}`;
}
