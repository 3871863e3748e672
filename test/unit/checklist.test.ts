/**
 * What the checklist of docs/SECURITY.md asks of the sources, and that each of its lines says by which test
 * it is shown, or that it is not.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { CallName, EventName, Events, Result } from '../../src/shared/ipc-contract.ts';
import { codeOf, ROOT, sourcesIn, textOf } from '../support/sources.ts';

const sources = sourcesIn('src');
const specs = ['renderer', 'e2e', 'standin'].flatMap((folder) => sourcesIn(`test/${folder}`));
const about = JSON.parse(textOf('package.json'));

function naming(name: string, files = sources): string[] {
  return files.filter((file) => codeOf(file).includes(name));
}

/** The names of all fields, however deep. */
type FieldsOf<Value> = Value extends readonly (infer Item)[]
  ? FieldsOf<Item>
  : Value extends object
    ? keyof Value | { [Key in keyof Value]: FieldsOf<Value[Key]> }[keyof Value]
    : never;

/** All that the page is told, asked for or not. */
type Told = { [Name in CallName]: Result<Name> }[CallName] | Events[EventName];

/** Fields of a grant, a record, a sign-in and a key. */
type SecretField =
  | 'accessToken'
  | 'refreshToken'
  | 'idToken'
  | 'grant'
  | 'spare'
  | 'answer'
  | 'verifier'
  | 'url'
  | 'codeUrl'
  | 'key';

test('no answer and no event has a field for a secret', () => {
  expectTypeOf<Extract<FieldsOf<Told>, 'email'>>().toEqualTypeOf<'email'>();
  expectTypeOf<Extract<FieldsOf<Told>, SecretField>>().toBeNever();
});

describe('before anything else', () => {
  test('pages are sandboxed and `app:` is a scheme, then the second app ends, then Electron is ready', () => {
    const code = codeOf('src/main/index.ts');
    const steps = ['= prepareApp()', 'if (isFirstInstance())', 'await app.whenReady()'];
    const places = steps.map((step) => code.indexOf(step));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    const before = codeOf('src/main/before-ready.ts');
    expect(before).toContain('app.enableSandbox();');
    expect(before).toContain('registerScheme();');
  });

  test('the scheme has an origin of its own and is let through no policy', () => {
    const [, privileges] = /privileges: (\{[^}]*\})/.exec(codeOf('src/main/app-protocol.ts')) ?? [];
    expect(privileges).toBe('{ standard: true, secure: true, supportFetchAPI: true }');
  });
});

describe('no source of ours', () => {
  test.each([
    ['takes a certificate that the system does not', 'certificate-error'],
    ['takes a certificate that the system does not', 'setCertificateVerifyProc'],
    ['takes a certificate that the system does not', 'ignore-certificate'],
    ['takes a certificate that the system does not', 'rejectUnauthorized: false'],
    ['has the page wait for main', 'sendSync'],
    ['makes a window: menubar makes the one that there is', 'new BrowserWindow'],
    ['makes a view for another page', 'WebContentsView'],
    ['makes a view for another page', '<webview'],
    ['loads a page: menubar loads ours', 'loadURL'],
    ['loads a page: menubar loads ours', 'loadFile'],
    ['turns on what Chromium tries out', 'enableBlinkFeatures'],
    ['turns on what Chromium tries out', 'experimentalFeatures'],
    ['makes markup of text', 'innerHTML'],
    ['makes markup of text', 'dangerouslySetInnerHTML'],
    ['keeps a secret where Electron chooses', 'safeStorage'],
    ['updates itself', 'autoUpdater'],
    ['opens hidden by an option that is gone', 'openAsHidden'],
    ['has marks for tests', 'data-testid'],
  ])('%s: %s', (_, name) => {
    expect(naming(name)).toEqual([]);
  });
});

test('certificate checks that were turned off are named where they are refused, and nowhere else', () => {
  expect(naming('NODE_TLS_REJECT_UNAUTHORIZED')).toEqual(['src/core/environment.ts']);
});

test('the one window is made for our own page', () => {
  expect(naming('extends Menubar')).toEqual(['src/main/window.ts']);
  expect(codeOf('src/main/window.ts')).toMatch(/\bindex: PAGE,/);
});

test('specs find what is on the screen as a person does', () => {
  expect(specs.length).toBeGreaterThan(0);
  expect(naming('getByTestId', specs)).toEqual([]);
});

test('Windows knows the app by the name that its installer has', () => {
  const [, id] = /^appId: (\S+)/m.exec(textOf('electron-builder.yml')) ?? [];
  const code = codeOf('src/main/before-ready.ts');
  expect(code).toContain(`const APP_ID = '${id}';`);
  expect(code).toContain('app.setAppUserModelId(APP_ID);');
});

describe('what is installed', () => {
  test('is pinned', () => {
    const versions = Object.values({ ...about.dependencies, ...about.devDependencies });
    expect(versions.filter((each) => !/^(npm:.+@)?\d+\.\d+\.\d+$/.test(String(each)))).toEqual([]);
  });

  test('is what its lockfile has the checksum of, and nothing from elsewhere', () => {
    const { '': _, ...packages } = JSON.parse(textOf('package-lock.json')).packages;
    const all = Object.entries<{ integrity?: string }>(packages);
    expect(all.length).toBeGreaterThan(0);
    const unsure = all.filter(
      ([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''),
    );
    expect(unsure).toEqual([]);
  });

  // https://github.com/electron/electron/issues/52674
  test('is no Electron whose icon is dead on Linux', () => {
    expect(about.devDependencies.electron).not.toMatch(/^(43\.[34]|44\.0)\./);
  });

  test('is no action that can change under its name', () => {
    const folder = '.github/workflows';
    const workflows = readdirSync(join(ROOT, folder)).map((name) => textOf(`${folder}/${name}`));
    const actions = workflows.flatMap((text) => text.match(/uses: .*/g) ?? []);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((each) => !/@[0-9a-f]{40}( #|$)/.test(each))).toEqual([]);
  });
});

describe('the checklist', () => {
  const [, list = ''] = textOf('docs/SECURITY.md').split('\n## The checklist\n');
  const rows = [...list.matchAll(/^\| (\d+) +\| ([^|]+)\| ([^|]+)\|$/gm)];

  test('has 64 lines, in order', () => {
    expect(rows.map(([, number]) => Number(number))).toEqual(
      Array.from({ length: 64 }, (_, at) => at + 1),
    );
  });

  test('says of each how it is shown, or that it is not', () => {
    const silent = rows.filter(([, , , shown = '']) => !/\.test\.ts|\.spec\.ts|\*\*/.test(shown));
    expect(silent).toEqual([]);
  });
});
