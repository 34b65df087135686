const before = 16;
const most = 64;

/** Names under which secrets travel: what stands there is never shown. */
const secretName =
  /pass|pwd|secret|token|auth|cookie|session|sid$|credential|api-?_?key|^key$|otp|cvv|cvc|card|iban|ssn|assertion|code|nonce|signature|private|dpop/i;

const unprintable = /[^\p{L}\p{N}\p{P}\p{S} ]/gu;
// What is long and of one piece may be a key, a token or a number of somebody's.
const opaque = /[A-Za-z0-9_-]{20,}|\d{7,}/g;
const address = /[^\s@]{1,64}@[^\s@]{1,64}/g;

/** Whether a place is known to carry secrets: its text is never shown. */
const isSecretPlace = (place: string): boolean =>
  place.startsWith('cookie.') ? !place.endsWith('#name') : secretName.test(place);

/**
 * At most 64 characters around a match, for those who read the audit: printable, without line ends, and without what may be
 * somebody's secret. Undefined where the place is known to carry secrets.
 */
export function excerptOf(place: string, text: string, at: number): string | undefined {
  if (isSecretPlace(place)) return undefined;
  const start = Math.max(0, Math.min(at - before, text.length - most));
  return text
    .slice(start, start + most)
    .toWellFormed()
    .replace(unprintable, '·')
    .replace(address, '…')
    .replace(opaque, '…');
}
