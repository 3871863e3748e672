/** A lock that is held for longer than one look. */
export interface Hold {
  /** False once it was released, or another process took it for abandoned. */
  readonly intact: boolean;
  /** May be called again; never rejects. */
  release(): Promise<void>;
}
