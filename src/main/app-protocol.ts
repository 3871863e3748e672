import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { protocol } from 'electron';
import { BUNDLE_HEADERS, bundleFile, SCHEME, typeOf } from './security/bundle-request.ts';

/** Makes `app:` a scheme with an origin of its own. Before `ready` only. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves what was built into `folder`, and nothing else. */
export function serveBundle(folder: string): void {
  const files = new Set(filesIn(folder));
  protocol.handle(SCHEME, async (request) => {
    const answer = bundleFile(request, files);
    if (answer.status !== 200) {
      return new Response(null, { status: answer.status, headers: BUNDLE_HEADERS });
    }
    const headers = { ...BUNDLE_HEADERS, 'Content-Type': typeOf(answer.file) ?? '' };
    return new Response(await readFile(join(folder, answer.file)), { headers });
  });
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && typeOf(entry.name) !== undefined)
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'));
}
