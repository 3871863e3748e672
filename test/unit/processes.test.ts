import { describe, expect, test } from 'vitest';
import { processIn, systemProcesses } from '../../src/core/app/processes.ts';

describe('a line of `ps`', () => {
  test.each([
    ['  12 /usr/local/bin/codex --model x', { pid: 12, program: 'codex' }],
    ['4711 pi', { pid: 4711, program: 'pi' }],
    ['7 node /home/anna/.npm/bin/codex resume', { pid: 7, program: 'codex' }],
    ['8 /usr/bin/node', { pid: 8, program: 'node' }],
    ['9 vim codex', { pid: 9, program: 'vim' }],
    ['', { pid: 0, program: '' }],
  ])('%j', (line, found) => {
    expect(processIn(line)).toEqual(found);
  });
});

describe('this machine', () => {
  test('tells who lives', () => {
    const { isAlive } = systemProcesses(process.platform);
    expect(isAlive(process.pid)).toBe(true);
    expect(isAlive(2 ** 30)).toBe(false);
  });

  test('knows nobody where there is no list', async () => {
    const elsewhere = process.platform === 'win32' ? 'linux' : 'win32';
    expect(await systemProcesses(elsewhere).running(['codex'])).toEqual([]);
  });
});
