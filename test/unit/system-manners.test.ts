import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loginItem } from '../../src/main/login-item.ts';
import { osOf } from '../../src/main/os.ts';
import { trayImage } from '../../src/main/tray-image.ts';

test.each([
  ['darwin', '25.0.0', 'mac26'],
  ['darwin', '26.1.0', 'mac26'],
  ['darwin', '24.6.0', 'mac'],
  ['win32', '10.0.26100', 'win'],
  ['linux', '6.1.0-44-amd64', 'linux'],
  ['freebsd', '14.1-RELEASE', 'linux'],
] as const)('%s %s looks like %s', (platform, kernel, os) => {
  expect(osOf(platform, kernel)).toBe(os);
});

describe('the icon’s picture', () => {
  const usual = { dark: false, scale: 1 };

  test('follows the taskbar on Windows and the screen on Linux', () => {
    const on = (platform: string, more: object) =>
      trayImage('working', { platform, ...usual, ...more });
    expect(on('darwin', { dark: true, scale: 2 })).toBe('trayWorkingTemplate.png');
    expect([on('win32', {}), on('win32', { dark: true })]).toEqual([
      'trayWorkingOnLight.ico',
      'trayWorkingOnDark.ico',
    ]);
    expect([on('linux', {}), on('linux', { scale: 1.5 })]).toEqual([
      'trayWorking-24.png',
      'trayWorking-48.png',
    ]);
  });

  test('is there, in every state on every system', () => {
    const folder = fileURLToPath(new URL('../../build/tray/', import.meta.url));
    const images = (['normal', 'working', 'attention'] as const).flatMap((state) =>
      ['darwin', 'win32', 'linux'].flatMap((platform) =>
        [true, false].flatMap((dark) =>
          [1, 2].map((scale) => trayImage(state, { platform, dark, scale })),
        ),
      ),
    );
    expect(images.filter((image) => !existsSync(`${folder}${image}`))).toEqual([]);
  });
});

describe('opening at login', () => {
  const off = { openAtLogin: false, status: 'not-registered', executableWillLaunchAtLogin: false };

  test.each([
    ['darwin', {}, { on: false, blocked: false }],
    ['darwin', { openAtLogin: true, status: 'enabled' }, { on: true, blocked: false }],
    ['darwin', { status: 'requires-approval' }, { on: true, blocked: true }],
    [
      'win32',
      { openAtLogin: true, executableWillLaunchAtLogin: true },
      { on: true, blocked: false },
    ],
    // Switched off in the Task Manager.
    ['win32', { openAtLogin: true }, { on: false, blocked: false }],
  ] as const)('%s says %j: %j', (platform, told, item) => {
    expect(loginItem({ ...off, ...told } as Parameters<typeof loginItem>[0], platform)).toEqual(
      item,
    );
  });
});
