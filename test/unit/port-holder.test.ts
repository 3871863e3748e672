import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { firstCommand, listeningInodes, portHolder } from '../../src/core/oauth/port-holder.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:05AF 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41001 1 0000000000000000 100 0 0 10 0
   1: 0100007F:05AF 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 41002 1 0000000000000000 20 4 30 10 -1
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 41003 1 0000000000000000 100 0 0 10 0
`;

test('only sockets that listen on the port are looked for', () => {
  expect(listeningInodes(TABLE, 1455)).toEqual(['41001']);
  expect(listeningInodes(TABLE, 80)).toEqual(['41003']);
  expect(listeningInodes(TABLE, 5)).toEqual([]);
  expect(listeningInodes('', 1455)).toEqual([]);
});

test('the name is read from what lsof says', () => {
  expect(firstCommand('p123\nccom.docker.backend\nf12\n')).toBe('com.docker.backend');
  expect(firstCommand('p123\nf12\n')).toBe(null);
});

test('a port that nobody holds has no holder', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  expect(await portHolder(typeof address === 'object' && address ? address.port : 0)).toBe(null);
});

test.each(['linux', 'darwin', 'win32'])('no system makes it throw: %s', async (platform) => {
  await expect(portHolder(0, platform)).resolves.toBe(null);
});

test.runIf(process.platform === 'linux')('Linux names the program, on either family', async () => {
  for (const host of ['127.0.0.1', '::1']) {
    const source = `process.title = 'squatter';
      const server = require('net').createServer().listen(0, '${host}');
      server.on('listening', () => console.log(server.address().port));`;
    const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const holder = await portHolder(Number(line.toString()));
    child.kill();
    await once(child, 'exit');
    expect(holder).toBe('squatter');
  }
});
