// Bundles the command line into one file. Node reads through all the code of a file before it runs the
// first line of it (and Node 20 keeps no compiled code), so only what every call needs is code there. The
// chunks that are imported lazily lie packed beside it and are compiled when they are first imported.
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = fileURLToPath(new URL('../out/cli/authbar.cjs', import.meta.url));
const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));

/** Starts the entry with a `require` that finds the chunks. `%…%` are filled in below. */
const FRAME = `#!/usr/bin/env node
'use strict';
const early = {%EARLY%};
let late;
const loaded = new Map();
const unpack = (packed) =>
  JSON.parse(require('node:zlib').brotliDecompressSync(Buffer.from(packed, 'base64')));
const compile = (name) => {
  const vm = require('node:vm');
  late ??= unpack(require('node:fs').readFileSync(__filename, 'latin1').split('/*%MARK%').pop());
  return vm.compileFunction(late[name], ['module', 'exports', 'require'], {
    filename: __filename + name.slice(1),
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
};
const load = (name) => {
  if (!name.startsWith('./')) return require(name);
  if (!loaded.has(name)) {
    const chunk = { exports: {} };
    loaded.set(name, chunk);
    (early[name] ?? compile(name))(chunk, chunk.exports, load);
  }
  return loaded.get(name).exports;
};
load('./entry');
/*%MARK%%LATE%*/
`;

const build = await rolldown({
  input: 'src/cli/index.ts',
  cwd: root,
  platform: 'node',
  // A package's modules can be bundled; what it wrote for browsers and Node alike (jsonc-parser) cannot.
  resolve: { mainFields: ['module', 'main'] },
  // Native code: keytar and koffi keep their binaries beside themselves.
  external: ['keytar', 'koffi'],
  transform: { define: { 'process.env.AUTHBAR_BUILD_VERSION': JSON.stringify(version) } },
});
const { output } = await build.generate({
  format: 'cjs',
  minify: true,
  entryFileNames: 'entry',
  chunkFileNames: '[name]-[hash]',
});
const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));

/** The chunk and all that it imports before its first line. */
function closureOf(name, found = new Set()) {
  const chunk = chunks.get(name);
  if (!chunk || found.has(name)) return found;
  found.add(name);
  for (const each of chunk.imports) closureOf(each, found);
  return found;
}

/** The licence of a package, which goes wherever its code goes. */
async function licenceOf(folder) {
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  if (!file) throw new Error(`${about.name} has no licence file`);
  const text = await readFile(join(folder, file), 'utf8');
  return `${about.name} ${about.version}\n\n${text.trim()}\n`;
}

const needed = closureOf('entry');
const early = [...needed].map((name) => {
  const { code } = chunks.get(name);
  return `'./${name}'(module, exports, require) {\n${code}\n}`;
});
const late = [...chunks.values()].filter(({ fileName }) => !needed.has(fileName));
const texts = Object.fromEntries(late.map(({ fileName, code }) => [`./${fileName}`, code]));
const values = {
  EARLY: early.join(','),
  MARK: 'late:',
  // In a comment, over which Node reads faster than over a string.
  LATE: brotliCompressSync(JSON.stringify(texts)).toString('base64'),
};
const PACKAGE = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/;
const modules = output.flatMap(({ moduleIds }) => moduleIds);
const packages = new Set(modules.flatMap((id) => PACKAGE.exec(id) ?? []));
const licences = await Promise.all([...packages].sort().map(licenceOf));
await mkdir(new URL('../out/cli/', import.meta.url), { recursive: true });
const notice = new URL('../out/cli/THIRD-PARTY-LICENSES', import.meta.url);
await writeFile(notice, licences.join(`\n${'-'.repeat(72)}\n\n`));
const bundle = FRAME.replace(/%([A-Z]+)%/g, (_, name) => values[name]);
// One character beyond ASCII, and V8 keeps and reads the whole file at two bytes a character.
const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
await writeFile(outfile, bundle.replace(/[\u0080-\uffff]/g, escaped));
await chmod(outfile, 0o755);
