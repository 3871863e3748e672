import type { WebContents } from 'electron';
import type { Caller } from '../ipc/calls.ts';
import { isInBundle } from './bundle-request.ts';

/** Whether it is the page of `ours` that calls: itself, no frame inside it, and still our own address. */
export function isTrustedFrame(
  { sender, senderFrame }: Caller,
  ours: WebContents | undefined,
): boolean {
  return (
    sender === ours &&
    // Electron knows none once the frame has gone.
    senderFrame !== null &&
    senderFrame.parent === null &&
    isInBundle(senderFrame.url)
  );
}
