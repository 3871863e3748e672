import { writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mayOpen } from '../../src/core/app/links.ts';
import { addressNote } from '../../src/shared/address-problems.ts';
import { CALLS } from '../../src/shared/ipc-contract.ts';
import { cardsOf } from '../../src/shared/ui/card.ts';
import { openDesktop } from '../support/desktop.ts';
import { startWorld } from '../support/engine.ts';
import { signInAt } from '../support/provider/index.ts';
import {
  answerJson,
  type LooseIssuer,
  soundDescription,
  startLooseIssuer,
} from '../support/provider/loose.ts';
import { startPlainIssuer } from '../support/provider/plain.ts';

async function start() {
  const world = await startWorld();
  const app = openDesktop(world);
  await app.desktop.refreshState();
  const services = () => app.desktop.state().services.map(({ name }) => name);
  const { handlers } = app.desktop;
  const add = (address: string, clientId = 'authbar') =>
    handlers['address:add']({ address, clientId });
  return { ...world, ...app, handlers, add, services };
}

type App = Awaited<ReturnType<typeof start>>;

async function startIssuer() {
  const service = await startPlainIssuer();
  onTestFinished(() => service.close());
  return { ...service, host: new URL(service.issuer).host };
}

/** Signs in there, the browser played by a small user agent. */
async function signInTo(app: App, provider: string | null, person = 'anna') {
  await app.handlers['sign-in:start']({ provider: provider ?? '', account: null });
  await app.at('waiting');
  const url = app.system.opened.at(-1) ?? '';
  expect(mayOpen(url, app.context)).toBe(true);
  await signInAt(url, { person });
  return app.at('signed-in', 'failed');
}

test('a service is added by its address, signed in to, shown, signed out of and removed', async () => {
  const app = await start();
  const { desktop, handlers } = app;
  const { host, clientId } = await startIssuer();
  const { problem, provider } = await app.add(`http://${host}/`, clientId);
  expect({ problem, provider }).toEqual({
    problem: null,
    provider: `custom-at-${host.replace(/[.:]/g, '-')}`,
  });
  expect(app.services()).toEqual(['Claude', 'ChatGPT', host]);
  expect(await signInTo(app, provider)).toMatchObject({ provider, step: 'signed-in' });
  const [account] = desktop.state().accounts;
  const [card] = cardsOf(desktop.state(), app.clock.now());
  expect(card).toMatchObject({ service: host, subtitle: 'anna@example.com', state: 'ready' });

  await expect(handlers['address:remove']({ provider: provider ?? '' })).rejects.toMatchObject({
    code: 'wrong-use',
  });
  await handlers['account:open-service']({ account: account?.id ?? '' });
  expect(app.system.opened.at(-1)).toBe(`http://${host}`);
  expect(await handlers['account:usage']({ account: account?.id ?? '' })).toBeNull();
  expect(await handlers['account:check']({ account: null })).toMatchObject([{ result: 'works' }]);
  expect(await handlers['account:sign-out']({ account: account?.id ?? '' })).toMatchObject({
    ended: true,
    kept: [],
  });
  await handlers['address:remove']({ provider: provider ?? '' });
  expect(app.services()).toEqual(['Claude', 'ChatGPT']);
  expect(desktop.state().accounts).toEqual([]);
});

test('an address that is there already is not asked again, and its client ID can be put right', async () => {
  const app = await start();
  const service = await startIssuer();
  const { provider } = await app.add(service.issuer, 'mistyped');
  const asked = service.requests.length;
  expect(await app.add(service.issuer, 'mistyped')).toEqual({ problem: null, provider });
  expect(service.requests).toHaveLength(asked);
  expect(await app.add(service.issuer, service.clientId)).toEqual({ problem: null, provider });
  expect(await signInTo(app, provider)).toMatchObject({ step: 'signed-in' });
  expect(app.services()).toEqual(['Claude', 'ChatGPT', service.host]);
  const note = addressNote('signed-in');
  expect(await app.add(service.issuer, 'other')).toEqual({ problem: note, provider: null });
});

test('a sign-in with the client ID of before is stopped, and no other', async () => {
  const app = await start();
  const { issuer, clientId } = await startIssuer();
  const provider = (await app.add(issuer, 'mistyped')).provider ?? '';
  await app.handlers['sign-in:start']({ provider, account: null });
  await app.at('waiting');
  await app.add(issuer, 'mistyped');
  expect(app.desktop.state().signIn).toMatchObject({ step: 'waiting', provider });
  await app.add(issuer, clientId);
  expect(app.desktop.state().signIn).toBeNull();
});

