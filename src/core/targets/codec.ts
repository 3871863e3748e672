import type { BuiltInId, Grant } from '../grant.ts';
import type { Held, ToolHolder, WriteOptions } from './target.ts';
import type { KeyCodec } from './tool-keys.ts';

/**
 * How one tool's file is read and changed, as bytes: no file is touched here. Everything outside our
 * entry stays byte for byte. The bytes are never empty; `null` stands for no file, or an empty one.
 * @throws AppError `tool-file-damaged` (without a path) from everything but `read`, for bytes that cannot
 * be understood; they are never replaced.
 */
export interface Codec {
  serves(provider: BuiltInId): boolean;
  /** API keys of ours in the same file; left out where there are none. */
  readonly keys?: KeyCodec;
  read(bytes: Uint8Array, provider: BuiltInId): Held;
  /** @throws AppError `login-incomplete` for a grant without what the tool cannot do without. */
  write(
    bytes: Uint8Array | null,
    holder: ToolHolder,
    grant: Grant,
    options: WriteOptions,
  ): Uint8Array;
  /** Without our entry; `null` where the file is of no use to anybody then and goes as a whole. */
  remove(bytes: Uint8Array, provider: BuiltInId): Uint8Array | null;
  /** What `write` with `fresh` would replace, for `restore`; `null` when there is nothing. Secret. */
  keep(bytes: Uint8Array, provider: BuiltInId): string | null;
  /** The file with what `keep` told in place of what is there now. */
  restore(bytes: Uint8Array | null, provider: BuiltInId, kept: string): Uint8Array;
}
