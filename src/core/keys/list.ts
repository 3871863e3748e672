import type { ErrorCode } from '../../shared/errors.ts';
import type { Desk } from '../targets/publish.ts';
import { targetIn } from '../targets/registry.ts';
import type { TargetId } from '../targets/target.ts';
import { allAccounts, providersInUse } from '../vault/roster.ts';
import type { KeyCheck } from './check.ts';
import type { PlaceNote } from './facts.ts';
import { type Used, usedBy } from './precedence.ts';
import type { KeyService, KeyServiceId } from './services.ts';
import { type KeptKey, keptKey } from './store.ts';

/** How a key is in one tool's file. */
export interface KeyPlace {
  readonly target: TargetId;
  /** The tool's name. */
  readonly name: string;
  readonly path: string;
  /** What the line or entry there is called. */
  readonly entry: string;
  readonly state: PlaceNote['state'];
  readonly code: ErrorCode | null;
}

/** What is known of a service's key. Not secret. */
export interface KeyView {
  readonly service: KeyServiceId;
  /** As people know it. */
  readonly name: string;
  /** Whether there is a key. */
  readonly stored: boolean;
  /** Its last characters; `null` where it is too short to show any. */
  readonly ending: string | null;
  /** Epoch ms. */
  readonly addedAt: number | null;
  /** When it was last shown to its service, epoch ms, and what that said. */
  readonly checked: { readonly at: number; readonly check: KeyCheck } | null;
  readonly places: readonly KeyPlace[];
  /** Which of the service's variables are set in this environment. */
  readonly variables: readonly string[];
  /** What a tool that is started from this environment would use. */
  readonly used: Used;
}

/** Every service, in the order of the services. Opens no key. */
export async function listKeys(desk: Desk): Promise<KeyView[]> {
  const logins: ReadonlySet<string> = providersInUse(await allAccounts(desk.vault), desk.settings);
  const views: KeyView[] = [];
  for (const service of Object.values(desk.context.keyServices)) {
    const kept = await keptKey(desk, service.id, { mend: false });
    views.push(viewOf(desk, service, kept, logins.has(service.id)));
  }
  return views;
}

function viewOf(
  { context, settings }: Desk,
  service: KeyService,
  kept: KeptKey | null,
  login: boolean,
): KeyView {
  const { env } = context;
  const stored = kept !== null && kept.sealed !== null;
  const { ending = null, addedAt = null, checked = null, places = [] } = kept?.facts ?? {};
  return {
    service: service.id,
    name: service.name,
    stored,
    ending: stored ? ending : null,
    addedAt: stored ? addedAt : null,
    checked: stored ? checked : null,
    places: places.map((note): KeyPlace => {
      const { target, path, state, code } = note;
      const { name, keys } = targetIn(context, settings, note);
      return { target, name, path, entry: keys?.nameOf(service.id) ?? '', state, code };
    }),
    variables: service.variables.filter((name) => Boolean(env[name])),
    used: usedBy(service, { env, login, key: stored }),
  };
}
