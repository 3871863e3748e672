import { useId } from 'preact/hooks';

/** What a row to be chosen is drawn with. */
export interface ChoiceRowProps {
  /** By which the rows of one choice belong together. */
  readonly group: string;
  readonly name: string;
  /** The second line: what it means. */
  readonly detail: string;
  readonly chosen: boolean;
  readonly onChoose: () => unknown;
}

/** One of several rows of which just one is chosen. */
export function ChoiceRow({ group, name, detail, chosen, onChoose }: ChoiceRowProps) {
  const id = useId();
  return (
    <li class="row">
      <label class="row-line choice">
        <input
          id={id}
          type="radio"
          name={group}
          checked={chosen}
          aria-label={name}
          aria-describedby={`${id}-detail`}
          onChange={onChoose}
        />
        <span class="row-words">
          <span>{name}</span>
          <span class="small" id={`${id}-detail`}>
            {detail}
          </span>
        </span>
      </label>
    </li>
  );
}
