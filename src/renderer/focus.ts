/** Where a control was, for when it has been drawn anew: by its id, else by its name among its namesakes. */
export interface Spot {
  readonly id: string;
  readonly name: string;
  readonly nth: number;
}

const CONTROLS = 'button, a[href], input, textarea, [tabindex="0"]';

/** The control that has the focus, so that it can be found again; `null`: none has. */
export function spotOfFocus(): Spot | null {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || !element.matches(CONTROLS)) return null;
  const name = nameOf(element);
  return { id: element.id, name, nth: namesakes(name).indexOf(element) };
}

/** Puts the focus where a view starts: its marked control (`data-start`), else its heading. */
export function focusStart(view: HTMLElement): void {
  const start = view.querySelector<HTMLElement>('[data-start]') ?? headingOf(view);
  start?.focus({ preventScroll: true });
}

/** Puts the focus back on a control, or on the heading if it is gone. */
export function focusSpot(view: HTMLElement, spot: Spot | null): void {
  const found =
    spot && ((spot.id && document.getElementById(spot.id)) || namesakes(spot.name)[spot.nth]);
  (found || headingOf(view))?.focus({ preventScroll: !found });
}

/** Whenever the control that had the focus goes away, the heading gets it: a keyboard is never lost. */
export function keepFocus(): void {
  let last: Element | null = null;
  document.addEventListener('focusin', () => {
    last = document.activeElement;
  });
  new MutationObserver(() => {
    if (last?.isConnected || document.activeElement !== document.body) return;
    const view = document.querySelector('main');
    if (last && view) headingOf(view)?.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true });
}

function headingOf(view: HTMLElement): HTMLElement | null {
  return view.querySelector('h1');
}

function nameOf(element: HTMLElement): string {
  return element.getAttribute('aria-label') ?? element.textContent;
}

function namesakes(name: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(CONTROLS)].filter(
    (element) => nameOf(element) === name,
  );
}
