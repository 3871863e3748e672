import { join } from 'node:path';
import type { Context } from '../context.ts';
import { fileStore } from './file-store.ts';
import { oauthEntryCodec } from './oauth-entry.ts';
import { ownLock } from './own-lock.ts';
import type { Target } from './target.ts';
import { isFolder, toolTarget } from './tool-file.ts';
import { toolFolder } from './tool-folder.ts';

/**
 * opencode's `auth.json`. At its next write it drops every entry that does not fit its own schema.
 * @see https://github.com/anomalyco/opencode/issues/46128
 */
export const opencodeCodec = oauthEntryCodec(
  {
    anthropic: { key: 'anthropic', skew: 0 },
    openai: { key: 'openai', skew: 0 },
  },
  {
    type: 'api',
    names: { openai: 'openai', anthropic: 'anthropic', grok: 'xai', gemini: 'google' },
  },
);

/** opencode. @param folder Where `auth.json` is, absolute or below the person's home. */
export function opencodeTarget(context: Context, folder?: string): Target {
  const data = context.env.XDG_DATA_HOME;
  const place = toolFolder(context, {
    chosen: folder,
    env: data && join(data, 'opencode'),
    // On macOS too.
    usual: join('.local', 'share', 'opencode'),
  });
  const path = join(place, 'auth.json');
  return toolTarget(context, {
    id: 'opencode',
    name: 'opencode',
    path,
    codec: opencodeCodec,
    store: fileStore(context, path),
    lock: ownLock(context),
    // It has no lock at all: a refresh token that it has is one that two may spend at once.
    defaultMode: 'access-only',
    locksRenewals: false,
    installed: () => isFolder(context.fs, place),
  });
}
