/** How a login is named. */
export const ACCOUNT =
  'claude or chatgpt; one of several accounts as claude:anna@example.com,\nclaude:the-name-that-you-gave-it, or by its id';

/** As `TARGET_IDS` has them, the most likely ones first. */
export const TOOLS = 'peekaboo, claude-code, pi, codex, synaps, opencode, keychain';

/** How much of a login a tool may get. */
export const MODES = `A mode is one of
  shared       all of it: the tool works without Authbar, and may renew the login too
  access-only  only Authbar renews it
  off          nothing`;

/** What follows the list of all commands. */
export const MORE = `
authbar <command> --help says more about a command.

Exit codes:
  0  done                          4  not now: try later, the login is kept
  1  unexpected                    5  the key to the logins is locked or missing
  2  wrong use, or ambiguous       6  done, but something is owed or left behind
  3  sign in first                 7  the sign-in was stopped or ran out of time
                                 130  stopped with Ctrl-C

Environment:
  AUTHBAR_HOME    another folder for Authbar's files
  AUTHBAR_VAULT   keychain or file: where the key to the logins is kept
  AUTHBAR_SOCKET  the socket of a login that another computer shares
  AUTHBAR_LOG     debug: say more on standard error
  BROWSER         the browser to sign in with
  NO_COLOR        no colours
  HTTPS_PROXY, NO_PROXY   the proxy to the services, and where none is used
  NODE_EXTRA_CA_CERTS     certificates to trust beside the usual ones`;

/** What follows the options of `exec`. */
export const EXEC = `
What the command finds:
  Claude     CLAUDE_CODE_OAUTH_TOKEN, ANTHROPIC_OAUTH_TOKEN
  ChatGPT    OPENAI_ACCESS_TOKEN
  added ones AUTHBAR_ACCESS_TOKEN, AUTHBAR_<ID>_ACCESS_TOKEN
API keys and the like that tools would use in its place are left out for the command.
Without such a login it finds your API key for that service, if you gave one with
authbar key add, in the usual variable.

It keeps the token that it starts with for as long as it runs. The token stops working
at its end; start the command again for a new one.

Authbar ends with the command's own exit code: 127 if there is no such command, 126 if
it can't be run.`;

/** What follows the options of `share`. */
export const SHARE = `
It says what to run on both computers, and each time that the login was used. The other
computer gets access tokens of this one login when it asks, and never the login itself.
When the time is over it gets no more; the last one works until its own end.`;

/** How a command is used, below its help. */
export function examples(...lines: string[]): string {
  return `\n${lines.length > 1 ? 'Examples' : 'Example'}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
