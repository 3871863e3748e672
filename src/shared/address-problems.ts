/** Why a service is not added by what a person gave of it. */
export const ADDRESS_PROBLEMS = [
  'empty',
  'no-address',
  'no-https',
  'more',
  'no-client',
  'client',
  'elsewhere',
  'other-login',
  'signed-in',
] as const;
/** See `ADDRESS_PROBLEMS`. */
export type AddressProblem = (typeof ADDRESS_PROBLEMS)[number];

/** What a person gives of a service, by the field that it is typed in. */
export type AddressField = 'address' | 'clientId';

/** As the window tells it, below the field that it is about. */
const SENTENCES: Readonly<Record<AddressProblem, readonly [field: AddressField, text: string]>> = {
  empty: ['address', 'Paste the service’s address here.'],
  'no-address': ['address', 'That’s no address.'],
  'no-https': ['address', 'It has to begin with https.'],
  more: ['address', 'Leave out what stands before an @ and after a ? or #.'],
  'no-client': ['clientId', 'Whoever runs the service can tell you.'],
  client: ['clientId', 'That’s no client ID. Copy all of it, without spaces.'],
  elsewhere: [
    'address',
    'Its logins would go to another address. Only Authbar’s command line can allow that.',
  ],
  'other-login': [
    'address',
    'A login of another service is kept under that name. Sign out of it first.',
  ],
  'signed-in': ['clientId', 'You’re signed in there with another client ID. Sign out first.'],
};

/** What is wrong, and with what. */
export interface AddressNote {
  readonly field: AddressField;
  readonly text: string;
}

/** The sentence for the window, and where it belongs. */
export function addressNote(problem: AddressProblem): AddressNote {
  const [field, text] = SENTENCES[problem];
  return { field, text };
}
