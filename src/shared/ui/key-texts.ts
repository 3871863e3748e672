import type { Fill, Texts } from './slots.ts';

/** Keys of services that a person pays for by use. */
export const KEY_TEXTS = {
  paste: 'Paste a key',
  replace: 'Replace',
  heading: ({ service }: Fill<'service'>) => `Paste your ${service} key`,
  label: 'Key',
  show: 'Show',
  hide: 'Hide',
  save: 'Save',
  done: 'Done',
  checking: 'Checking…',
  works: 'Key works',
  refused: ({ service }: Fill<'service'>) =>
    `Saved, but ${service} didn’t accept it: check that you copied all of it.`,
  unchecked: ({ service }: Fill<'service'>) =>
    `Saved. ${service} didn’t answer, so it isn’t checked yet.`,
  /** On its card. */
  tag: 'Key',
  endsIn: ({ label }: Fill<'label'>) => `Ends in …${label}`,
  notAccepted: ({ service }: Fill<'service'>) => `${service} didn’t accept it`,
  notChecked: 'Not checked yet',
  cardName: ({ service, state }: Fill<'service' | 'state'>) => `${service}, key. ${state}`,
  moreFor: ({ service }: Fill<'service'>) => `More for the ${service} key`,
  remove: {
    heading: ({ service }: Fill<'service'>) => `Remove the ${service} key?`,
    body: ({ service }: Fill<'service'>) =>
      `It’s taken out of your tools too. Elsewhere it works until you delete it at ${service}.`,
    keep: 'Keep',
    remove: 'Remove',
  },
  menu: { replace: 'Replace key…', remove: 'Remove key…' },
} as const satisfies Texts;
