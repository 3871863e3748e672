/** Writes down all that crosses between the app and its page, in the file of `AUTHBAR_E2E_WIRE`. */
'use strict';
const { appendFileSync } = require('node:fs');
const { app, ipcMain } = require('electron');

const file = process.env.AUTHBAR_E2E_WIRE;

function note(channel, what, data) {
  appendFileSync(file, `${JSON.stringify({ channel, what, data })}\n`);
}

if (file) {
  const { handle } = ipcMain;
  ipcMain.handle = (channel, listener) =>
    handle.call(ipcMain, channel, async (event, ...args) => {
      note(channel, 'asked', args);
      const answer = await listener(event, ...args);
      note(channel, 'answered', answer);
      return answer;
    });
  app.on('web-contents-created', (_event, contents) => {
    const { send } = contents;
    contents.send = (channel, ...args) => {
      note(channel, 'told', args);
      send.call(contents, channel, ...args);
    };
  });
}
