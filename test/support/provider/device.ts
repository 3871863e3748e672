import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { Endpoint } from './faults.ts';
import { codeEntryPage, donePage, errorPage } from './pages.ts';
import type { Incoming } from './provider.ts';
import type { DevicePaths, Face, Json } from './shapes.ts';
import { type Answer, html, json } from './transport.ts';
import { type SignInOptions, signInAt, type UserAgentEnd } from './user-agent.ts';

/** How long a code can be entered, ms. */
const LIFE = 15 * 60_000;

/** No vowels, no look-alikes. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';

/** One device that waits for its person. */
interface Waiting {
  readonly id: string;
  readonly userCode: string;
  readonly verifier: string;
  /** By the provider's clock, epoch ms. */
  readonly endsAt: number;
  /** An authorization code that the sign-in itself has issued. */
  code: string | null;
  denied: boolean;
}

/** What codes for another device are given out with. */
export interface DeviceParts {
  readonly face: Face;
  /** The provider's clock, epoch ms. */
  readonly now: () => number;
  /** How often it may be asked, s, as it is told. */
  readonly interval: number;
  readonly secrets: Set<string>;
}

/**
 * ChatGPT's codes for another device: a code for the person, a page on which they enter it, and an
 * endpoint that is asked until they have. The page leads into the same sign-in as everywhere; the
 * authorization code at its end is oidc-provider's own, and so are all rules about it.
 */
export class DeviceCodes {
  readonly #parts: DeviceParts;
  readonly #waiting: Waiting[] = [];

  constructor(parts: DeviceParts) {
    this.#parts = parts;
  }

  /** Which endpoint a path is, or `null`. */
  endpoint(path: string): Endpoint | null {
    const { device } = this.#parts.face.paths;
    if (path === device?.code) return 'device-code';
    if (path === device?.poll) return 'device-poll';
    return path === device?.page || path === device?.redirect ? 'device-page' : null;
  }

  /** The provider's answer. */
  workOff({ endpoint, method, url, params }: Incoming): Answer {
    const { device } = this.#parts.face.paths;
    if (!device) return html(404, errorPage('There is nothing here.'));
    if (endpoint === 'device-code') return this.#giveOut(params);
    if (endpoint === 'device-poll') return this.#poll(params);
    if (url.pathname === device.redirect) return this.#return(url.searchParams);
    return method === 'POST' ? this.#enter(params, url.origin, device) : entryPage(device);
  }

  #giveOut({ client_id }: Incoming['params']): Answer {
    const { face, now, interval, secrets } = this.#parts;
    if (client_id !== face.clientId) return refusal(400, 'invalid_client');
    const [id, verifier] = [`deviceauth_${secret()}`, secret()];
    const userCode = `${letters(4)}-${letters(5)}`;
    secrets.add(id).add(verifier);
    const life = { endsAt: now() + LIFE, code: null, denied: false };
    this.#waiting.push({ id, userCode, verifier, ...life });
    // As text, which is how the real one tells it.
    const body = { device_auth_id: id, user_code: userCode, interval: String(interval) };
    return json({ status: 200, body });
  }

  #poll({ device_auth_id, user_code }: Incoming['params']): Answer {
    const device = this.#waiting.find(({ id }) => id === device_auth_id);
    if (device?.userCode !== user_code || !device) {
      return refusal(404, 'deviceauth_authorization_unknown');
    }
    if (device.denied) return refusal(403, 'access_denied');
    if (device.endsAt <= this.#parts.now()) return refusal(403, 'expired_token');
    if (device.code === null) return refusal(403, 'deviceauth_authorization_pending');
    const body = {
      authorization_code: device.code,
      code_verifier: device.verifier,
      code_challenge: challenge(device.verifier),
    };
    return json({ status: 200, body });
  }

  #enter({ user_code = '' }: Incoming['params'], origin: string, paths: DevicePaths): Answer {
    const typed = user_code.trim().toUpperCase();
    const device = this.#waiting.find(({ userCode }) => userCode === typed);
    if (!device || device.endsAt <= this.#parts.now()) {
      return html(400, errorPage('This code is not known, or has run out.'));
    }
    const { face } = this.#parts;
    const url = new URL(face.paths.authorize, origin);
    url.search = new URLSearchParams({
      client_id: face.clientId,
      response_type: 'code',
      redirect_uri: origin + paths.redirect,
      scope: face.scopes.join(' '),
      code_challenge: challenge(device.verifier),
      code_challenge_method: 'S256',
      state: device.id,
    }).toString();
    return { status: 303, headers: { location: url.href }, body: Buffer.alloc(0) };
  }

  #return(query: URLSearchParams): Answer {
    const device = this.#waiting.find(({ id }) => id === query.get('state'));
    if (!device) return html(400, errorPage('Nobody waits for this.'));
    device.code = query.get('code');
    device.denied = device.code === null;
    return html(200, donePage(device.denied));
  }
}

/** The person opens the page, enters the code, and signs in there. */
export async function enterDeviceCode(
  pageUrl: string,
  userCode: string,
  options: SignInOptions = {},
): Promise<UserAgentEnd> {
  const body = new URLSearchParams({ user_code: userCode });
  const response = await fetch(pageUrl, { method: 'POST', body, redirect: 'manual' });
  const location = response.headers.get('location');
  if (location) return signInAt(location, options);
  return { kind: 'page', url: pageUrl, status: response.status, body: await response.text() };
}

function entryPage({ page }: DevicePaths): Answer {
  return html(200, codeEntryPage(page));
}

function refusal(status: number, code: string): Answer {
  const error: Json = { message: code, type: 'invalid_request_error', param: null, code };
  return json({ status, body: { error } });
}

function challenge(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function letters(count: number): string {
  return Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}
