import { describe, expect, it } from 'vitest';
import type { FaultCause, Outcome } from '../../src/core/oauth/transport.ts';
import { createProviders } from '../../src/core/providers/index.ts';
import { classify } from '../../src/core/refresh/classify.ts';
import { CASES, type Case, NOW } from './classify.cases.ts';

const providers = createProviders();
const HOUR = 3_600_000;

function outcome({ fault, status = 0, headers = {}, body = '' }: Case): Outcome {
  if (fault !== undefined) {
    const cause = fault.replace('!', '') as FaultCause;
    return { kind: 'fault', sent: fault.endsWith('!'), cause, error: undefined };
  }
  return {
    kind: 'answer',
    status,
    headers,
    body: new TextEncoder().encode(body),
    complete: true,
    receivedAt: NOW,
    serverDate: headers.date === undefined ? null : Date.parse(headers.date),
  };
}

describe.each(Object.values(providers))('a renewal at $service', (provider) => {
  const cases = CASES.filter((one) => (one.provider ?? provider.id) === provider.id);

  it.each(cases)('that meets $name ends in $end.end', (one) => {
    const remaining = one.remaining === undefined ? HOUR : one.remaining;
    expect(classify(provider, outcome(one), NOW, remaining)).toEqual(one.end);
  });

  it('has no two cases of one name', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });
});
