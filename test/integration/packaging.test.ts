import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Configuration, Platform } from 'electron-builder';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/*
 * electron-builder itself packages a stand-in for our build with a stand-in for Electron's binary, which not
 * every machine has: it checks electron-builder.yml against its own schema, chooses files, packs the archive
 * and flips fuses as it does for a release.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Stands before the fuses in Electron's binary, with their version and number. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u0009';
/** As Electron is shipped; the ninth is one that we leave alone. */
const SHIPPED = '101100011';

const WANTED = ['out/main/index.js', 'out/main/tray/trayTemplate@2x.png', 'out/preload/index.cjs'];
const UNWANTED = [
  '.env',
  'out/cli/authbar.cjs',
  'out/main/index.js.map',
  'out/types/main/index.d.ts',
  'src/main/index.ts',
  'test/unit/icons.test.ts',
];

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode: 0o755 });
}

/** The project as electron-builder sees it: real settings, real dependencies, a build to pack. */
async function standInProject(folder: string): Promise<void> {
  const about = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const packed = JSON.stringify({ ...about, main: 'out/main/index.js' });
  await put(join(folder, 'package.json'), packed);
  for (const path of ['package-lock.json', 'electron-builder.yml']) {
    await put(join(folder, path), await readFile(join(ROOT, path), 'utf8'));
  }
  for (const path of [...WANTED, ...UNWANTED]) await put(join(folder, path), path);
  await symlink(join(ROOT, 'build'), join(folder, 'build'), 'junction');
  await copyDependencies(folder);
}

/** As `npm ci --omit=dev` leaves them: of a `node_modules` that is a link npm knows nothing. */
async function copyDependencies(folder: string): Promise<void> {
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  const packages: [string, { dev?: boolean; devOptional?: boolean }][] = Object.entries(
    lock.packages,
  );
  for (const [path, { dev, devOptional }] of packages) {
    const isOurs = path.startsWith('node_modules/') && !dev && !devOptional;
    // One for another system was never installed.
    if (isOurs && existsSync(join(ROOT, path))) {
      await cp(join(ROOT, path), join(folder, path), { recursive: true });
    }
  }
}

interface ArchiveNode {
  readonly files?: Readonly<Record<string, ArchiveNode>>;
  readonly unpacked?: boolean;
}

/** The table of contents of an asar: its length at byte 12, itself at 16. */
async function tableOf(archive: string): Promise<ArchiveNode> {
  const bytes = await readFile(archive);
  return JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12)));
}

function* filesOf({ files = {} }: ArchiveNode, path = ''): Generator<[string, ArchiveNode]> {
  for (const [name, node] of Object.entries(files)) {
    if (node.files) yield* filesOf(node, `${path}${name}/`);
    else yield [path + name, node];
  }
}

let folder: string;
let config: Configuration;
let archive: ReadonlyMap<string, ArchiveNode>;
let fuses: string;

