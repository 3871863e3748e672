import type { ComponentChild } from 'preact';
import type { Shape as ShapeName, Tone } from '../../shared/ui/look.ts';

export type { ShapeName, Tone };

const ROUND = { 'stroke-linecap': 'round', 'stroke-linejoin': 'round' } as const;

/** The eight shapes that carry a state without colour. `cut` is drawn in the colour of what lies behind, `line` in the shape's own. */
const DRAWINGS: Readonly<Record<ShapeName, ComponentChild>> = {
  ok: (
    <>
      <circle cx="7" cy="7" r="7" />
      <path class="cut" d="M3.8 7.3 6.1 9.6 10.3 4.9" stroke-width="1.6" {...ROUND} />
    </>
  ),
  stop: (
    <>
      <path d="M4.1 0h5.8L14 4.1v5.8L9.9 14H4.1L0 9.9V4.1Z" />
      <path class="cut" d="M7 3.2v4.4M7 10v.6" stroke-width="1.7" {...ROUND} />
    </>
  ),
  warn: (
    <>
      <path
        d="M7 1.3 13.2 12.5H.8Z"
        stroke="currentColor"
        stroke-width="1.4"
        stroke-linejoin="round"
      />
      <path class="cut" d="M7 5v3.3M7 10.4v.3" stroke-width="1.5" {...ROUND} />
    </>
  ),
  clock: (
    <>
      <circle class="line" cx="7" cy="7" r="6.2" stroke-width="1.6" />
      <path class="line" d="M7 3.6V7l2.4 1.6" stroke-width="1.6" {...ROUND} />
    </>
  ),
  lock: (
    <path
      fill-rule="evenodd"
      d="M3.4 6V4.1a3.6 3.6 0 0 1 7.2 0V6H12v7.5H2V6Zm1.7 0h3.8V4.1a1.9 1.9 0 0 0-3.8 0Z"
    />
  ),
  ask: (
    <>
      <circle cx="7" cy="7" r="7" />
      <path
        class="cut"
        d="M5 5.3a2 2 0 1 1 3 1.7c-.6.4-1 .7-1 1.4M7 10.6v.3"
        stroke-width="1.6"
        {...ROUND}
      />
    </>
  ),
  renew: (
    <>
      <path class="line" d="M11.9 8A5.1 5.1 0 1 1 7.4 2.9" stroke-width="1.7" {...ROUND} />
      <path d="M7 .2 11.3 2.9 7 5.6Z" />
    </>
  ),
  standby: (
    <>
      <circle class="line" cx="7" cy="7" r="6.2" stroke-width="1.6" />
      <path class="line" d="M4.4 7h5.2" stroke-width="1.6" {...ROUND} />
    </>
  ),
};

/** What a shape is drawn with. */
export interface ShapeProps {
  readonly name: ShapeName;
  readonly tone: Tone;
  /** Beside a heading. */
  readonly large?: boolean;
}

/** A state's shape. It is hidden from screen readers: the words beside it carry the state. */
export function Shape({ name, tone, large = false }: ShapeProps) {
  return (
    <svg
      class={`shape ${tone}${large ? ' large' : ''}`}
      viewBox="0 0 14 14"
      fill="currentColor"
      aria-hidden="true"
    >
      {DRAWINGS[name]}
    </svg>
  );
}

/** Something goes on. Where movement is not wanted it is the still shape "renew". */
export function Spinner() {
  return (
    <span class="spinner">
      <svg class="turning" viewBox="0 0 16 16" aria-hidden="true">
        <circle class="track" cx="8" cy="8" r="6.5" />
        <path d="M8 1.5A6.5 6.5 0 0 1 14.5 8" />
      </svg>
      <Shape name="renew" tone="accent" />
    </span>
  );
}
