/** Before the first test of a run. */
export { shareSigningKey as setup } from './support/provider/oidc.ts';
