import * as v from 'valibot';
import type { Vault } from '../vault/vault.ts';

/** How large texts may be, from the usual size on. */
export const ZOOMS = [1, 1.25, 1.5, 1.75, 2] as const;

/** Each choice by itself: one that cannot be understood is as if it was never made. */
const PrefsSchema = v.looseObject({
  notices: v.fallback(v.boolean(), true),
  /** By provider: the day on which the person went on after what there is to say of its terms. */
  termsSeen: v.fallback(v.record(v.string(), v.string()), {}),
  /** The other service was signed in to as well, or is not wanted. */
  offerDismissed: v.fallback(v.boolean(), false),
  /** The end of the first sign-in was read, and its switches were set. */
  welcomed: v.fallback(v.boolean(), false),
  zoom: v.fallback(v.picklist(ZOOMS), 1),
  /** Tools in which somebody else's login stays, and the account that would be in its place. */
  leftAlone: v.fallback(v.array(v.object({ tool: v.string(), account: v.string() })), []),
});

/** What the window remembers. The system's own switches are not among it. */
export type Prefs = v.InferOutput<typeof PrefsSchema>;

/** Nobody has chosen anything yet. */
export const NO_PREFS: Prefs = v.parse(PrefsSchema, {});

/** The person's choices; `app` is what `settings.json` has under that key. */
export function readPrefs(app: unknown): Prefs {
  return v.parse(v.fallback(PrefsSchema, NO_PREFS), app);
}

/** Changes some of them. What a newer version keeps beside them stays. */
export async function changePrefs(
  vault: Vault,
  change: (prefs: Prefs) => Partial<Prefs>,
): Promise<void> {
  await vault.changeSettings((settings) => {
    const prefs = readPrefs(settings.app);
    return { ...settings, app: { ...prefs, ...change(prefs) } };
  });
}
