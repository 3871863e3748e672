import type { Terms } from '../../shared/app-state.ts';
import type { BuiltInId } from '../grant.ts';

/** What a service's terms say about a login like ours, and when somebody last read them. */
interface ReadTerms extends Terms {
  /** The day whose terms the paragraphs go by. A release checks that it is under 90 days ago. */
  readonly readOn: string;
  readonly address: string;
}

/** The services whose terms have to be spoken of before the first sign-in. */
export const TERMS: Readonly<Partial<Record<BuiltInId, ReadTerms>>> = {
  // In other words: https://code.claude.com/docs/en/legal-and-compliance
  anthropic: {
    readOn: '2026-02-19',
    address: 'https://www.anthropic.com/legal/consumer-terms',
    company: 'Anthropic',
    paragraphs: [
      'Anthropic allows the login of a Claude plan only in its own apps, such as Claude and Claude Code. Authbar isn’t made or approved by Anthropic.',
      'Other tools may be refused, and Anthropic may limit or close your account. You choose which tools get the login.',
    ],
    link: 'Read Anthropic’s terms',
  },
};
