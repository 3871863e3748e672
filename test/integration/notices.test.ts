import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createNotices } from '../../src/core/notices.ts';
import type { Notice } from '../../src/shared/notice.ts';
import { startWorld } from '../support/engine.ts';
import { activeTokens } from '../support/look.ts';
import { install } from '../support/tools.ts';

const HOUR = 60 * 60_000;

test('the tools that stop are told in the order in which they are shown', async () => {
  const world = await startWorld();
  await install(world, 'pi', 'codex', 'synaps', 'opencode');
  await world.signIn('chatgpt');
  world.clock.hurry(1000);
  const shown: Notice[] = [];
  const notices = createNotices(world.context, {
    show: (notice) => void shown.push(notice),
    remove: () => {},
  });
  for (const token of activeTokens(world)) world.provider.revokeFamily('openai', token);
  await world.engine.refresh(null, { force: true });
  const look = async () => {
    const { accounts } = await world.engine.status();
    const presence = { unlocked: true, awakeSince: 0 };
    return notices.look({ accounts, presence, signingIn: false });
  };
  await look();
  world.clock.advance(HOUR);
  await look();
  expect(shown.map(({ tools }) => tools)).toEqual([['codex', 'pi', 'opencode', 'synaps']]);
});

test('a process that makes way during a look shows nothing and notes nothing', async () => {
  const world = await startWorld();
  await world.signIn('claude');
  const shown: Notice[] = [];
  const notices = createNotices(world.context, {
    show: (notice) => void shown.push(notice),
    remove: () => {},
  });
  const presence = { unlocked: true, awakeSince: 0 };
  const look = async (signal?: AbortSignal) => {
    const { accounts } = await world.engine.status();
    return { accounts, presence, signingIn: false, ...(signal && { signal }) };
  };
  world.clock.hurry(1000);
  for (const token of activeTokens(world)) world.provider.revokeFamily('anthropic', token);
  await world.engine.refresh(null, { force: true });
  await notices.look(await look());
  const before = await readFile(world.context.paths.notices, 'utf8');
  world.clock.advance(HOUR);
  const end = new AbortController();
  const looking = notices.look(await look(end.signal));
  end.abort();
  expect(await looking).toBeNull();
  expect(shown).toEqual([]);
  expect(await readFile(world.context.paths.notices, 'utf8')).toBe(before);
  await notices.look(await look());
  expect(shown).toMatchObject([{ kind: 'login-ended' }]);
});
