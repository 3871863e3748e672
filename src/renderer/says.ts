/** How urgently something is said: `status` waits for a pause, `alert` does not. */
export type Urgency = 'status' | 'alert';

const REGIONS: Readonly<Record<Urgency, string>> = { status: 'said', alert: 'warned' };

/** How long a sentence stays in the page, ms: a person who reads it by hand finds nothing old. */
const STAYS = 5_000;
/** How long the same sentence is not said again, ms. */
const NOT_AGAIN = 10_000;

const saidAt = new Map<string, number>();
let listening = false;

/** A window that is not on the screen says nothing. */
export function listen(on: boolean): void {
  listening = on;
}

/**
 * Has a screen reader say a sentence. Each is a line of its own in its live region, so that two that come
 * together are both read.
 */
export function say(sentence: string, urgency: Urgency = 'status'): void {
  const now = performance.now();
  if (!listening || now - (saidAt.get(sentence) ?? -NOT_AGAIN) < NOT_AGAIN) return;
  saidAt.set(sentence, now);
  const line = document.createElement('p');
  line.textContent = sentence;
  document.getElementById(REGIONS[urgency])?.append(line);
  setTimeout(() => line.remove(), STAYS);
}
