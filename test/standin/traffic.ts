import { fromChromium, isOwnAddress } from './address.ts';
import type { Page, PausedRequest } from './page.ts';
import type { Session } from './session.ts';
import { cancellable } from './surface.ts';

type Details = Electron.OnBeforeRequestListenerDetails;
type ResourceType = Details['resourceType'];
type Handler = NonNullable<ReturnType<Session['protocol']['handlerOf']>>;
type NavigationEvent = 'will-navigate' | 'will-frame-navigate' | 'will-redirect';
type Refusal = 'Aborted' | 'BlockedByClient' | 'Failed';

/** Whose requests they are. */
export interface Visitor {
  readonly contents: Electron.WebContents;
  readonly page: Page;
  readonly session: Session;
  /** Whether the app itself goes there: then it is not asked whether the page may. */
  goesTo(address: string): boolean;
}

const RESOURCE_TYPES: Partial<Record<PausedRequest['resourceType'], ResourceType>> = {
  Stylesheet: 'stylesheet',
  Script: 'script',
  Image: 'image',
  Font: 'font',
  Media: 'media',
  XHR: 'xhr',
  Fetch: 'xhr',
  Ping: 'ping',
  CSPViolationReport: 'cspReport',
  WebSocket: 'webSocket',
};

let lastId = 0;

/** Answers a request of a page: as the app's `webRequest` listeners and `protocol` handlers want it. */
export async function answerRequest(paused: PausedRequest, visitor: Visitor): Promise<void> {
  const { requestId } = paused;
  const cdp = visitor.page.cdp;
  const details = detailsOf(paused, visitor);
  const refusal = await refusalOf(paused, details, visitor);
  if (refusal) {
    await cdp.send('Fetch.failRequest', { requestId, errorReason: refusal });
    return;
  }
  const handler = visitor.session.protocol.handlerOf(details.url);
  if (handler) await fulfil(paused, details, visitor, handler);
  else await cdp.send('Fetch.continueRequest', { requestId });
}

async function refusalOf(
  paused: PausedRequest,
  details: Details,
  visitor: Visitor,
): Promise<Refusal | undefined> {
  if (!mayNavigate(paused, details, visitor)) return 'Aborted';
  const { protocol, webRequest } = visitor.session;
  if ((await webRequest.askBefore(details)).cancel) return 'BlockedByClient';
  // Nobody else answers for a scheme of the app's own.
  return isOwnAddress(details.url) && !protocol.handlerOf(details.url) ? 'Failed' : undefined;
}

function detailsOf(paused: PausedRequest, { contents, page }: Visitor): Details {
  const { request, resourceType, frameId } = paused;
  lastId += 1;
  const document = frameId === page.frames.mainId ? 'mainFrame' : 'subFrame';
  return {
    id: lastId,
    url: fromChromium(request.url),
    method: request.method,
    webContentsId: contents.id,
    webContents: contents,
    frame: page.frames.find(frameId) ?? null,
    resourceType:
      resourceType === 'Document' ? document : (RESOURCE_TYPES[resourceType] ?? 'other'),
    referrer: '',
    timestamp: Date.now(),
    uploadData: [],
  };
}

function mayNavigate(paused: PausedRequest, { url }: Details, visitor: Visitor): boolean {
  const { contents, page } = visitor;
  if (paused.resourceType !== 'Document') return true;
  const isMainFrame = paused.frameId === page.frames.mainId;
  const frame = page.frames.find(paused.frameId) ?? null;
  const agrees = (name: NavigationEvent): boolean => {
    const event = cancellable({ url, isMainFrame, isSameDocument: false, frame, initiator: frame });
    (contents as NodeJS.EventEmitter).emit(name, event, url, false, isMainFrame);
    return !event.defaultPrevented;
  };
  if (paused.redirectedRequestId) return agrees('will-redirect');
  if (isMainFrame && visitor.goesTo(url)) return true;
  return agrees('will-frame-navigate') && (!isMainFrame || agrees('will-navigate'));
}

async function fulfil(
  { requestId, request }: PausedRequest,
  details: Details,
  { page, session }: Visitor,
  handler: Handler,
): Promise<void> {
  const body = request.postData ?? null;
  const { method, headers } = request;
  const response = await handler(new Request(details.url, { method, headers, body }));
  const own = Object.fromEntries([...response.headers].map(([name, value]) => [name, [value]]));
  const statusCode = response.status;
  const statusLine = `HTTP/1.1 ${statusCode} ${response.statusText}`;
  const received = { ...details, statusCode, statusLine, responseHeaders: own };
  const { cancel, responseHeaders = own } = await session.webRequest.askHeaders(received);
  if (cancel) {
    await page.cdp.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
    return;
  }
  await page.cdp.send('Fetch.fulfillRequest', {
    requestId,
    responseCode: statusCode,
    responseHeaders: Object.entries(responseHeaders).flatMap(([name, values]) =>
      [values].flat().map((value) => ({ name, value })),
    ),
    body: Buffer.from(await response.arrayBuffer()).toString('base64'),
  });
}
