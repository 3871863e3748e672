interface Window {
  /** The preload script puts it there; there is no other way out of this page. */
  readonly api: import('../shared/ipc-contract.ts').Api;
}

declare module '*.css';
