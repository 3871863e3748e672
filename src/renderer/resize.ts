import { ask } from './store.ts';

/** What makes up the window's height: what scrolls counts with all that is in it. */
const PARTS = '.header, .content, .footer';

/** Tells main how high the content is whenever that changes. @returns what tells it at once. */
export function reportHeight(root: HTMLElement): () => void {
  let reported = 0;
  const report = () => {
    const height = Math.ceil(heightOfContent());
    if (height < 1 || height === reported) return;
    reported = height;
    void ask('window:height', { height });
  };
  const sizes = new ResizeObserver(report);
  const watch = () => {
    sizes.disconnect();
    for (const part of document.querySelectorAll(PARTS)) sizes.observe(part);
  };
  new MutationObserver(watch).observe(root, { childList: true, subtree: true });
  watch();
  return report;
}

/**
 * Tells main that there is something to see, and before that how high it is. A window that has never been
 * shown may be given no frames, in which sizes are observed: then soon.
 */
export async function reportDrawn(reportNow: () => void): Promise<void> {
  const pictures = [...document.images].map((image) => image.decode().catch(() => undefined));
  await Promise.race([Promise.all([...pictures, frame()]), rest(200)]);
  reportNow();
  await ask('window:drawn');
}

function heightOfContent(): number {
  const view = document.querySelector('main');
  const least = view ? Number.parseFloat(getComputedStyle(view).minHeight) : 0;
  const parts = [...document.querySelectorAll<HTMLElement>(PARTS)];
  const sum = parts.reduce((height, part) => height + part.getBoundingClientRect().height, 0);
  return Math.max(sum, least || 0);
}

function frame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
