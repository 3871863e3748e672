import type { ComponentChildren } from 'preact';
import { IconButton } from './button.tsx';
import { Shape, type ShapeName, type Tone } from './shape.tsx';

/** What a card is drawn with. */
export interface CardProps {
  /** The account's id: ⌘R checks it, a notification puts the focus on it. `null`: a sign-in, nobody knows whose. */
  readonly id: string | null;
  /** A key's: no account has it. */
  readonly isKey?: boolean;
  /** What its button says: service, address, plan, state. */
  readonly label: string;
  readonly name: ComponentChildren;
  /** The plan. */
  readonly tag?: string | null;
  /** Whose login it is. */
  readonly subtitle?: ComponentChildren;
  readonly shape: ShapeName;
  readonly tone: Tone;
  /** Line 1. `bad` paints it too: a colour on words means "you". */
  readonly state: ComponentChildren;
  readonly painted?: boolean;
  /** Line 2. */
  readonly detail?: ComponentChildren;
  /** Healthy and one of many: two lines. */
  readonly compact?: boolean;
  /** The focus starts on its button. */
  readonly start?: boolean;
  readonly onPress: () => unknown;
  /** The menu of the card; absent: none. */
  readonly menu?: { readonly label: string; readonly onPress: () => unknown };
  /** Its buttons. */
  readonly children?: ComponentChildren;
}

/** One account. Its name is a button stretched over the card; the other buttons lie above it. */
export function Card(props: CardProps) {
  const { id, label, name, tag, subtitle, shape, tone, compact, onPress, menu, children } = props;
  return (
    <li class={`card${compact ? ' compact' : ''}`} data-account={(!props.isKey && id) || undefined}>
      <p class="card-title">
        <button
          type="button"
          id={`card-${id ?? 'new'}`}
          class="card-name"
          aria-label={label}
          data-step
          data-start={props.start || undefined}
          onClick={onPress}
        >
          {name}
        </button>
        {tag && <span class="tag">{tag}</span>}
        {compact && subtitle && <span class="small card-subtitle">{subtitle}</span>}
      </p>
      {!compact && subtitle && <p class="small card-subtitle">{subtitle}</p>}
      <p class={`card-state${props.painted ? ' painted' : ''}`}>
        <Shape name={shape} tone={tone} />
        <span>{props.state}</span>
      </p>
      {!compact && props.detail && <p class="small card-detail">{props.detail}</p>}
      {children && <div class="buttons">{children}</div>}
      {menu && (
        <div class="card-menu">
          <IconButton
            icon="more"
            id={`menu-${id ?? 'new'}`}
            label={menu.label}
            onPress={menu.onPress}
          />
        </div>
      )}
    </li>
  );
}
