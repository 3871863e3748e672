import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codeOf, ROOT, sourcesIn, textOf } from '../support/sources.ts';

interface Import {
  readonly file: string;
  readonly specifier: string;
}

/** Every static, dynamic and type import below `src`. */
function importsOf(): Import[] {
  return sourcesIn('src').flatMap((file) => {
    const found = textOf(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g);
    return [...found].map(([, specifier = '']) => ({ file, specifier }));
  });
}

const imports = importsOf();

function importersOf(...packages: readonly string[]): string[] {
  const files = imports.filter(({ specifier }) =>
    packages.some((name) => specifier === name || specifier.startsWith(`${name}/`)),
  );
  return [...new Set(files.map(({ file }) => file))].sort();
}

/** The folder of `src` that a relative import leads to. */
function folderOf({ file, specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const target = relative(ROOT, join(ROOT, file, '..', specifier));
  return target.split(sep)[1];
}

describe('the walls between the folders', () => {
  const allowed: Record<string, readonly string[]> = {
    shared: ['shared'],
    core: ['core', 'shared'],
    cli: ['cli', 'core', 'shared'],
    main: ['main', 'core', 'shared'],
    preload: ['preload', 'shared'],
    renderer: ['renderer', 'shared'],
  };

  test.each(Object.entries(allowed))('%s imports nothing but %j', (folder, targets) => {
    const own = imports.filter(({ file }) => file.startsWith(`src/${folder}/`));
    const strangers = own.filter((each) => !targets.includes(folderOf(each) ?? folder));
    expect(own.length).toBeGreaterThan(0);
    expect(strangers).toEqual([]);
  });

  test('shared runs anywhere: no Node, no package but the validator', () => {
    const packages = imports
      .filter(({ file, specifier }) => file.startsWith('src/shared/') && !specifier.startsWith('.'))
      .map(({ specifier }) => specifier);
    expect(packages.filter((name) => name !== 'valibot')).toEqual([]);
  });

  test('only main and preload know Electron', () => {
    const importers = importersOf('electron', 'electron-log', 'menubar');
    expect(importers.filter((file) => !/^src\/(main|preload)\//.test(file))).toEqual([]);
  });

  test('the window is made of nothing but preact', () => {
    const packages = imports
      .filter(
        ({ file, specifier }) => file.startsWith('src/renderer/') && !specifier.startsWith('.'),
      )
      .map(({ specifier }) => specifier);
    expect(
      [...new Set(packages)].filter((name) => !/^(@preact\/signals|preact)(\/|$)/.test(name)),
    ).toEqual([]);
  });
});

describe('one importer each', () => {
  test.each([
    [['keytar'], ['src/core/vault/keychain.ts']],
    [['undici'], ['src/core/oauth/connection.ts', 'src/core/oauth/exchange.ts']],
    [['oauth4webapi'], ['src/core/oauth/authorize.ts', 'src/core/oauth/token-endpoint.ts']],
    [['commander'], ['src/cli/program.ts', 'src/cli/program/declare.ts']],
    [['jsonc-parser'], ['src/core/targets/json-text.ts', 'src/core/targets/json-tree.ts']],
    [['proper-lockfile'], ['src/core/files/folder-lock.ts']],
    [['chokidar'], ['src/core/targets/watch.ts']],
    [['menubar'], ['src/main/window.ts']],
    [['electron-log'], ['src/main/logger.ts']],
  ])('%j is imported by %j alone', (packages, files) => {
    expect(importersOf(...packages)).toEqual(files);
  });

  test.each([
    ['ipcMain', ['src/main/ipc/gate.ts']],
    ['ipcRenderer', ['src/preload/index.ts']],
    ['webContents.send', ['src/main/window.ts']],
    ['shell.openExternal', ['src/main/security/external-links.ts']],
  ])('%s is used by %j alone', (name, files) => {
    const users = sourcesIn('src').filter((file) => codeOf(file).includes(name));
    expect(users).toEqual(files);
  });

  test('native calls are made where the system’s own rules live', () => {
    expect(importersOf('koffi')).toEqual([
      'src/core/files/kernel-lock.ts',
      'src/core/files/windows-lock.ts',
      'src/core/vault/leave.ts',
      'src/core/vault/secret-service.ts',
    ]);
  });
});

/** Where the pages mean a file to be that they name without more. */
const HOMES = ['', 'src/core', 'src/shared', 'build', 'test'];

test.each(['docs/ARCHITECTURE.md', 'docs/SECURITY.md'])('%s names no file that is gone', (page) => {
  const named = textOf(page).match(/[\w./-]+\.(?:tsx?|[cm]js)\b/g) ?? [];
  const gone = named.filter(
    (path) => !HOMES.some((folder) => existsSync(join(ROOT, folder, path))),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(gone).toEqual([]);
});

describe('the package', () => {
  test('names no registry in its lockfile, so that any mirror serves', () => {
    const lock = textOf('package-lock.json');
    expect(lock).not.toMatch(/"resolved"/);
    expect(JSON.parse(lock)).toMatchObject({ lockfileVersion: 3 });
  });

  test('lets exactly the native parts run an install script', () => {
    const { allowScripts } = JSON.parse(textOf('package.json'));
    expect(allowScripts).toEqual({
      '@github/keytar@7.10.6': true,
      'koffi@3.3.4': true,
      esbuild: false,
      'electron-winstaller@5.4.0': false,
      fsevents: false,
    });
  });

  test('keeps every source file short enough to be read at once', () => {
    const files = [...new Set(imports.map(({ file }) => file))];
    const long = files.filter((file) => textOf(file).split('\n').length > 301);
    expect(long).toEqual([]);
  });
});