function pack(overrides: Configuration): Promise<string[]> {
  return build({
    projectDir: join(folder, 'project'),
    targets: Platform.LINUX.createTarget('dir'),
    config: { electronDist: join(folder, 'electron'), ...overrides },
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(await realpath(tmpdir()), 'authbar-test-'));
  await standInProject(join(folder, 'project'));
  await put(join(folder, 'electron/electron'), `${SENTINEL}${SHIPPED}`);
  await mkdir(join(folder, 'electron/resources'));
  let packed = '';
  await pack({
    afterPack: ({ appOutDir, packager }) => {
      packed = appOutDir;
      config = packager.config;
    },
  });
  archive = new Map(filesOf(await tableOf(join(packed, 'resources/app.asar'))));
  fuses = (await readFile(join(packed, 'authbar-app'), 'latin1')).slice(SENTINEL.length);
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

it('is refused with a setting that electron-builder does not know, so all of ours are known', async () => {
  const misplaced = { runAsNode: false } as Configuration;
  await expect(pack(misplaced)).rejects.toThrow("unknown property 'runAsNode'");
});

describe('the archive', () => {
  it('holds our build and nothing else of ours', () => {
    const ours = [...archive.keys()].filter((path) => !path.startsWith('node_modules/'));
    expect(ours.sort()).toEqual([...WANTED, 'package.json'].sort());
  });

  it('holds the production dependencies, and none that only the build needs', async () => {
    const about = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const packages = new Set(
      [...archive.keys()].flatMap(
        (path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
      ),
    );
    expect([...packages]).toEqual(expect.arrayContaining(Object.keys(about.dependencies)));
    expect(Object.keys(about.devDependencies).filter((name) => packages.has(name))).toEqual([]);
  });

  it('holds no source map, no C and no binary for another system', () => {
    const paths = [...archive.keys()];
    expect(paths.filter((path) => /\.(?:map|cc|cpp|h|gyp)$|prebuilds/.test(path))).toEqual([]);
  });

  it('leaves the native modules outside, and only those', () => {
    const outside = [...archive].filter(([, { unpacked }]) => unpacked).map(([path]) => path);
    const native = [...archive.keys()].filter((path) => path.endsWith('.node'));
    expect(outside).toEqual(native);
    expect(native).toContain('node_modules/keytar/build/Release/keytar.node');
    expect(native.filter((path) => path.endsWith('/koffi.node'))).not.toEqual([]);
  });
});

it.each([
  [0, 'RunAsNode', 'off'],
  [1, 'EnableCookieEncryption', 'off'],
  [2, 'EnableNodeOptionsEnvironmentVariable', 'off'],
  [3, 'EnableNodeCliInspectArguments', 'off'],
  [4, 'EnableEmbeddedAsarIntegrityValidation', 'on'],
  [5, 'OnlyLoadAppFromAsar', 'on'],
  [6, 'LoadBrowserProcessSpecificV8Snapshot', 'off'],
  [7, 'GrantFileProtocolExtraPrivileges', 'off'],
])('fuse %i in the binary, %s, is %s', (index, _name, state) => {
  expect(fuses[index]).toBe(state === 'on' ? '1' : '0');
});

describe('electron-builder.yml', () => {
  it('makes an app without a Dock icon, whose notifications stay, for macOS 13 and later', () => {
    expect(config.mac?.extendInfo).toEqual({
      LSUIElement: true,
      NSUserNotificationAlertStyle: 'alert',
    });
    expect(config.mac?.minimumSystemVersion).toBe('13.0');
    expect(config.mac?.target).toEqual(['dmg', 'zip']);
  });

  it('hardens the runtime and asks for nothing but what V8 needs', async () => {
    expect(config.mac?.hardenedRuntime).toBe(true);
    const { entitlements, entitlementsInherit } = config.mac ?? {};
    expect(entitlementsInherit).toBe(entitlements);
    const plist = await readFile(join(ROOT, String(entitlements)), 'utf8');
    const keys = [...plist.matchAll(/<key>(.*)<\/key>\s*<(.*)\/>/g)].map(([, ...pair]) => pair);
    expect(keys).toEqual([['com.apple.security.cs.allow-jit', 'true']]);
  });

  it('makes an installer for Windows, an AppImage and a package for Linux', () => {
    expect(config.win?.target).toBe('nsis');
    expect(config.linux?.target).toEqual(['AppImage', 'deb']);
    expect(config.linux?.category).toBe('Utility');
  });

  it('leaves the name `authbar` on the PATH to the command line', () => {
    expect(config.linux?.executableName).toBe('authbar-app');
    expect(config.extraMetadata).toMatchObject({ desktopName: 'authbar-app.desktop' });
  });

  it('publishes nothing, rebuilds nothing and answers to no scheme of its own', () => {
    expect(config.publish).toBeNull();
    expect(config.npmRebuild).toBe(false);
    expect(config.protocols).toBeUndefined();
  });

  it.each(['mac', 'win'] as const)('names an icon for %s that is there', async (system) => {
    const icon = await readFile(join(ROOT, String(config[system]?.icon)));
    expect(icon.length).toBeGreaterThan(0);
  });
});
