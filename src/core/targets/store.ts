/**
 * Where the bytes of a tool's logins are: a file, or an item that the tool keeps in the keychain.
 * Writing changes all of them in one step. The caller holds the tool's lock, except for what only looks.
 */
export interface Store {
  /** `null`: there is none. @throws AppError `tool-file-protected` and what a file call means. */
  read(): Promise<Uint8Array | null>;
  /** How old what `read` gives is, ms by the clock that stamps files; `null`: unknown or not there. */
  age(): Promise<number | null>;
  /** Whether a write goes on or was broken off: `read` may give half of it. Left out: it never does. */
  unfinished?(): Promise<boolean>;
  /** @throws AppError `tool-file-protected`, `disk-full`, … */
  write(bytes: Uint8Array): Promise<void>;
  /** Takes the whole of it away. Nothing there is no error. */
  discard(): Promise<void>;
  /** Does all that a write of `size` bytes does but the last step, and takes it back. */
  rehearse(size: number): Promise<void>;
  /** Finishes or removes what killed writers left. */
  sweep(): Promise<void>;
}
