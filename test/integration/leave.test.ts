import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';

test('leaving ends the process with its code, all it wrote arrives, and nothing holds it', async () => {
  const script = `
    import { leaveNow } from './src/core/vault/leave.ts';
    setInterval(() => {}, 1000);
    process.on('exit', () => console.log('exit handlers do not run'));
    process.stdout.write('x'.repeat(300_000));
    process.stderr.write('y'.repeat(300_000));
    await leaveNow(7);
  `;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const ended = await new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) =>
      resolve({ code: error?.code, stdout: stdout.length, stderr: stderr.length }),
    );
  });
  expect(ended).toEqual({ code: 7, stdout: 300_000, stderr: 300_000 });
});
