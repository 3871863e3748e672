import { middle } from '../../shared/ui/names.ts';

/** How many characters of an address fit on a line of its own. */
const FITS = 32;

/** What a sentence is drawn with. */
export interface WordsProps {
  readonly children: string;
  /** How many characters of an address there is room for. */
  readonly fits?: number;
}

/** An address inside a sentence; the full stop behind it is the sentence's. */
const ADDRESS = /([^\s@]+@[^\s@]+[^\s@.,;:!?])/;

/** A sentence in which e-mail addresses stand by themselves: another direction of writing must not stir them. */
export function Words({ children, fits = FITS }: WordsProps) {
  return (
    <>
      {children
        .split(ADDRESS)
        .map((part, i) => (i % 2 ? <Address key={part} address={part} fits={fits} /> : part))}
    </>
  );
}

/** An e-mail address, shortened in the middle for the eye and whole for the ear. */
function Address({ address, fits }: { readonly address: string; readonly fits: number }) {
  const short = middle(address, fits);
  if (short === address) return <bdi>{address}</bdi>;
  return (
    <bdi>
      <span aria-hidden="true">{short}</span>
      <span class="unseen">{address}</span>
    </bdi>
  );
}
