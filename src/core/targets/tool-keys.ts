import type { BuiltInId } from '../grant.ts';
import type { KeyServiceId } from '../keys/services.ts';

/** What a tool's file has in the place of a service's API key. */
export type HeldKey =
  | { readonly kind: 'nothing' }
  /** Somebody is, or was, in the middle of writing the file. */
  | { readonly kind: 'being-written' }
  /** A key, whoever put it there. Secret. */
  | { readonly kind: 'key'; readonly key: string }
  /** Something else that the person uses: a login, a command that tells a key, a key by another name. */
  | { readonly kind: 'other' }
  | { readonly kind: 'unreadable' };

/** How a tool keeps API keys in the file of its logins, as bytes; see `Codec`. */
export interface KeyCodec {
  /** The line's or entry's name; `null`: the tool keeps none of that service's. */
  nameOf(service: KeyServiceId): string | null;
  /** Whose login would stand in the same place, and counts for more; `null`: both have room. */
  rivalOf(service: KeyServiceId): BuiltInId | null;
  /** Whose key `Codec.read` tells as `api-key` when it is asked for a provider's login; `null`: no key that is kept here. */
  toldAs(provider: BuiltInId): KeyServiceId | null;
  read(bytes: Uint8Array, service: KeyServiceId): HeldKey;
  /** @throws AppError `tool-file-damaged`. */
  write(bytes: Uint8Array | null, service: KeyServiceId, key: string): Uint8Array;
  /** @throws AppError `tool-file-damaged`. */
  remove(bytes: Uint8Array, service: KeyServiceId): Uint8Array;
}

/** The keys in a tool's file whose lock is held. */
export interface OpenKeys {
  read(service: KeyServiceId): Promise<HeldKey>;
  write(service: KeyServiceId, key: string): Promise<void>;
  remove(service: KeyServiceId): Promise<void>;
}

/** What a tool that keeps API keys offers beside its logins; see `Target`. */
export interface ToolKeys extends Pick<KeyCodec, 'nameOf' | 'rivalOf'> {
  read(service: KeyServiceId): Promise<HeldKey>;
  open<T>(deadline: number, work: (keys: OpenKeys) => Promise<T>): Promise<T>;
}
