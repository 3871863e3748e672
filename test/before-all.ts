/** What is made once for a run of tests, before its first one. */
import { bundleChildren } from './support/children/bundle.ts';
import { shareSigningKey } from './support/provider/oidc.ts';

/** @returns what takes it away again. */
export async function setup(): Promise<() => Promise<void>> {
  await shareSigningKey();
  return bundleChildren();
}
