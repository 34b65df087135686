import type { Json } from '../core/json.ts';

const maxIdLength = 256;
const maxNameLength = 1024;
// Unicode classes Cc, Zl and Zp: what ends a line or a field somewhere downstream.
const breaking = /[\p{Cc}\p{Zl}\p{Zp}]/u;

const isPlain = (text: unknown, maxLength: number): text is string =>
  typeof text === 'string' && text !== '' && text.length <= maxLength && text.isWellFormed() && !breaking.test(text);

/** Whether a text can be a role, a scope or a name: not empty, at most 256 characters, no control or line-breaking one. */
export const isPlainText = (text: unknown): text is string => isPlain(text, maxIdLength);

/** Whether a text can name a credential or a session: plain, and no longer than what can be revoked by it. */
export const isCredentialName = (text: unknown): text is string => isPlain(text, maxNameLength);

/** Whether a text can name a principal: plain, and the same after trimming, for a header's value is trimmed on its way. */
export const isPrincipalId = (text: unknown): text is string => isPlainText(text) && text.trim() === text;

/** The words of a claim: an array of plain texts or one text; none when the claim is absent, undefined when it is wrong. */
export function readWords(
  claim: Json | undefined,
  split: (text: string) => readonly string[] = (text) => [text],
): ReadonlySet<string> | undefined {
  if (claim === undefined) return new Set();
  const words: readonly Json[] | Json = typeof claim === 'string' ? split(claim) : claim;
  return Array.isArray(words) && words.every(isPlainText) ? new Set(words) : undefined;
}

/** The words of a list that is separated by blanks (RFC 6749 section 3.3). */
export const spaced = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');
