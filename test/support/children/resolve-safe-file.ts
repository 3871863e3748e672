// Prints what `resolveSafeFile` says of each path in the arguments, one JSON line for each. Started by
// root it gives root up first, because root passes every check.
import { nodeFiles } from '../../../src/core/files/node-files.ts';
import { resolveSafeFile } from '../../../src/core/files/safe-path.ts';
import { AppError } from '../../../src/shared/errors.ts';
import { NOBODY } from '../nobody.ts';

if (process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
for (const path of process.argv.slice(2)) {
  const line = await resolveSafeFile(nodeFiles, path).then(
    (file) => ({ path: file.path, exists: file.stat !== null }),
    (error: unknown) => (error instanceof AppError ? { code: error.code, ...error.details } : {}),
  );
  console.log(JSON.stringify(line));
}
