import type { WebPreferences } from 'electron';

/** What the page may do: nothing but draw, and call what the preload script hands it. */
export function webPreferences(preload: string, packaged: boolean): WebPreferences {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    // Its dictionaries would be loaded from the network.
    spellcheck: false,
    devTools: !packaged,
  };
}
