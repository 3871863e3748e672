import { execFileSync, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { tellSystemd } from '../../src/cli/systemd.ts';
import { tempFolder } from '../support/temp-folder.ts';

const UNIT = fileURLToPath(new URL('../../build/authbar.service', import.meta.url));
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('a service of systemd', () => {
  test.skipIf(!hasSystemd)(
    'has a unit that systemd understands (apt-get install systemd)',
    async () => {
      const env = { ...process.env, XDG_RUNTIME_DIR: await tempFolder() };
      const verify = () =>
        execFileSync('systemd-analyze', ['verify', '--user', UNIT], { env, stdio: 'pipe' });
      expect(verify().toString()).toBe('');
    },
  );

  test('is told to be ready, if there is a service', async () => {
    const folder = await tempFolder();
    const said = join(folder, 'said');
    const script = `#!/bin/sh\nprintf '%s\\n' "$@" > '${said}'\n`;
    await writeFile(join(folder, 'systemd-notify'), script, { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env.PATH}` };
    tellSystemd('nobody hears it', env);
    tellSystemd('At work', { ...env, NOTIFY_SOCKET: '/run/notify' });
    const text = () => readFile(said, 'utf8').catch(() => '');
    await vi.waitUntil(async () => (await text()).endsWith('work\n'));
    expect(await text()).toBe('--ready\n--status=At work\n');
  });

  test('need not have the program that tells it', () => {
    const env = { PATH: '/nowhere', NOTIFY_SOCKET: '/run/notify' };
    expect(() => tellSystemd('At work', env)).not.toThrow();
  });
});
