import { pack, unpack } from './clone.ts';
import { Simulated } from './simulated.ts';
import type { Surface } from './surface.ts';
import type { MessageDown, MessageUp } from './world/messages.ts';

type Handler = Parameters<Electron.IpcMain['handle']>[1];

/** `ipcMain`. */
class IpcMain extends Simulated implements Surface<Electron.IpcMain, 'handle' | 'removeHandler'> {
  readonly #handlers = new Map<string, Handler>();

  handle(channel: string, handler: Handler): void {
    if (this.#handlers.has(channel)) {
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    }
    this.#handlers.set(channel, handler);
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel);
  }

  /** What the renderer gets for a call: of an error nothing but its text crosses, as in Electron. */
  async answer(
    event: Electron.IpcMainInvokeEvent,
    { id, channel, args }: Extract<MessageUp, { kind: 'invoke' }>,
  ): Promise<MessageDown> {
    try {
      const handler = this.#handlers.get(channel);
      if (!handler) throw new Error(`No handler registered for '${channel}'`);
      const value: unknown = await handler(event, ...(unpack(args) as unknown[]));
      return { kind: 'answer', id, value: pack(value) };
    } catch (error) {
      const reason = `Error invoking remote method '${channel}': ${error}`;
      return { kind: 'refusal', id, reason };
    }
  }
}

export const ipcMain = new IpcMain();
