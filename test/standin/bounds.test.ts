import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { App } from '../e2e/driver.ts';
import { runtime } from '../e2e/runtime.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { startFixture } from './start-fixture.ts';

describe.runIf(runtime() === 'stand-in')('the stand-in for Electron', () => {
  test('refuses by its name what it does not simulate', async () => {
    const { electron } = await startFixture();
    const refusals = [
      electron.evaluate((each) => each.autoUpdater),
      electron.evaluate(({ app }) => app.getGPUFeatureStatus()),
      electron.evaluate(({ BrowserWindow }) => new BrowserWindow({ show: false }).setOpacity(1)),
      electron.evaluate(({ shell }) => shell.beep()),
    ];
    const reasons = (await Promise.allSettled(refusals)).map((each) =>
      each.status === 'rejected' ? String(each.reason) : each.value,
    );
    expect(reasons).toEqual([
      expect.stringContaining("electron's module.autoUpdater is not simulated"),
      expect.stringContaining("electron's App.getGPUFeatureStatus is not simulated"),
      expect.stringContaining("electron's BrowserWindow.setOpacity is not simulated"),
      expect.stringContaining("electron's shell.beep is not simulated"),
    ]);
  });

  test('has the manners of another system, and is none', async () => {
    const asMac = await startFixture({ platform: 'darwin' });
    const asLinux = await startFixture({ platform: 'linux' });
    const dockOf = ({ electron }: App) => electron.evaluate(({ app }) => app.dock?.isVisible());
    // menubar has hidden it.
    expect(await dockOf(asMac)).toBe(false);
    expect(await dockOf(asLinux)).toBeUndefined();
    expect(await asMac.electron.evaluate(() => process.platform)).toBe(process.platform);
  });

  test('leaves nothing behind when it ends, and no process even when it is killed', async () => {
    const home = await tempFolder();
    const processes = () => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    const first = await startFixture({ home });
    await first.popover();
    expect(await first.quit()).toBe(0);
    await expect.poll(processes, { timeout: 20_000 }).not.toContain(home);
    expect(readdirSync(join(home, 'chromium'))).toEqual(['single-instance']);

    const second = await startFixture({ home });
    await second.popover();
    second.electron.process().kill('SIGKILL');
    await expect.poll(processes, { timeout: 20_000 }).not.toContain(home);
  });

  test('tells an app that ends at once from one that runs', async () => {
    const broken = await tempFolder();
    await writeFile(join(broken, 'package.json'), '{ "type": "module", "main": "main.js" }');
    await writeFile(join(broken, 'main.js'), "throw new Error('not today');");
    await expect(startFixture({ app: broken })).rejects.toThrow('not today');
  });
});
