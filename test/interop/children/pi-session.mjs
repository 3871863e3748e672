// A session of Pi: its own store of logins, asked what Pi asks it before each request. One JSON object per
// line in, and out. The store is opened at the first question, so that the moment can be chosen.
import { createInterface } from 'node:readline';
import { AuthStorage } from '../programs/node_modules/@mariozechner/pi-coding-agent/dist/core/auth-storage.js';

let storage;

const answers = {
  ready: () => true,
  key: async ({ provider, ahead }) => {
    globalThis.moveTime(ahead);
    storage ??= AuthStorage.create();
    const key = await storage.getApiKey(provider);
    return { key: key ?? null, errors: storage.drainErrors().map(String) };
  },
};

for await (const line of createInterface(process.stdin)) {
  const { id, method, params } = JSON.parse(line);
  console.log(JSON.stringify({ id, result: await answers[method](params) }));
}
