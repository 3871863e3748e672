import type { AppError } from '../shared/errors.ts';
import type { PageKind } from './oauth/pages.ts';
import type { PastedCode } from './oauth/pasted-code.ts';
import type { CodeExchange } from './oauth/token-endpoint.ts';

/** What a screen shows while the person is at the service. */
export type Invitation =
  | {
      readonly kind: 'waiting';
      /** Where the person signs in; after it the browser comes back by itself. */
      readonly url: string;
      /** The same on another device: its page shows a code to paste. `null` where there is none. */
      readonly codeUrl: string | null;
      /** Why the browser cannot come back by itself, so that the code has to be pasted. */
      readonly obstacle: AppError | null;
      /** When the attempt ends by itself, epoch ms. */
      readonly endsAt: number;
    }
  | {
      readonly kind: 'device';
      /** What the person enters there. */
      readonly code: string;
      /** The page that the person opens, on any device. */
      readonly url: string;
      /** When the attempt ends by itself, epoch ms. */
      readonly endsAt: number;
    };

/** What was wrong with a pasted text. */
export type PasteProblem = Extract<PastedCode, { kind: 'problem' }>;

/** A code of the service's, with what it is exchanged for a login by. */
export interface Granted {
  readonly exchange: CodeExchange;
  /** Tells the browser how it ended, if it is waiting. */
  finish(page: PageKind): void;
}

/** How a person gets to the service, and what they allow there back to us. */
export interface LoginWay {
  /** What is said when its time is over, where the usual sentence is not true of it. */
  readonly timeoutHint: string | null;
  /**
   * Gets everything ready for the person.
   * @param timeout How long the attempt is to stay open, ms; a way may have less time.
   * @throws AppError when it cannot be gone, or the signal's reason.
   */
  open(timeout: number, signal: AbortSignal): Promise<Invitation>;
  /** Resolves once the person has allowed it. @throws AppError when they, or the service, said no. */
  granted(signal: AbortSignal): Promise<Granted>;
  /** Reads what the person pasted; `null` where nothing can be. */
  read(text: string): Granted | PasteProblem | null;
  /** Nobody waits any more. A page that can be reloaded stays for its two seconds. */
  end(): Promise<void>;
  /** Ends it at once. */
  close(): Promise<void>;
  /** Resolves when nothing of it is left. */
  closed(): Promise<void>;
}
