import type { Person } from './people.ts';

/** The sign-in page: one button for each person, and a way out. */
export function signInPage(service: string, action: string, people: readonly Person[]): string {
  const buttons = people.map(
    (person) =>
      `<button name="person" value="${text(person.key)}">Continue as ${text(person.email)}` +
      ` <small>${text(person.workspace)}</small></button>`,
  );
  return page(
    `Sign in to ${service}`,
    `<p>This is a stand-in. It asks for no password.</p>
<form method="post" action="${text(action)}">
${buttons.join('\n')}
<button name="deny" value="yes">Cancel</button>
</form>`,
  );
}

/** Anthropic's page behind the redirect that is not a loopback one: a code for the person to copy. */
export function codePage(query: URLSearchParams): string {
  const code = query.get('code');
  if (code === null) return errorPage(query.get('error') ?? 'no code');
  const shown = `${code}#${query.get('state') ?? ''}`;
  return page(
    'Authentication code',
    `<p>Paste this into the app:</p>\n<pre id="code">${text(shown)}</pre>`,
  );
}

/** Where a person enters the code that a device shows. */
export function codeEntryPage(action: string): string {
  return page(
    'Sign in on a device',
    `<form method="post" action="${text(action)}">
<p><label>Code <input name="user_code" autocomplete="off"></label></p>
<button>Continue</button>
</form>`,
  );
}

/** The end of a sign-in that a device waits for. */
export function donePage(denied: boolean): string {
  return denied
    ? page('You didn’t sign in', '<p>The device gets nothing.</p>')
    : page('You’re signed in', '<p>The device goes on by itself.</p>');
}

export function errorPage(problem: string): string {
  return page('That did not work', `<p>${text(problem)}</p>`);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${text(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 15vh auto; padding: 0 1rem }
button { display: block; width: 100%; margin: .5rem 0; padding: .7rem; font: inherit }
pre { overflow-wrap: anywhere; white-space: pre-wrap }
</style>
<h1>${text(title)}</h1>
${body}
</html>
`;
}

function text(value: string): string {
  return value.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
