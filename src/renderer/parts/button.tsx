import type { ComponentChildren } from 'preact';

/** `main` one per view · `bad` takes something away · `text` bare words · `offer` dashed. */
export type ButtonKind = 'main' | 'plain' | 'bad' | 'text' | 'offer';

/** What a button is drawn with. */
export interface ButtonProps {
  readonly kind?: ButtonKind;
  /** 36 high and as wide as the view. */
  readonly large?: boolean;
  /** The name for screen readers, where the words alone would not tell. */
  readonly label?: string;
  /** The focus starts here. */
  readonly start?: boolean;
  /** It is what Return in the view's field presses. */
  readonly submits?: boolean;
  /** By which the focus finds it again, where its name changes. */
  readonly id?: string;
  readonly onPress?: () => unknown;
  readonly children: ComponentChildren;
}

/** A button. None is ever disabled: one that cannot work yet says why when it is pressed. */
export function Button(props: ButtonProps) {
  const { kind = 'plain', large = false, label, start, submits, id, onPress, children } = props;
  return (
    <button
      type={submits ? 'submit' : 'button'}
      id={id}
      class={`button ${kind}${large ? ' large' : ''}`}
      aria-label={label}
      data-start={start || undefined}
      onClick={onPress}
    >
      {children}
    </button>
  );
}

/** The drawings of the buttons that have no words. */
const ICONS = {
  add: <path d="M7 1.5v11M1.5 7h11" />,
  back: <path d="M9 2 4 7l5 5" />,
  close: <path d="m2.5 2.5 9 9m0-9-9 9" />,
  more: (
    <g class="dots">
      <circle cx="2.2" cy="7" r="1.3" />
      <circle cx="7" cy="7" r="1.3" />
      <circle cx="11.8" cy="7" r="1.3" />
    </g>
  ),
  settings: (
    <>
      <circle cx="7" cy="7" r="2.1" />
      <path d="M5.9.9h2.2l.4 1.7 1.2.7 1.7-.5 1.1 1.9-1.3 1.2v1.4l1.3 1.2-1.1 1.9-1.7-.5-1.2.7-.4 1.7H5.9l-.4-1.7-1.2-.7-1.7.5-1.1-1.9 1.3-1.2V6L1.5 4.7l1.1-1.9 1.7.5 1.2-.7Z" />
    </>
  ),
} as const;

/** What a button without words is drawn with. */
export interface IconButtonProps {
  readonly icon: keyof typeof ICONS;
  readonly label: string;
  readonly id?: string;
  readonly onPress: () => unknown;
}

/** A button of 28 × 28 that shows a drawing in place of words. */
export function IconButton({ icon, label, id, onPress }: IconButtonProps) {
  return (
    <button type="button" id={id} class="icon-button" aria-label={label} onClick={onPress}>
      <svg viewBox="0 0 14 14" aria-hidden="true">
        {ICONS[icon]}
      </svg>
    </button>
  );
}
