import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { TEXTS } from '../../shared/ui/texts.ts';
import { say } from '../says.ts';

/** What a group is drawn with. */
export interface GroupProps {
  /** The words above it. */
  readonly label?: string;
  readonly id?: string;
  /** Rows. */
  readonly children: ComponentChildren;
}

/** A box of rows. */
export function Group({ label, id, children }: GroupProps) {
  const own = useId();
  return (
    <section class="group-section" id={id} aria-labelledby={label ? own : undefined}>
      {label && (
        <h2 class="label" id={own}>
          {label}
        </h2>
      )}
      <ul class="group">{children}</ul>
    </section>
  );
}

/** What a row is drawn with. */
export interface RowProps {
  readonly name: ComponentChildren;
  /** Before the name. */
  readonly mark?: ComponentChildren;
  /** The second line. */
  readonly detail?: ComponentChildren;
  /** At the right. */
  readonly value?: ComponentChildren;
  readonly id?: string;
  /** The whole row is a button then. */
  readonly onPress?: () => unknown;
  /** It leads on: it ends with ›. */
  readonly leads?: boolean;
  readonly expanded?: boolean;
  readonly start?: boolean;
  /** Below, in the same row: buttons of its own. */
  readonly children?: ComponentChildren;
}

/** A row of a group: something to read, or a button that leads on. */
export function Row(props: RowProps) {
  const { onPress, id, leads = onPress !== undefined, expanded, start, children } = props;
  return (
    <li class="row">
      {onPress ? (
        <button
          type="button"
          id={id}
          class="row-line"
          data-step
          data-start={start || undefined}
          aria-expanded={expanded}
          onClick={onPress}
        >
          <RowWords {...props} />
          {leads && <Chevron />}
        </button>
      ) : (
        <div class="row-line">
          <RowWords {...props} />
        </div>
      )}
      {children && <div class="row-more">{children}</div>}
    </li>
  );
}

/** What a row with a switch is drawn with. */
export interface SwitchRowProps {
  readonly name: string;
  readonly detail?: ComponentChildren;
  readonly on: boolean;
  readonly onChange: (on: boolean) => unknown;
  readonly id?: string;
  /** Below, in the same row: what the switch leads to. */
  readonly children?: ComponentChildren;
}

/** A row with a switch: the whole row is the switch. Its change is said once it has come about. */
export function SwitchRow({ name, detail, on, onChange, id, children }: SwitchRowProps) {
  const about = useId();
  const was = useRef(on);
  useEffect(() => {
    if (was.current !== on) say(TEXTS.settings.saysSwitch({ label: name, on }));
    was.current = on;
  }, [name, on]);
  return (
    <li class="row">
      <button
        type="button"
        role="switch"
        id={id}
        class="row-line"
        data-step
        aria-checked={on}
        aria-label={name}
        aria-describedby={detail ? about : undefined}
        onClick={() => onChange(!on)}
      >
        <span class="row-words">
          <span>{name}</span>
          {detail && (
            <span class="small" id={about}>
              {detail}
            </span>
          )}
        </span>
        <span class="switch" />
      </button>
      {children && <div class="row-more">{children}</div>}
    </li>
  );
}

function RowWords({ mark, name, detail, value }: RowProps) {
  return (
    <>
      {mark}
      <span class="row-words">
        <span>{name}</span>
        {detail && <span class="small">{detail}</span>}
      </span>
      {value !== undefined && <span class="row-value">{value}</span>}
    </>
  );
}

function Chevron() {
  return (
    <svg class="chevron" viewBox="0 0 6 10" aria-hidden="true">
      <path d="m1 1 4 4-4 4" />
    </svg>
  );
}
