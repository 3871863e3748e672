import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';

/** Bytes of the vault's key. */
export const KEY_BYTES = 32;
/** Bytes of the random name under which a key is kept. */
export const KEY_ID_BYTES = 8;

const MAGIC = Buffer.from('authbar');
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;
const KEY_ID_END = MAGIC.length + 1 + KEY_ID_BYTES;
const HEADER_BYTES = KEY_ID_END + LENGTH_BYTES;
/** What sealing adds to the plain text. */
export const SEAL_OVERHEAD = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/** The vault's key and the name that each sealed file carries in clear, so that the key can be found. */
export interface VaultKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * AES-256-GCM. The header (magic, layout, key, length) and `owner` (the account's id) are authenticated too, so that a file cannot
 * be moved into another account's folder or be passed off as an older layout.
 * Nonces are random: far under 2³² seals happen under one key (NIST SP 800-38D, 8.3).
 */
export function seal(key: VaultKey, plain: Uint8Array, owner: string): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(plain.length);
  const header = Buffer.concat([MAGIC, Buffer.from([VERSION]), Buffer.from(key.id, 'hex'), length]);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce);
  cipher.setAAD(Buffer.concat([header, Buffer.from(owner)]));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), body]);
}

/**
 * What comes after the sealed bytes is not looked at: a file that was reserved larger than it needed to
 * be is whole from the moment when its sealed bytes are.
 * @throws AppError `newer-version` for a later layout, `login-damaged` when it is not what we sealed:
 * cut short, changed, another account's, or another key's.
 */
export function unseal(key: VaultKey, sealed: Uint8Array, owner: string): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (sealedKeyId(bytes) !== key.id) throw new AppError('login-damaged', { hint: 'another key' });
  const header = bytes.subarray(0, HEADER_BYTES);
  const nonce = bytes.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const tag = bytes.subarray(HEADER_BYTES + NONCE_BYTES, SEAL_OVERHEAD);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.concat([header, Buffer.from(owner)]));
    decipher.setAuthTag(tag);
    const end = SEAL_OVERHEAD + header.readUInt32BE(KEY_ID_END);
    return Buffer.concat([decipher.update(bytes.subarray(SEAL_OVERHEAD, end)), decipher.final()]);
  } catch (cause) {
    throw new AppError('login-damaged', {}, cause);
  }
}

/**
 * The name of the key that a sealed file needs, or `null` when it is no sealed file of ours.
 * @throws AppError `newer-version` for a later layout.
 */
export function sealedKeyId(sealed: Uint8Array): string | null {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < SEAL_OVERHEAD || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  if ((bytes[MAGIC.length] ?? 0) > VERSION) throw new AppError('newer-version');
  return bytes.subarray(MAGIC.length + 1, KEY_ID_END).toString('hex');
}
