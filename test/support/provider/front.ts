import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import type { BuiltInId } from '../../../src/core/grant.ts';
import type { Fault, Faults } from './faults.ts';
import { fingerprint, type Journal, type JournalEntry } from './journal.ts';
import type { KeyStandIn } from './keys.ts';
import { errorPage } from './pages.ts';
import type { Incoming, StandInProvider } from './provider.ts';
import { type Answer, deliver, html, isProcessed, without } from './transport.ts';

export interface FrontParts {
  readonly origin: string;
  readonly providers: readonly StandInProvider[];
  readonly journal: Journal;
  readonly faults: Faults;
  readonly keys: KeyStandIn;
  /** Answers what is below `/control/`. */
  readonly control: (verb: string, body: Buffer) => Promise<Answer>;
  /** Ends every delay. */
  readonly closing: AbortSignal;
}

const CONTROL = '/control/';

/** What the world talks to: reads a request, notes it, lets it meet its fault, and sends the answer. */
export function createFront(
  parts: FrontParts,
): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    const url = new URL(parts.origin + (req.url?.startsWith('/') ? req.url : '/'));
    if (url.pathname.startsWith(CONTROL)) {
      void respond(res, () => control(parts, req, url.pathname.slice(CONTROL.length)));
      return;
    }
    if (parts.keys.serve(req, res)) return;
    const provider = parts.providers.find(({ face }) => url.pathname.startsWith(`/${face.id}/`));
    if (provider) parts.journal.track(serve(parts, provider, req, res, url));
    else void respond(res, async () => NOT_FOUND);
  };
}

const NOT_FOUND = html(404, errorPage('There is nothing here.'));

async function control(parts: FrontParts, req: IncomingMessage, verb: string): Promise<Answer> {
  return parts.control(verb, await buffer(req));
}

async function serve(
  { journal, faults, closing }: FrontParts,
  provider: StandInProvider,
  req: IncomingMessage,
  res: ServerResponse,
  url: URL,
): Promise<void> {
  const { id } = provider.face;
  res.setHeader('date', new Date(Date.now() + provider.settings.clockOffBy).toUTCString());
  const body = await buffer(req).catch(() => null);
  if (body === null) {
    journal.add(newEntry(id, 'broken-off', req, {}, null));
    return;
  }
  const params = paramsOf(req.headers, body);
  const endpoint = provider.endpoint(url.pathname, params);
  if (endpoint === null) return respond(res, async () => NOT_FOUND);

  const fault = faults.take(id, endpoint);
  const entry = journal.add(newEntry(id, endpoint, req, params, fault));
  if (fault?.delay) await sleep(fault.delay, undefined, { signal: closing }).catch(() => {});
  const { method = 'GET', headers } = req;
  try {
    const real = isProcessed(fault)
      ? await provider.workOff({ endpoint, method, url, headers, body, params }, entry)
      : null;
    Object.assign(entry, await deliver(res, real, fault));
  } catch (error) {
    await respond(res, () => Promise.reject(error));
  }
}

function newEntry(
  provider: BuiltInId,
  endpoint: JournalEntry['endpoint'],
  { headers }: IncomingMessage,
  params: Incoming['params'],
  fault: Fault | null,
): JournalEntry {
  const token = params.refresh_token ?? params.token;
  return {
    provider,
    endpoint,
    at: Date.now(),
    headers: without(headers, ['authorization', 'cookie']) as IncomingHttpHeaders,
    fields: Object.keys(params),
    token: token === undefined ? null : fingerprint(token),
    fault: fault?.kind ?? null,
    rotated: false,
    rotatedAt: null,
    issued: null,
    status: null,
    answered: false,
  };
}

const JsonBodySchema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()));

/** The fields of a JSON or form body; none of any other. */
function paramsOf(headers: IncomingHttpHeaders, body: Buffer): Incoming['params'] {
  if (body.length === 0) return {};
  if (!headers['content-type']?.startsWith('application/json')) {
    return Object.fromEntries(new URLSearchParams(body.toString()));
  }
  const { success, output } = v.safeParse(JsonBodySchema, body.toString());
  if (!success) return {};
  return Object.fromEntries(Object.entries(output).map(([name, value]) => [name, String(value)]));
}

/** For what meets no fault. A bug in here is a 500 that says so. */
async function respond(res: ServerResponse, work: () => Promise<Answer>): Promise<void> {
  const answer = await work().catch((error: unknown) => html(500, errorPage(String(error))));
  await deliver(res, answer, null);
}
