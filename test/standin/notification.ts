import { randomUUID } from 'node:crypto';
import { Simulated } from './simulated.ts';
import { cancellable, type Surface } from './surface.ts';

type Promised = Surface<
  Electron.Notification,
  | 'actions'
  | 'body'
  | 'close'
  | 'groupId'
  | 'id'
  | 'show'
  | 'silent'
  | 'subtitle'
  | 'title'
  | 'urgency'
>;

/** A notification. It is never drawn: the tests' tap notes it, and clicks on it. */
export class Notification extends Simulated implements Promised {
  readonly id: string;
  readonly groupId: string;
  actions: Electron.NotificationAction[];
  body: string;
  silent: boolean;
  subtitle: string;
  title: string;
  urgency: Electron.Notification['urgency'];

  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super();
    this.id = options.id ?? randomUUID();
    this.groupId = options.groupId ?? '';
    this.actions = options.actions ?? [];
    this.body = options.body ?? '';
    this.silent = options.silent ?? false;
    this.subtitle = options.subtitle ?? '';
    this.title = options.title ?? '';
    this.urgency = options.urgency ?? 'normal';
  }

  static isSupported(): boolean {
    return true;
  }

  /** Nothing is left of an earlier run. */
  static async getHistory(): Promise<Electron.Notification[]> {
    return [];
  }

  static handleActivation(_callback: (details: Electron.ActivationArguments) => void): void {}
  static remove(_id: string | string[]): void {}
  static removeAll(): void {}
  static removeGroup(_groupId: string): void {}

  show(): void {
    this.emit('show', cancellable({}));
  }

  close(): void {
    this.emit('close', cancellable({}));
  }
}
