import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../src/core/environment.ts';
import { nodeFiles } from '../../src/core/files/node-files.ts';
import { defaultHome } from '../../src/core/paths.ts';
import { tempFolder } from '../support/temp-folder.ts';

const PROVIDER = {
  authorizeUrl: 'http://127.0.0.1:1/authorize',
  tokenUrl: 'http://127.0.0.1:1/token',
  revokeUrl: 'http://127.0.0.1:1/revoke',
  profileUrl: null,
};

function read(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux') {
  return readEnvironment(nodeFiles, env, platform);
}

const unsafe = expect.objectContaining({ code: 'unsafe-setting' });

describe('the state folder', () => {
  test.each([
    ['linux', {}, '/h/.local/share/authbar'],
    ['linux', { XDG_DATA_HOME: '/data' }, '/data/authbar'],
    ['linux', { XDG_DATA_HOME: 'relative' }, '/h/.local/share/authbar'],
    ['darwin', { XDG_DATA_HOME: '/data' }, '/h/Library/Application Support/Authbar'],
    ['win32', {}, '/h/AppData/Local/Authbar'],
    ['win32', { LOCALAPPDATA: '/l' }, '/l/Authbar'],
  ] as const)('on %s with %o is where the system keeps data', (platform, env, home) => {
    expect(defaultHome(env, platform, '/h')).toBe(home);
  });

  test('is where AUTHBAR_HOME says, if that is a whole path', async () => {
    expect(await read({ AUTHBAR_HOME: '/somewhere' })).toEqual({
      home: '/somewhere',
      overrides: {},
    });
    expect((await read({ AUTHBAR_HOME: '' })).home).toBe(defaultHome({}, 'linux', homedir()));
    await expect(read({ AUTHBAR_HOME: './here' })).rejects.toEqual(unsafe);
  });
});

describe('other endpoints', () => {
  test('come from a file, beside a state folder of their own only', async () => {
    const folder = await tempFolder();
    const file = join(folder, 'providers.json');
    await writeFile(file, JSON.stringify({ openai: PROVIDER }));
    const env = { AUTHBAR_PROVIDERS_FILE: file };
    expect(await read({ ...env, AUTHBAR_HOME: folder })).toEqual({
      home: folder,
      overrides: { openai: { ...PROVIDER, usageUrl: null } },
    });
    const usual = defaultHome({}, 'linux', homedir());
    for (const home of ['', usual, `${usual}/`, `${usual}/../authbar`, `/tmp/..${usual}`]) {
      await expect(read({ ...env, AUTHBAR_HOME: home }), home).rejects.toEqual(unsafe);
    }
  });

  test('that cannot be read or understood stop everything', async () => {
    const folder = await tempFolder();
    const missing = { AUTHBAR_HOME: folder, AUTHBAR_PROVIDERS_FILE: join(folder, 'missing') };
    await expect(read(missing)).rejects.toMatchObject({
      code: 'unsafe-setting',
      details: { path: join(folder, 'missing') },
    });
    const file = join(folder, 'providers.json');
    const env = { AUTHBAR_HOME: folder, AUTHBAR_PROVIDERS_FILE: file };
    const elsewhere = { ...PROVIDER, tokenUrl: 'http://example.com/token' };
    for (const text of ['', '{', '[]', '{"gemini":{}}', JSON.stringify({ openai: elsewhere })]) {
      await writeFile(file, text);
      await expect(read(env), text).rejects.toEqual(unsafe);
    }
  });
});

test('certificates are always checked', async () => {
  const env = { AUTHBAR_HOME: '/somewhere', NODE_TLS_REJECT_UNAUTHORIZED: '0' };
  await expect(read(env)).rejects.toMatchObject({
    code: 'unsafe-setting',
    details: { hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') },
  });
  await read({ ...env, NODE_TLS_REJECT_UNAUTHORIZED: '1' });
});
