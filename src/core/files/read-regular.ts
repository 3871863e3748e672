import { constants } from 'node:fs';
import { AppError } from '../../shared/errors.ts';
import type { FileSystem } from '../ports.ts';
import { mapFileError } from './durable.ts';
import { isMissing } from './json-file.ts';

/**
 * The bytes of a regular file, or `null` when there is no such file. Follows no link, waits for no pipe,
 * and reads nothing of a file with more than `limit` bytes.
 * @throws AppError `tool-file-protected` for what is no regular file, `tool-file-damaged` for one that is
 *   too large; otherwise as `mapFileError` says.
 */
export async function readRegular(
  fs: FileSystem,
  path: string,
  limit: number,
): Promise<Buffer | null> {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants; // Windows has only the last; `|` reads 0.
  try {
    const handle = await fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw refusal('tool-file-protected', path, 'It is not a regular file.');
      if (stat.size > limit) throw refusal('tool-file-damaged', path, 'It is too large.');
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw mapFileError(error, path);
  }
}

function refusal(
  code: 'tool-file-protected' | 'tool-file-damaged',
  path: string,
  hint: string,
): AppError {
  return new AppError(code, { path, hint });
}
