/** Told apart by their outlines alone. */
export type Shape = 'ok' | 'stop' | 'warn' | 'clock' | 'lock' | 'ask' | 'renew' | 'standby';

/** The colour of the shape; where it is `bad`, of the words too. */
export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'quiet';

/** What a button does. */
export type CardAction = { readonly label: string } & (
  | {
      readonly kind: 'sign-in' | 'check' | 'open-service' | 'show-sign-in' | 'details' | 'sign-out';
    }
  /** The tool's own view, or the question about it. */
  | { readonly kind: 'tool' | 'decide'; readonly tool: string }
);

/** What an account looks like in one of its states. */
export interface Look {
  readonly shape: Shape;
  readonly tone: Tone;
  readonly line1: string;
  readonly line2: string | null;
  readonly action: CardAction | null;
  readonly second: CardAction | null;
  /** The icon asks for the person. */
  readonly attention: boolean;
}

/** An account's states. */
export type CardState =
  | 'signing-in'
  | 'checking'
  | 'signing-out'
  | 'sign-in-again'
  | 'paused'
  | 'locked'
  | 'offline'
  | 'asked-to-wait'
  | 'waiting'
  | 'last-day'
  | 'not-written'
  | 'question'
  | 'deadline'
  | 'renewing'
  | 'late'
  | 'standby'
  | 'in-use'
  | 'ready';
