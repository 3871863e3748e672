import { useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { sizeOf } from '../../../shared/ui/geometry.ts';

/** A list, once it is drawn. */
export interface ListRef {
  readonly current: HTMLElement | null;
}

/**
 * Whether an account's card is out of sight when the list is at its top and the window as high as it may be.
 * How far the list is scrolled does not count: what lies above it would come and go under the person's hand.
 */
export function useBelowTheFold(list: ListRef, account: string | null, zoom: number): boolean {
  const isBelow = useSignal(false);
  // After each drawing: whatever changed may have made a card above it higher.
  useLayoutEffect(() => {
    const card = list.current?.querySelector(`[data-account="${account}"]`);
    isBelow.value = card ? depthOf(card, list) > roomFor(list, zoom) : false;
  });
  return isBelow.value;
}

/** From the top of the list to the end of the card. */
function depthOf(card: Element, { current }: ListRef): number {
  const top = current?.getBoundingClientRect().top ?? 0;
  return card.getBoundingClientRect().bottom - top;
}

/** How much of a list is seen at most. */
function roomFor({ current }: ListRef, zoom: number): number {
  const view = current?.closest<HTMLElement>('.view');
  const scroll = current?.closest<HTMLElement>('.scroll');
  if (!view || !scroll) return Number.POSITIVE_INFINITY;
  return highest(zoom) - (view.offsetHeight - scroll.offsetHeight);
}

/** Of this window on this screen, CSS px. */
function highest(zoom: number): number {
  const area = { x: 0, y: 0, width: screen.availWidth, height: screen.availHeight };
  const wish = { content: Number.POSITIVE_INFINITY, zoom, signingIn: false };
  return sizeOf(wish, { bounds: area, workArea: area }).height / zoom;
}
