/** Somebody who can sign in at the stand-in, in one workspace: the same person in another one is another entry. */
export interface Person {
  /** What the sign-in page's button sends. */
  readonly key: string;
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly workspaceId: string;
  readonly workspace: string;
  /** Without the provider's own decoration: `max`, `plus`, `team`. */
  readonly plan: { readonly anthropic: string; readonly openai: string };
}

const ANNA = {
  userId: '0a6f1c2e-5b0d-4c59-8a3e-1d7f00000001',
  email: 'anna@example.com',
  name: 'Anna Example',
};

/** The first one is who signs in when nobody is named. */
export const PEOPLE: readonly Person[] = [
  {
    ...ANNA,
    key: 'anna',
    workspaceId: '5d3c9b7a-91f2-4e6b-b1c4-2e8f00000001',
    workspace: 'Anna',
    plan: { anthropic: 'max', openai: 'plus' },
  },
  {
    ...ANNA,
    key: 'anna-at-work',
    workspaceId: '5d3c9b7a-91f2-4e6b-b1c4-2e8f00000002',
    workspace: 'Example Works',
    plan: { anthropic: 'team', openai: 'team' },
  },
  {
    key: 'ben',
    userId: '0a6f1c2e-5b0d-4c59-8a3e-1d7f00000002',
    email: 'ben@example.com',
    name: 'Ben Example',
    workspaceId: '5d3c9b7a-91f2-4e6b-b1c4-2e8f00000003',
    workspace: 'Ben',
    plan: { anthropic: 'pro', openai: 'plus' },
  },
];
