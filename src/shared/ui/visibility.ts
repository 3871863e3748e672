/** When the window shows and hides: a pure machine. Times are epoch ms. */

/** How long the focus may be elsewhere before the window hides, ms. */
export const BLUR_DELAY = 100;

/** A press on the icon takes the focus first, on Windows: until then the window counts as in front, ms. */
const CLICK_GRACE = 300;

/** A window that was hidden for longer opens at its beginning, ms. */
const SAME_VISIT = 60_000;

const NEVER = Number.NEGATIVE_INFINITY;

/** What keeps the window from hiding by itself. */
export type Hold = 'sign-in' | 'question' | 'menu' | 'system';

/** What is known of the window. */
export interface Visibility {
  readonly shown: boolean;
  readonly focused: boolean;
  /** It has drawn its content. Until then it is not shown. */
  readonly drawn: boolean;
  /** It is to be shown as soon as it has drawn. */
  readonly wanted: boolean;
  /** When it lost the focus by itself. */
  readonly blurredAt: number;
  readonly hiddenAt: number;
  readonly holds: ReadonlySet<Hold>;
}

/** What may happen to it. */
export type VisibilityEvent =
  | { readonly kind: 'icon' }
  /** A second launch, the Dock, a notification, the menu: it is wanted. */
  | { readonly kind: 'summon' }
  /** Escape, its close button, ⌘W. */
  | { readonly kind: 'dismiss' }
  | { readonly kind: 'focus' }
  | { readonly kind: 'blur' }
  /** `BLUR_DELAY` later. */
  | { readonly kind: 'blur-over' }
  | { readonly kind: 'drawn' }
  /** Its page is gone, and loads again. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'hold'; readonly by: Hold; readonly held: boolean };

/** What has to be done. */
export type VisibilityAct =
  /** Place it, show it in front. `fresh`: it opens at its beginning. */
  | { readonly do: 'show'; readonly fresh: boolean }
  | { readonly do: 'raise' }
  | { readonly do: 'hide' }
  /** Tell `blur-over` after `BLUR_DELAY`. */
  | { readonly do: 'wait' }
  | null;

/** What comes of an event. */
export interface VisibilityStep {
  readonly next: Visibility;
  readonly act: VisibilityAct;
}

/** Nothing was drawn yet. */
export const UNSEEN: Visibility = {
  shown: false,
  focused: false,
  drawn: false,
  wanted: false,
  blurredAt: NEVER,
  hiddenAt: NEVER,
  holds: new Set(),
};

/** What comes of `event`. */
export function step(now: Visibility, event: VisibilityEvent, at: number): VisibilityStep {
  switch (event.kind) {
    case 'icon':
      return clicked(now, at);
    case 'summon':
      return now.shown ? { next: now, act: { do: 'raise' } } : shown(now, at);
    case 'dismiss':
      return hidden({ ...now, blurredAt: NEVER }, at);
    case 'focus':
      return { next: { ...now, focused: true }, act: null };
    case 'blur':
      // A window that hides loses the focus too.
      return now.shown
        ? blurred({ ...now, focused: false, blurredAt: at })
        : { next: now, act: null };
    case 'blur-over':
      return now.focused || now.holds.size > 0 ? { next: now, act: null } : hidden(now, at);
    case 'drawn': {
      const next = { ...now, drawn: true };
      return now.wanted ? shown(next, at) : { next, act: null };
    }
    case 'lost': {
      const { next, act } = hidden(now, at);
      return { next: { ...next, drawn: false, wanted: now.shown || now.wanted }, act };
    }
    case 'hold':
      return held(now, event.by, event.held);
  }
}

function clicked(now: Visibility, at: number): VisibilityStep {
  const justLeft = at - now.blurredAt < CLICK_GRACE;
  // The press itself took the focus, which may have hidden it already: the person means to close it.
  if (!now.shown) return justLeft ? { next: now, act: null } : shown(now, at);
  if (now.focused || justLeft) return hidden({ ...now, blurredAt: NEVER }, at);
  return { next: now, act: { do: 'raise' } };
}

function shown(now: Visibility, at: number): VisibilityStep {
  if (!now.drawn) return { next: { ...now, wanted: true }, act: null };
  const fresh = at - now.hiddenAt > SAME_VISIT;
  return {
    next: { ...now, shown: true, focused: true, wanted: false },
    act: { do: 'show', fresh },
  };
}

function hidden(now: Visibility, at: number): VisibilityStep {
  const next = { ...now, wanted: false, focused: false };
  if (!now.shown) return { next, act: null };
  return { next: { ...next, shown: false, hiddenAt: at }, act: { do: 'hide' } };
}

function blurred(now: Visibility): VisibilityStep {
  return { next: now, act: now.shown && now.holds.size === 0 ? { do: 'wait' } : null };
}

function held(now: Visibility, by: Hold, on: boolean): VisibilityStep {
  const holds = new Set(now.holds);
  if (on) holds.add(by);
  else holds.delete(by);
  const next = { ...now, holds };
  const freed = now.holds.size > 0 && holds.size === 0 && !now.focused;
  // The end of a sign-in changes what is shown, not whether: the person still looks at the browser.
  return freed && by !== 'sign-in' ? blurred(next) : { next, act: null };
}
