import { ipcMain } from 'electron';
import type { Handlers } from '../../shared/ipc-contract.ts';
import { answerCalls, type GateOptions } from './calls.ts';

/** The one way from the page to main. */
export function openGate(handlers: Handlers, options: GateOptions): void {
  answerCalls(ipcMain, handlers, options);
}
