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
  readonly value: string;
  readonly note: FieldNote | null;
  readonly onInput: (text: string) => void;
  readonly onPaste: (event: ClipboardEvent) => void;
}

/** A field in a card, with its label above and what is wrong with it below. It starts with the focus. */
export function Field({ label, value, note, onInput, onPaste }: FieldProps) {
  const id = useId();
  return (
    <div class="field-card">
      <label class="field-label" for={id}>
        {label}
      </label>
      <input
        id={id}
        class="field"
        type="text"
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
      {note && (
        <p class={`field-note ${note.good ? 'good' : 'bad'}`} id={`${id}-note`}>
          <Shape name={note.good ? 'ok' : 'stop'} tone={note.good ? 'good' : 'bad'} />
          <span>{note.text}</span>
        </p>
      )}
    </div>
  );
}
