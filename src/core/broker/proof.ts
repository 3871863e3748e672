import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Length of the key and of a nonce, bytes. */
export const KEY_BYTES = 32;

/** Who proves. Each side's proof has its own label, so that neither can be sent back as the other. */
export type Side = 'client' | 'server';

/** What both proofs of one connection are about: a fresh nonce of each side, in hex. */
export interface Nonces {
  readonly client: string;
  readonly server: string;
}

/** A fresh nonce, in hex. */
export function newNonce(): string {
  return randomBytes(KEY_BYTES).toString('hex');
}

/** Shows, in hex, that `side` knows the key, without showing the key; good for these nonces alone. */
export function prove(key: Buffer, side: Side, nonces: Nonces): string {
  return hmac(key, side, nonces).toString('hex');
}

/** Whether `proof`, in hex, is that of `side`, in a time that tells nothing about where it differs. */
export function isProof(key: Buffer, side: Side, nonces: Nonces, proof: string): boolean {
  const [expected, given] = [hmac(key, side, nonces), Buffer.from(proof, 'hex')];
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function hmac(key: Buffer, side: Side, { client, server }: Nonces): Buffer {
  return createHmac('sha256', key).update(`authbar broker ${side} ${client} ${server}`).digest();
}
