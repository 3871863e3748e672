import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { Button } from './button.tsx';
import { Spinner } from './shape.tsx';

/** What a form is drawn with. */
export interface FormProps {
  /** Its button says this. */
  readonly words: string;
  /** What it says instead, with a spinner, while `onSubmit` is under way. */
  readonly busy?: string;
  /** Never rejects. */
  readonly onSubmit: () => Promise<unknown>;
  readonly children: ComponentChildren;
}

/**
 * Fields and the one main button, which Return in a field presses too. What is under way is not begun again;
 * a field that was wrong gets the focus afterwards.
 */
export function Form({ words, busy, onSubmit, children }: FormProps) {
  const going = useSignal(false);
  const waits = busy && going.value;
  return (
    <form
      onSubmit={async (event) => {
        event.preventDefault();
        if (going.value) return;
        const { activeElement } = document;
        const form = event.currentTarget;
        going.value = true;
        await onSubmit();
        going.value = false;
        // Whoever types elsewhere by now is not disturbed.
        if (document.activeElement === activeElement) {
          form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
        }
      }}
    >
      {children}
      <Button kind="main" large submits>
        {waits && <Spinner />}
        {waits ? busy : words}
      </Button>
    </form>
  );
}
