import { spawn } from 'node:child_process';

/**
 * Tells systemd that this service is ready, and what it does, if systemd has started it. Best effort.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd-notify.html
 */
export function tellSystemd(status: string, env: NodeJS.ProcessEnv = process.env): void {
  if (!env.NOTIFY_SOCKET) return;
  const child = spawn('systemd-notify', ['--ready', `--status=${status}`], {
    env,
    stdio: 'ignore',
  });
  child.on('error', () => {});
}
