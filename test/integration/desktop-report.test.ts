import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { openDesktop } from '../support/desktop.ts';
import { startWorld } from '../support/engine.ts';
import { FAULTS, PEOPLE, signInAt } from '../support/provider/index.ts';
import { install, toolFile } from '../support/tools.ts';

const CANARY = 'sk-ant-planted-canary-0123456789';

test('the report holds no logins, no codes and no e-mail addresses', async () => {
  const world = await startWorld();
  await install(world, 'pi', 'codex');
  await mkdir(dirname(toolFile(world, 'codex')), { recursive: true });
  await writeFile(toolFile(world, 'codex'), `{"OPENAI_API_KEY":"${CANARY}"}`, { mode: 0o600 });
  const app = { ...world, ...openDesktop(world) };
  const { handlers } = app.desktop;
  for (const person of PEOPLE) await app.signIn('claude', person.key);
  await app.signIn('chatgpt');
  app.provider.faults.arm('anthropic', 'refresh', FAULTS.unavailable, 1);
  await app.engine.refresh(null, { force: true });
  await handlers['sign-in:start']({ provider: 'openai', account: null });
  await app.at('waiting');
  const end = await signInAt(app.system.opened[0] ?? '', { fetchCallback: false });
  const address = new URL(end.url);
  app.system.log = [
    `GET ${address.href}`,
    `somebody@example.org said ${CANARY}`,
    `read ${app.context.paths.home}/accounts`,
  ].join('\n');
  await app.desktop.refreshState();

  const { text } = await handlers['report:read'](undefined);
  const { accounts } = app.desktop.state();
  const secrets = [
    ...app.provider.tokens,
    CANARY,
    address.searchParams.get('code') ?? '',
    address.searchParams.get('state') ?? '',
  ];
  const personal = [
    ...accounts.map(({ id }) => id),
    ...PEOPLE.flatMap(({ email, userId, workspaceId }) => [email, userId, workspaceId]),
    'Example Works',
    'somebody@example.org',
    app.userHome,
  ];
  expect(secrets.length).toBeGreaterThan(10);
  for (const each of [...secrets, ...personal]) expect(text).not.toContain(each);
  expect(text).not.toMatch(/@/);
  for (const line of ['Authbar 1.2.3', 'Claude 3: ', 'ChatGPT 1: signed-in', 'Codex: shared']) {
    expect(text).toContain(line);
  }
  expect(text).toContain('renewal-failed code=unreachable');

  await handlers['report:copy'](undefined);
  expect(app.system.copied).toEqual([text]);
  expect(await handlers['report:save'](undefined)).toEqual({ saved: true });
  expect(app.system.saved).toMatchObject([
    { name: expect.stringMatching(/^authbar-report-\d{4}-\d\d-\d\d\.txt$/), text },
  ]);
  app.system.savesFiles = false;
  expect(await handlers['report:save'](undefined)).toEqual({ saved: false });
});

test('the report can be made before anything was done', async () => {
  const app = openDesktop(await startWorld());
  app.system.log = '';
  const { text } = await app.desktop.handlers['report:read'](undefined);
  expect(text).toContain('Logins are kept in: nothing yet');
});