test('an address that is sent twice at once is added once, and nobody is refused', async () => {
  const app = await start();
  const { issuer, clientId, host } = await startIssuer();
  const [first, second] = await Promise.all([app.add(issuer, clientId), app.add(issuer, clientId)]);
  expect(first).toEqual({ problem: null, provider: expect.stringContaining('custom-at-127') });
  expect(second).toEqual(first);
  expect(app.services()).toEqual(['Claude', 'ChatGPT', host]);
});

describe('a service that is removed', () => {
  test('twice at once, is gone, and nobody is refused', async () => {
    const app = await start();
    const { issuer, clientId } = await startIssuer();
    const provider = (await app.add(issuer, clientId)).provider ?? '';
    const remove = () => app.handlers['address:remove']({ provider });
    await Promise.all([remove(), remove()]);
    await remove();
    expect(app.services()).toEqual(['Claude', 'ChatGPT']);
  });

  test('takes its open sign-in along', async () => {
    const app = await start();
    const { issuer, clientId, requests } = await startIssuer();
    const provider = (await app.add(issuer, clientId)).provider ?? '';
    await app.handlers['sign-in:start']({ provider, account: null });
    await app.at('waiting');
    await app.handlers['address:remove']({ provider });
    expect(app.desktop.state().signIn).toBeNull();
    await signInAt(app.system.opened.at(-1) ?? '', { person: 'anna' }).catch(() => {});
    expect(requests).not.toContain('POST /token');
  });

  test('takes the failure of its sign-in along, which could only fail again', async () => {
    const app = await start();
    const { issuer, clientId } = await startIssuer();
    const provider = (await app.add(issuer, clientId)).provider ?? '';
    app.system.online = false;
    await app.handlers['sign-in:start']({ provider, account: null });
    await app.at('failed');
    await app.handlers['address:remove']({ provider });
    expect(app.desktop.state().signIn).toBeNull();
  });

  test('leaves another sign-in alone', async () => {
    const app = await start();
    const { issuer, clientId } = await startIssuer();
    const provider = (await app.add(issuer, clientId)).provider ?? '';
    await app.handlers['sign-in:start']({ provider: 'anthropic', account: null });
    await app.at('waiting');
    await app.handlers['address:remove']({ provider });
    expect(app.desktop.state().signIn).toMatchObject({ step: 'waiting', provider: 'anthropic' });
  });

  test('stays while its sign-in is being finished, and while somebody is signed in', async () => {
    const app = await start();
    const { issuer, clientId, host } = await startIssuer();
    const provider = (await app.add(issuer, clientId)).provider ?? '';
    const hint = `You’re signed in to ${host}. Sign out first.`;
    const refusal = expect.objectContaining({ code: 'wrong-use', details: { hint } });
    const refused: unknown[] = [];
    const end = app.desktop.subscribe(({ signIn }) => {
      if (signIn?.step !== 'finishing') return;
      end();
      refused.push(app.handlers['address:remove']({ provider }).catch((error) => error));
    });
    await signInTo(app, provider);
    expect(await Promise.all(refused)).toEqual([refusal]);
    await expect(app.handlers['address:remove']({ provider })).rejects.toEqual(refusal);
    expect(app.services()).toContain(host);
  });
});

test('a service is meant by its id, whatever another one is called', async () => {
  const app = await start();
  const [first, second] = [await startLooseIssuer(), await startLooseIssuer()];
  const { providers } = app.engine;
  const shared = { clientId: 'authbar', replace: false };
  await providers.add({ ...shared, issuer: first.issuer, id: 'first', name: 'Custom second' });
  await providers.add({ ...shared, issuer: second.issuer, id: 'second' });
  await app.handlers['sign-in:start']({ provider: 'custom-second', account: null });
  expect(await app.at('waiting')).toMatchObject({ provider: 'custom-second' });
  await app.handlers['address:remove']({ provider: 'custom-second' });
  expect(app.services().slice(2)).toEqual(['Custom second']);
  await providers.add({ ...shared, issuer: second.issuer, id: 'second' });
  expect(await providers.remove('custom-second', false)).toMatchObject({ id: 'custom-second' });
});

