import { FAULTS, type Fault } from '../support/provider/index.ts';

/** How often each kind of fault meets a renewal. */
export const RATE = 0.05;

/** Something that goes wrong with a renewal, and the name that it has in the table. */
export interface Trouble {
  readonly name: string;
  /** `unsent`: nothing listens there. */
  readonly fault: Fault | 'unsent';
}

/** A kind of trouble: which of the ends of a renewal it leads to, and what of it the network does. */
export interface Kind {
  readonly name: string;
  readonly troubles: readonly [Trouble, ...Trouble[]];
}

const JSON_TYPE = { 'content-type': 'application/json' };
const PAGE = { 'content-type': 'text/html; charset=utf-8' };

/** The kinds of faults that are met in the wild, each as likely as the others. */
export const KINDS: readonly Kind[] = [
  { name: 'unsent', troubles: [{ name: 'connection refused', fault: 'unsent' }] },
  {
    name: 'refused for now',
    troubles: [
      { name: '503 with a page', fault: FAULTS.unavailable },
      { name: 'a gateway’s 401 page', fault: FAULTS.gateway },
      { name: '429, a minute', fault: FAULTS.tooMany(60) },
      { name: 'a redirect to another place', fault: FAULTS.redirect(302, 'http://127.0.0.1:9/') },
      { name: 'a portal’s page with 200', fault: answer(200, PAGE, '<html>Sign in</html>') },
      { name: '408 without a word', fault: answer(408, {}, '') },
    ],
  },
  {
    name: 'unknown, nothing happened',
    troubles: [
      { name: 'reset', fault: FAULTS.reset },
      { name: 'silence', fault: FAULTS.silence },
      { name: '502 with a page', fault: FAULTS.badGateway },
      { name: '204 without a body', fault: FAULTS.empty },
    ],
  },
  {
    name: 'unknown, renewed, told by half',
    troubles: [
      { name: 'no access token', fault: { kind: 'edit', omit: ['access_token'] } },
      { name: 'a broken access token', fault: FAULTS.brokenToken },
    ],
  },
  {
    name: 'unknown, renewed, answer swallowed',
    troubles: [
      { name: 'reset', fault: FAULTS.answerLost },
      { name: 'silence', fault: { ...FAULTS.silence, processed: true } },
      { name: '502 with a page', fault: { ...FAULTS.badGateway, processed: true } },
      { name: 'half a body', fault: FAULTS.cut },
    ],
  },
  {
    name: 'stuck',
    troubles: [
      { name: '401 invalid_client', fault: answer(401, JSON_TYPE, '{"error":"invalid_client"}') },
      { name: '400 invalid_scope', fault: answer(400, JSON_TYPE, '{"error":"invalid_scope"}') },
      { name: '403 access_denied', fault: answer(403, JSON_TYPE, '{"error":"access_denied"}') },
    ],
  },
];

function answer(status: number, headers: Record<string, string>, body: string): Fault {
  return { kind: 'answer', status, headers, body };
}
