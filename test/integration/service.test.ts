import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-codes.ts';
import { tellSystemd } from '../../src/cli/systemd.ts';
import { PATIENCE } from '../support/patience.ts';
import { tempFolder } from '../support/temp-folder.ts';

const UNIT = fileURLToPath(new URL('../../build/authbar.service', import.meta.url));
const RECIPES = fileURLToPath(new URL('../../docs/RECIPES.md', import.meta.url));
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

  const reader = '/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator';

  test.skipIf(!existsSync(reader))(
    'gets the variables that the recipe writes down, and no others (apt-get install systemd)',
    async () => {
      const home = await tempFolder();
      const folder = join(home, '.config/environment.d');
      await mkdir(folder, { recursive: true });
      const env = {
        PATH: `${process.env.PATH}:${home}/with a space`,
        https_proxy: 'http://anna:pa$word@proxy.example:8080',
        NODE_EXTRA_CA_CERTS: '/etc/ssl/company.pem',
        AUTHBAR_HOME: `${home}/state`,
      };
      const recipes = await readFile(RECIPES, 'utf8');
      const lines = recipes
        .split('\n')
        .filter((line) => /^names=|environment\.d\/authbar/.test(line));
      const all = { ...env, HOME: home, ANTHROPIC_API_KEY: 'secret' };
      execFileSync('sh', ['-c', lines.join('\n')], { env: all });
      expect((await stat(join(folder, 'authbar.conf'))).mode & 0o777).toBe(0o600);
      const read = execFileSync(reader, { env: { HOME: home } }).toString();
      // It says each as a shell would read it.
      const said = execFileSync('env', [
        '-i',
        'sh',
        '-c',
        `set -a\n${read}\n/usr/bin/env`,
      ]).toString();
      for (const [name, value] of Object.entries(env)) {
        expect(said.split('\n')).toContain(`${name}=${value}`);
      }
      expect(said).not.toContain('secret');
    },
  );

  test('is not started again and again for what a restart does not mend', async () => {
    const unit = await readFile(UNIT, 'utf8');
    const [, exits = ''] = /^RestartPreventExitStatus=(.+)$/m.exec(unit) ?? [];
    expect(exits.split(' ')).toContain(String(exitCodeOf('unsafe-setting')));
    const { status } = spawnSync('/usr/bin/env', ['authbar', 'run'], { env: { PATH: '/nowhere' } });
    expect(exits.split(' ')).toContain(String(status));
  });

  test('is told to be ready, if there is a service', async () => {
    const folder = await tempFolder();
    const said = join(folder, 'said');
    const script = `#!/bin/sh\nprintf '%s\\n' "$@" > '${said}'\n`;
    await writeFile(join(folder, 'systemd-notify'), script, { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env.PATH}` };
    tellSystemd('nobody hears it', env);
    tellSystemd('At work', { ...env, NOTIFY_SOCKET: '/run/notify' });
    const text = () => readFile(said, 'utf8').catch(() => '');
    await vi.waitUntil(async () => (await text()).endsWith('work\n'), PATIENCE);
    expect(await text()).toBe('--ready\n--status=At work\n');
  });

  test('need not have the program that tells it', () => {
    const env = { PATH: '/nowhere', NOTIFY_SOCKET: '/run/notify' };
    expect(() => tellSystemd('At work', env)).not.toThrow();
  });
});
