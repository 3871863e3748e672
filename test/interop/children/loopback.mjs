// Loaded with --import. Pi's addresses are constants: requests to one that its environment names go where
// that says, and all others to the backend. Nothing leaves this machine.
const routes = JSON.parse(process.env.INTEROP_ROUTES);
const backend = process.env.INTEROP_BACKEND;
const { fetch } = globalThis;

// Node has it from 22 on; Pi then asks over fetch.
delete globalThis.WebSocket;

globalThis.fetch = (input, init) => {
  const request = input instanceof Request ? input : new Request(input, init);
  const { pathname, search } = new URL(request.url);
  return fetch(new Request(routes[request.url] ?? backend + pathname + search, request));
};