test('two services on one server are two', async () => {
  const app = await start();
  const service = await startLooseIssuer();
  service.description = (res, req) =>
    answerJson(res, soundDescription(`${service.issuer}${req.url?.split('/.well')[0]}`));
  await app.add(`${service.issuer}/alpha`);
  await app.add(`${service.issuer}/beta`);
  const { host } = new URL(service.issuer);
  expect(app.services().slice(2)).toEqual([`${host}/alpha`, `${host}/beta`]);
});

test('a service that calls itself with a slash at its end is taken at its word', async () => {
  const app = await start();
  const service = await startLooseIssuer();
  service.description = { ...soundDescription(service.issuer), issuer: `${service.issuer}/` };
  expect(await app.add(service.issuer)).toMatchObject({ problem: null });
  expect(await app.engine.providers.list()).toMatchObject([{ issuer: `${service.issuer}/` }]);
});

test('an id that the login of another service still has is told without a command', async () => {
  const app = await start();
  const { issuer, clientId, host } = await startIssuer();
  const id = `at-${host.replace(/[.:]/g, '-')}`;
  const other = await startIssuer();
  const request = { issuer: other.issuer, clientId: other.clientId, id, replace: false };
  await app.engine.providers.add(request);
  await signInTo(app, `custom-${id}`);
  await app.engine.providers.remove(id, true);
  expect(await app.add(issuer, clientId)).toEqual({
    problem: addressNote('other-login'),
    provider: null,
  });
});

/** What a server says of itself, and what the person is told. */
const UNFIT: readonly (readonly [
  name: string,
  describe: (issuer: string) => LooseIssuer['description'],
  told: string,
])[] = [
  [
    'another issuer',
    with_({ issuer: 'https://other.example.com' }),
    'Its description names another issuer than the address that you gave.',
  ],
  ['tokens elsewhere', with_({ token_endpoint: 'https://other.example.com/token' }), elsewhere()],
  [
    'no protection of the code',
    with_({ code_challenge_methods_supported: ['plain'] }),
    'It doesn’t protect the code with PKCE (S256).',
  ],
  ['nothing of use', () => ({}), 'Its description lacks what a sign-in needs.'],
];

function with_(change: Readonly<Record<string, unknown>>) {
  return (issuer: string) => ({ ...soundDescription(issuer), ...change });
}

function elsewhere(): string {
  return addressNote('elsewhere').text;
}

describe('a service is not added by its address when it says', () => {
  test.each(UNFIT)('%s', async (_, describe_, text) => {
    const app = await start();
    const service = await startLooseIssuer();
    service.description = describe_(service.issuer);
    expect(await app.add(service.issuer)).toEqual({
      problem: { field: 'address', text },
      provider: null,
    });
    expect(app.services()).toEqual(['Claude', 'ChatGPT']);
  });
});

describe('nothing is asked, and nothing added, for', () => {
  test('a whole page that was pasted', () => {
    const page = 'my service '.repeat(5_000);
    const { argument } = CALLS['address:add'];
    expect(v.is(argument, { address: page, clientId: page })).toBe(true);
  });

  test.each([
    ['an address without https', 'http://login.example.com', 'authbar', 'no-https'],
    ['what is no address', 'my service', 'authbar', 'no-address'],
    ['far too long an address', 'a'.repeat(60_000), 'authbar', 'no-address'],
    ['far too long a client ID', 'https://login.example.com', 'a'.repeat(60_000), 'client'],
    ['no client ID', 'https://login.example.com', '', 'no-client'],
  ] as const)('%s', async (_, address, clientId, problem) => {
    const app = await start();
    expect(await app.add(address, clientId)).toEqual({
      problem: addressNote(problem),
      provider: null,
    });
    expect(app.services()).toEqual(['Claude', 'ChatGPT']);
  });

  test('a name that is kept for a service that is built in', async () => {
    const app = await start();
    expect(await app.add('https://chatgpt')).toEqual({
      problem: { field: 'address', text: 'That name is kept for a service that Authbar knows.' },
      provider: null,
    });
  });
});

test('a server that is not there is told as such', async () => {
  const app = await start();
  const service = await startPlainIssuer();
  await service.close();
  await expect(app.add(service.issuer)).rejects.toMatchObject({
    code: 'unreachable',
    details: { service: new URL(service.issuer).host, adding: true },
  });
});

test('a list that can’t be read is left alone, and told', async () => {
  const app = await start();
  const { issuer, clientId } = await startIssuer();
  await app.add(issuer, clientId);
  await writeFile(app.context.paths.providers, '{"schema":1,"providers":[{');
  await expect(app.add(issuer, clientId)).rejects.toMatchObject({
    code: 'providers-damaged',
  });
});
