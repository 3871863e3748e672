import type { Provider } from '../providers/provider.ts';

/** Who has to have given an answer in the browser. */
export type AnswerFrom = Pick<Provider, 'issuer' | 'issuerInAnswer'>;

/**
 * Whether an answer is from the issuer that was asked (RFC 9207): its `iss` has to be that one, and has to
 * be there where the server announced it.
 */
export function isFromIssuer(
  iss: string | null,
  { issuer, issuerInAnswer = false }: AnswerFrom,
): boolean {
  if (issuer === undefined) return true;
  return iss === null ? !issuerInAnswer : iss === issuer;
}
