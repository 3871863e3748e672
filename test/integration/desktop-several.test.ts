import { expect, test } from 'vitest';
import { openDesktop } from '../support/desktop.ts';
import { startWorld } from '../support/engine.ts';
import { install, tokensIn } from '../support/tools.ts';

async function twoLogins() {
  const world = await startWorld();
  await install(world, 'codex');
  const anna = await world.signIn('chatgpt', 'anna');
  const ben = await world.signIn('chatgpt', 'ben');
  const { desktop } = openDesktop(world);
  await desktop.refreshState();
  return { world, anna, ben, desktop };
}

test('what the person chooses in the window is drawn at once', async () => {
  const { world, anna, ben, desktop } = await twoLogins();
  const { handlers } = desktop;
  const order = () => desktop.state().accounts.map(({ id }) => id);
  expect(order()).toEqual([anna, ben]);
  await handlers['account:move']({ account: ben, to: 'up' });
  expect(order()).toEqual([ben, anna]);
  await handlers['account:rename']({ account: ben, name: ' At  work\u202e ' });
  expect(desktop.state().accounts[0]?.name).toBe('At  work');
  await handlers['account:rename']({ account: ben, name: ' \u0007 ' });
  expect(desktop.state().accounts[0]?.name).toBeNull();
  await handlers['account:use']({ account: ben });
  expect(desktop.state().accounts).toMatchObject([{ inUse: true }, { inUse: false }]);
  const { accessToken } = await world.engine.token(ben, 0);
  expect((await tokensIn(world, 'codex', 'openai'))?.access).toBe(accessToken);
  expect(desktop.state().tools.find(({ id }) => id === 'codex')?.entries).toMatchObject([
    { account: ben, state: 'in-step' },
  ]);
});

test('an account that is gone can’t be chosen, moved or renamed', async () => {
  const { ben, desktop } = await twoLogins();
  const { handlers } = desktop;
  await handlers['account:sign-out']({ account: ben });
  const gone = { code: 'no-such-login' };
  await expect(handlers['account:use']({ account: ben })).rejects.toMatchObject(gone);
  const move = handlers['account:move']({ account: ben, to: 'up' });
  await expect(move).rejects.toMatchObject(gone);
  const rename = handlers['account:rename']({ account: ben, name: 'x' });
  await expect(rename).rejects.toMatchObject(gone);
});
