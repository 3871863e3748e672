import type { ErrorCode } from '../../shared/errors.ts';
import type { Provider } from '../providers/provider.ts';
import { isFromIssuer } from './issuer.ts';
import { sameSecret } from './same-secret.ts';

/** Far more than any code or address; it only stops nonsense. */
const MAX_PASTE = 4096;
/** Shorter than any code: an answer like "yes" is not one. */
const MIN_BARE_CODE = 8;

/** The attempt that a pasted code has to belong to. */
export interface PasteContext {
  readonly state: string;
  readonly provider: Pick<Provider, 'bareCode' | 'service' | 'issuer' | 'issuerInAnswer'>;
  /** Where the provider may have sent the browser; `null` where there is no such page. */
  readonly redirectUrls: { readonly loopback: string | null; readonly paste: string | null };
}

/** Which redirect URL a code was issued for; the exchange has to name the same one. */
export type Via = 'loopback' | 'paste';

/** What a pasted text turned out to be. */
export type PastedCode =
  | {
      readonly kind: 'code';
      readonly code: string;
      /** `null` for a bare code. */
      readonly state: string | null;
      readonly via: Via;
    }
  | {
      readonly kind: 'problem';
      readonly code: ErrorCode;
      /** For the person, in whole sentences; holds nothing of what was pasted. */
      readonly message: string;
    };

/**
 * Reads what a person pasted at the end of a sign-in: the whole address, its query string, `code#state`,
 * or the code alone where the provider allows it. Spaces, quotes and brackets around it and the line
 * breaks of a wrapped paste are forgiven. Takes any string and never throws.
 */
export function readPastedCode(text: string, context: PasteContext): PastedCode {
  if (text.length > MAX_PASTE) return notTheCode(context);
  const pasted = withScheme(tidied(text), context);
  if (pasted === '') return problem('code-incomplete', 'Paste the code first.');
  if (!isVisibleAscii(pasted)) return notTheCode(context);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(pasted)) return readAddress(pasted, context);
  if (/^\?|(^|&)(code|error)=/.test(pasted)) {
    const via = context.redirectUrls.loopback === null ? 'paste' : 'loopback';
    return readQuery(new URLSearchParams(pasted), via, context);
  }
  return readCodeAndState(pasted, context);
}

function tidied(text: string): string {
  const around = '[\\s<>"\'`´“”„‟‘’‚‛«»‹›]+';
  return text
    .replace(new RegExp(`^${around}|${around}$`, 'g'), '')
    .replace(/[^\S\r\n]*[\r\n]\s*/g, '');
}

/** Browsers like to hide `http://`, so an address may come without it. */
function withScheme(text: string, { redirectUrls }: PasteContext): string {
  for (const url of [redirectUrls.loopback, redirectUrls.paste]) {
    const [scheme, rest] = url?.split('://') ?? [];
    if (rest && text.startsWith(rest)) return `${scheme}://${text}`;
  }
  return text;
}

function readAddress(address: string, context: PasteContext): PastedCode {
  if (!URL.canParse(address)) return notTheCode(context);
  const url = new URL(address);
  const page = `${url.origin}${url.pathname}`;
  const { loopback, paste } = context.redirectUrls;
  if (page === loopback) return readQuery(url.searchParams, 'loopback', context);
  if (page === paste) return readQuery(url.searchParams, 'paste', context);
  const expected = loopback ?? paste;
  if (expected === null) return notTheCode(context);
  return problem(
    'answer-mismatch',
    `That address is from another site. Copy the one that starts with ${new URL(expected).origin}.`,
  );
}

function readQuery(query: URLSearchParams, via: Via, context: PasteContext): PastedCode {
  const twice = ['code', 'state', 'error', 'iss'].some((name) => query.getAll(name).length > 1);
  if (twice) return notTheCode(context);
  if (!isFromIssuer(query.get('iss'), context.provider)) return fromOther(context);
  const state = query.get('state') ?? '';
  const error = query.get('error');
  if (error === null) return checked(query.get('code') ?? '', state, via, context);
  const ours = state === '' || sameSecret(state, context.state);
  return ours ? refused(error, context) : fromEarlierTry();
}

function readCodeAndState(text: string, context: PasteContext): PastedCode {
  const via = context.redirectUrls.paste === null ? 'loopback' : 'paste';
  const [code = '', state, ...more] = text.split('#');
  if (more.length > 0 || !/^[\w.~+/=-]*$/.test(code)) return notTheCode(context);
  // Without the rest of the address nobody can tell whose answer it is.
  if (context.provider.issuerInAnswer) return incomplete(context);
  if (state !== undefined) return checked(code, state, via, context);
  if (code.length < MIN_BARE_CODE) return notTheCode(context);
  return context.provider.bareCode ? { kind: 'code', code, state: null, via } : incomplete(context);
}

function checked(code: string, state: string, via: Via, context: PasteContext): PastedCode {
  if (code === '' || state === '') return incomplete(context);
  if (!isVisibleAscii(code)) return notTheCode(context);
  if (sameSecret(state, context.state)) return { kind: 'code', code, state, via };
  const cutOff = sameSecret(state, context.state.slice(0, state.length));
  return cutOff ? incomplete(context) : fromEarlierTry();
}

/** RFC 6749 appendix A.11: a code is VSCHAR; a space in one is a piece of something else. */
function isVisibleAscii(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

function refused(error: string, { provider }: PasteContext): PastedCode {
  return problem(
    'sign-in-stopped',
    error === 'access_denied'
      ? 'That address says the sign-in was stopped. Open the browser again and allow it.'
      : `That address says ${provider.service} couldn’t sign you in. Open the browser again.`,
  );
}

function fromOther({ provider }: PasteContext): PastedCode {
  return problem(
    'answer-mismatch',
    `That answer isn’t from ${provider.service}. Open the browser again.`,
  );
}

function fromEarlierTry(): PastedCode {
  return problem(
    'answer-mismatch',
    'That’s from an earlier try. Use the newest page in your browser.',
  );
}

function incomplete({ redirectUrls }: PasteContext): PastedCode {
  return problem(
    'code-incomplete',
    redirectUrls.paste === null
      ? 'That’s only part of the address. Copy all of it from the top line of your browser.'
      : 'That’s only part of the code. Copy all of it, including what comes after the #.',
  );
}

function notTheCode({ provider }: PasteContext): PastedCode {
  return problem(
    'code-incomplete',
    `That doesn’t look like the code. Copy the one that ${provider.service} shows at the end.`,
  );
}

function problem(code: ErrorCode, message: string): PastedCode {
  return { kind: 'problem', code, message };
}
