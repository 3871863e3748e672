import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { TEXTS } from '../../shared/ui/texts.ts';
import { wayOut } from '../actions.ts';
import { focusSpot, focusStart } from '../focus.ts';
import { opened } from '../hooks.ts';
import { type Arrival, arrive, back, canGoBack, ownBack } from '../router.ts';
import { say, type Urgency } from '../says.ts';
import { app, ask, trouble } from '../store.ts';
import { Banner } from './banner.tsx';
import { IconButton } from './button.tsx';

/** What a view is framed with. */
export interface ViewProps {
  /** The header's words. They are the view's `h1`, unless `heading` is. */
  readonly title?: string;
  /** The sentence of a full view, below the header. It is the `h1` then. */
  readonly heading?: string;
  /** A shape or spinner before `heading`. */
  readonly mark?: ComponentChildren;
  /** Cards and groups reach further out than words: 12 and 20. */
  readonly kind?: 'list' | 'full';
  /** The header's buttons on the right. */
  readonly buttons?: ComponentChildren;
  readonly footer?: ComponentChildren;
  /** What Back and Escape do, where that is more than going back. */
  readonly onBack?: () => void;
  /** Read when the view is entered, and when the window is opened on it. */
  readonly says?: string | readonly string[];
  readonly urgency?: Urgency;
  /** The id of what a screen reader reads after the heading. */
  readonly describedBy?: string;
  /** While a sign-in runs the window is at least so high that its steps do not make it jump. */
  readonly steady?: boolean;
  /** Nothing in it takes the focus: what scrolls takes it, so that the keys can scroll it. */
  readonly onlyRead?: boolean;
  readonly children: ComponentChildren;
}

/**
 * The frame of every view: header, what scrolls, footer. It puts the focus where it belongs and says
 * what the view says. Control that starts with the focus: mark it with `start`.
 */
export function View(props: ViewProps) {
  const {
    title,
    heading,
    mark,
    kind = 'full',
    footer,
    describedBy,
    steady,
    onlyRead,
    children,
  } = props;
  const main = useRef<HTMLElement>(null);
  const [arrival] = useState(arrive);
  useEntering(main, arrival, props);
  return (
    <main ref={main} class={`view ${kind}${steady ? ' steady' : ''}`} data-way={arrival.way}>
      <Header {...props} />
      <div class="scroll" {...(onlyRead && { tabIndex: 0, role: 'region', 'aria-label': title })}>
        <div class="content">
          <Trouble />
          {heading !== undefined && (
            <h1 class="heading" tabIndex={-1} aria-describedby={describedBy}>
              {mark}
              <span>{heading}</span>
            </h1>
          )}
          {children}
        </div>
      </div>
      {footer !== undefined && footer !== null && <footer class="footer">{footer}</footer>}
    </main>
  );
}

/** Read out first, although Back stands left of it: a heading says where one is. */
function Header({ title, heading, onBack, buttons, describedBy }: ViewProps) {
  const { closable } = app().system;
  if (title === undefined && !closable) return null;
  const hasBack = title !== undefined && (canGoBack.value || onBack !== undefined);
  const isHeading = title !== undefined && heading === undefined;
  return (
    <header class={`header${hasBack ? ' with-back' : ''}`}>
      {isHeading ? (
        <h1 class="title" tabIndex={-1} aria-describedby={describedBy}>
          {title}
        </h1>
      ) : (
        <p class="title">{title}</p>
      )}
      {hasBack && <IconButton icon="back" id="back" label={TEXTS.common.back} onPress={back} />}
      {buttons}
      {closable && (
        <IconButton icon="close" label={TEXTS.common.close} onPress={() => ask('window:hide')} />
      )}
    </header>
  );
}

/** A call that failed: shown where it was made. */
function Trouble() {
  const error = trouble.value;
  if (!error) return null;
  const { title, sentence } = error;
  return (
    <Banner tone="bad" shape="stop" title={title} sentence={sentence} button={wayOut(error)} />
  );
}

function useEntering(
  main: { readonly current: HTMLElement | null },
  arrival: Arrival,
  props: ViewProps,
): void {
  const { says = [], urgency, onBack } = props;
  useLayoutEffect(() => {
    if (main.current) enter(main.current, arrival);
  }, [arrival]);
  useLayoutEffect(() => {
    ownBack.value = onBack ?? null;
    return () => {
      ownBack.value = null;
    };
  }, [onBack]);
  const times = opened.value;
  const entered = useRef(times);
  // Said on entering and on opening, not whenever the words change.
  useEffect(() => {
    if (entered.current !== times && main.current) focusStart(main.current);
    for (const sentence of typeof says === 'string' ? [says] : says) say(sentence, urgency);
  }, [times]);
}

/** Coming back, the focus and the scrolling are where they were left. */
function enter(view: HTMLElement, { way, left }: Arrival): void {
  const scroll = view.querySelector('.scroll');
  if (scroll && left) scroll.scrollTop = left.scroll;
  if (way === 'back') focusSpot(view, left?.spot ?? null);
  else focusStart(view);
}
