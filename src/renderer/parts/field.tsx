import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Shape } from './shape.tsx';

/** What a field says about what is in it. */
export interface FieldNote {
  readonly good: boolean;
  readonly text: string;
}

/** What a field is drawn with. */
export interface FieldProps {
  readonly label: string;
  /** What is typed is not shown. */
  readonly secret?: boolean;
  readonly value: string;
  readonly note: FieldNote | null;
  readonly onInput: (text: string) => void;
  readonly onPaste?: (event: ClipboardEvent) => void;
  /** Buttons beside it. */
  readonly children?: ComponentChildren;
}

const HIDDEN = { type: 'password' } as const;
const SHOWN = { type: 'text' } as const;

/** A field in a card, with its label above and what is wrong with it below. It starts with the focus. */
export function Field(props: FieldProps) {
  const { label, secret, value, note, onInput, onPaste, children } = props;
  const id = useId();
  return (
    <div class="field-card">
      <label class="field-label" for={id}>
        {label}
      </label>
      <input
        id={id}
        class="field"
        {...(secret ? HIDDEN : SHOWN)}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={value}
        data-start
        aria-invalid={note !== null && !note.good}
        aria-describedby={note ? `${id}-note` : undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
        onPaste={onPaste}
      />
      {children && <div class="buttons">{children}</div>}
      {note && (
        <p class={`field-note ${note.good ? 'good' : 'bad'}`} id={`${id}-note`}>
          <Shape name={note.good ? 'ok' : 'stop'} tone={note.good ? 'good' : 'bad'} />
          <span>{note.text}</span>
        </p>
      )}
    </div>
  );
}
