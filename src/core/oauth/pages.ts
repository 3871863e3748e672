import { createHash } from 'node:crypto';

/** What the browser is told at the end of its part. */
export type PageKind =
  | 'success'
  | 'almost'
  | 'one-more-step'
  | 'stopped'
  | 'service-problem'
  | 'wrong-state'
  | 'already-used'
  | 'expired'
  | 'not-found';

/** Names that the pages mention. They come from the attempt, never from a request. */
export interface PageNames {
  /** `Claude`, `ChatGPT`. */
  readonly service: string;
  /** Where Authbar's key is: `menu bar`. */
  readonly place: string;
}

/** A page as it is sent. */
export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface PageText {
  readonly status: number;
  readonly shape: 'ok' | 'no';
  readonly title: string;
  readonly text: string;
}

/** The page for `kind`: no script, nothing from elsewhere, nothing from the request. */
export function callbackPage(kind: PageKind, names: PageNames): Page {
  const { status, shape, title, text } = TEXTS[kind];
  return {
    status,
    headers: HEADERS,
    body: html(shape, fill(title, names), fill(text, names)),
  };
}

const TEXTS: Readonly<Record<PageKind, PageText>> = {
  success: {
    status: 200,
    shape: 'ok',
    title: 'You’re signed in to {service}',
    text: 'You can close this tab. Authbar does the rest.',
  },
  almost: {
    status: 200,
    shape: 'ok',
    title: 'Almost done',
    text: 'You can close this tab. The key in your {place} tells you when it’s finished.',
  },
  'one-more-step': {
    status: 200,
    shape: 'no',
    title: 'One more step in Authbar',
    text: '{service} said yes. Click the key in your {place} to finish.',
  },
  stopped: {
    status: 200,
    shape: 'no',
    title: 'You didn’t sign in',
    text: 'Nothing was changed. To try again, click the key in your {place}.',
  },
  'service-problem': {
    status: 200,
    shape: 'no',
    title: '{service} couldn’t sign you in',
    text: 'Nothing was changed. Try again from the key in your {place}.',
  },
  'wrong-state': {
    status: 400,
    shape: 'no',
    title: 'This page is from another try',
    text: 'Close this tab and finish in the newest one.',
  },
  'already-used': {
    status: 400,
    shape: 'ok',
    title: 'You’ve already finished here',
    text: 'You can close this tab.',
  },
  expired: {
    status: 400,
    shape: 'no',
    title: 'This sign-in ran out of time',
    text: 'Start again from the key in your {place}.',
  },
  'not-found': {
    status: 404,
    shape: 'no',
    title: 'Nothing to see here',
    text: 'This address is used only while you sign in with Authbar.',
  },
};

// The last rule paints the mark inside a shape like the page behind it, in either theme.
const STYLE =
  ':root{color-scheme:light dark}' +
  'body{margin:0;min-height:100vh;display:grid;place-items:center;background:light-dark(#F4F4F6,#1F1F22);color:light-dark(#1C1C1F,#F2F2F5);font:17px/26px system-ui,sans-serif}' +
  'main{max-width:26rem;padding:2rem;text-align:center}' +
  'svg{width:56px;height:56px}' +
  'h1{font-size:26px;line-height:32px;margin:20px 0 8px}' +
  'p{margin:0;color:light-dark(#54545B,#B8B8C0)}' +
  '.ok{color:light-dark(#17702F,#62D283)}' +
  '.no{color:light-dark(#8A5200,#F0B64A)}' +
  '.mark{stroke:light-dark(#F4F4F6,#1F1F22)}';

const SHAPES = {
  ok: '<circle cx="7" cy="7" r="7" fill="currentColor"/><path class="mark" d="M3.8 7.3 6.1 9.6 10.3 4.9" fill="none" stroke="#F4F4F6" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/>',
  no: '<path d="M7 1.3 13.2 12.5H.8Z" fill="currentColor" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round"/><path class="mark" d="M7 5v3.3M7 10.4v.3" stroke="#F4F4F6" stroke-width="1.5" stroke-linecap="round"/>',
};

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
};

function html(shape: PageText['shape'], title: string, text: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} · Authbar</title>
<style>${STYLE}</style>
<main><svg class="${shape}" viewBox="0 0 14 14" aria-hidden="true">${SHAPES[shape]}</svg><h1>${title}</h1><p>${text}</p></main></html>
`;
}

function fill(text: string, { service, place }: PageNames): string {
  return text.replace('{service}', () => escaped(service)).replace('{place}', () => escaped(place));
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
