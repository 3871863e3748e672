import * as v from 'valibot';
import { BuiltInIdSchema } from '../../../src/core/grant.ts';
import { EndpointSchema, FaultSchema } from './faults.ts';
import type { StandIn } from './index.ts';
import { type Answer, json } from './transport.ts';

/** Seconds, each optional. */
export const TtlSchema = v.object({
  accessToken: v.exactOptional(v.number()),
  refreshToken: v.exactOptional(v.number()),
  code: v.exactOptional(v.number()),
});

const provider = BuiltInIdSchema;

type Verb = (standIn: StandIn, body: unknown) => unknown;

function verb<const S extends v.GenericSchema>(
  schema: S,
  act: (standIn: StandIn, body: v.InferOutput<S>) => unknown,
): Verb {
  return (standIn, body) => act(standIn, v.parse(schema, body));
}

const ArmSchema = v.object({
  provider,
  endpoint: EndpointSchema,
  fault: FaultSchema,
  times: v.optional(v.number()),
});
const OutageSchema = v.object({
  on: v.boolean(),
  provider: v.optional(provider),
  fault: v.optional(FaultSchema),
});

/** What another process may ask: `POST /control/<verb>` with a JSON body, answered by `{ "result": … }`. */
const VERBS: Readonly<Record<string, Verb>> = {
  arm: verb(ArmSchema, ({ faults }, { provider, endpoint, fault, times }) =>
    faults.arm(provider, endpoint, fault, times),
  ),
  outage: verb(OutageSchema, ({ faults }, { on, provider, fault }) =>
    faults.outage(on, provider, fault),
  ),
  clear: ({ faults }) => faults.clear(),
  revoke: verb(v.object({ provider, who: v.string() }), (standIn, { provider, who }) =>
    standIn.revokeFamily(provider, who),
  ),
  ttl: verb(v.object({ ttl: TtlSchema, provider: v.optional(provider) }), (standIn, body) =>
    standIn.setTtl(body.ttl, body.provider),
  ),
  clock: verb(v.object({ offBy: v.number(), provider: v.optional(provider) }), (standIn, body) =>
    standIn.setClock(body.offBy, body.provider),
  ),
  active: verb(v.object({ refreshToken: v.string() }), (standIn, { refreshToken }) =>
    standIn.active(refreshToken),
  ),
  journal: async ({ journal }) => {
    await journal.settled();
    return journal.entries;
  },
  tokens: ({ tokens }) => tokens,
};

/** Does what `/control/<name>` asks of `standIn`. */
export async function control(standIn: StandIn, name: string, body: Buffer): Promise<Answer> {
  const act = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!act) return json({ status: 404, body: { error: `no such verb: ${name}` } });
  try {
    const result = await act(standIn, body.length > 0 ? JSON.parse(body.toString()) : {});
    return json({ status: 200, body: { result: result ?? null } });
  } catch (error) {
    return json({ status: 400, body: { error: String(error) } });
  }
}
