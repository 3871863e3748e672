import { join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { fileStore } from './file-store.ts';
import { piLock } from './locks.ts';
import { oauthEntryCodec } from './oauth-entry.ts';
import type { Target } from './target.ts';
import { isFolder, toolTarget } from './tool-file.ts';
import { toolFolder } from './tool-folder.ts';

const MINUTE = 60_000;

/**
 * Pi's `auth.json`. An entry that Pi does not know makes it refuse the whole file: `refresh` and `access`
 * are strings in every mode. `openai` there is another kind of login than ours.
 * @see https://github.com/badlogic/pi-mono/blob/main/packages/coding-agent/src/core/auth-storage.ts
 */
export const piCodec = oauthEntryCodec(
  {
    anthropic: { key: 'anthropic', skew: 5 * MINUTE },
    openai: { key: 'openai-codex', skew: 0 },
  },
  {
    type: 'api_key',
    names: { openai: 'openai', anthropic: 'anthropic', grok: 'xai', gemini: 'google' },
  },
);

/** Pi. @param folder Where `auth.json` is, absolute or below the person's home. */
export function piTarget(context: Context, folder?: string): Target {
  const place = toolFolder(context, {
    chosen: folder,
    env: expandTilde(context),
    usual: join('.pi', 'agent'),
  });
  const path = join(place, 'auth.json');
  return toolTarget(context, {
    id: 'pi',
    name: 'Pi',
    path,
    codec: piCodec,
    store: fileStore(context, path),
    lock: piLock(context, path),
    defaultMode: 'shared',
    locksRenewals: true,
    installed: () => isFolder(context.fs, place),
  });
}

/** Pi, unlike the others, reads `~` in its variable as a shell would. */
function expandTilde({ env, userHome }: Context): string | undefined {
  return env.PI_CODING_AGENT_DIR?.replace(/^~(?=$|\/)/, () => resolve(userHome));
}
