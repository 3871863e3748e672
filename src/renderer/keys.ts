import { back, go, visit } from './router.ts';
import { app, ask, call } from './store.ts';

/** What ↑ ↓ Home and End move between: cards and rows. */
const STEPS = '[data-step]';

/** The keys of the whole window. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const act = actionFor(event);
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener('paste', (event) => {
    const waits = visit.value.route.view === 'sign-in' && app().signIn?.step === 'waiting';
    const text = event.clipboardData?.getData('text/plain');
    if (waits && text && !isField(event.target)) go({ view: 'code', text });
  });
}

type Action = () => unknown;

function actionFor(event: KeyboardEvent): Action | undefined {
  const mac = app().system.platform === 'darwin';
  const command = mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (command) return event.altKey ? moveFor(event.key) : commandFor(event.key, mac);
  if (event.altKey && !mac && event.key === 'ArrowLeft') return back;
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.key === 'Escape') return () => back() || ask('window:hide');
  if (event.key === 'ArrowLeft' && document.activeElement?.id === 'back') return back;
  return usesArrows(event.target) ? undefined : stepFor(event.key);
}

/** Moves the focused card among the others. */
function moveFor(key: string): Action | undefined {
  const to = key === 'ArrowUp' ? 'up' : key === 'ArrowDown' ? 'down' : undefined;
  const account = focusedCard();
  return to && account ? () => moveCard(account, to) : undefined;
}

async function moveCard(account: string, to: 'up' | 'down'): Promise<void> {
  await call('account:move', { account, to });
  // A card that is put elsewhere loses the focus on its way.
  requestAnimationFrame(() => document.getElementById(`card-${account}`)?.focus());
}

function commandFor(key: string, mac: boolean): Action | undefined {
  switch (key.toLowerCase()) {
    case '[':
      return mac ? back : undefined;
    case ',':
      return () => go({ view: 'settings' });
    case 'n':
      return () => go({ view: 'add' });
    case 'r':
      return checkNow;
    case 'w':
      return () => ask('window:hide');
    case 'q':
      return mac ? () => go({ view: 'quit' }) : undefined;
    case '+':
    case '=':
      return () => ask('window:zoom', { step: 'bigger' });
    case '-':
      return () => ask('window:zoom', { step: 'smaller' });
    case '0':
      return () => ask('window:zoom', { step: 'actual' });
  }
  return undefined;
}

function stepFor(key: string): Action | undefined {
  const steps = [...document.querySelectorAll<HTMLElement>(STEPS)];
  const at = steps.indexOf(document.activeElement as HTMLElement);
  const to = {
    ArrowDown: Math.min(at + 1, steps.length - 1),
    ArrowUp: Math.max(at - 1, 0),
    Home: 0,
    End: steps.length - 1,
  }[key];
  const step = to === undefined ? undefined : steps[to];
  return step && (() => step.focus());
}

/** The account that is looked at, by its own button, which tells what came of it; the focused one; else all. */
function checkNow(): void {
  const button = document.getElementById('check');
  if (button) button.click();
  else void call('account:check', { account: focusedCard() });
}

/** The account whose card has the focus. */
function focusedCard(): string | null {
  const card = document.activeElement?.closest<HTMLElement>('[data-account]');
  return card?.dataset.account ?? null;
}

function usesArrows(target: EventTarget | null): boolean {
  return isField(target) || (target instanceof HTMLElement && target.matches('pre'));
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea');
}
