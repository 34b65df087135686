const before = 16;
const most = 64;
// What is cut must be seen as what it was: the rest of a token, the name of a value.
const margin = 256;

/** Names under which secrets travel: what stands there is never shown. */
const secretName =
  /pass|pwd|secret|token|auth|cookie|session|sid$|credential|api-?_?key|^key$|otp|cvv|cvc|card|iban|ssn|assertion|code|nonce|signature|private|dpop/i;

const unprintable = /[^\p{L}\p{N}\p{P}\p{S} ]/gu;
// What is long and of one piece may be a key, a token or a number of somebody's.
const opaque = /[A-Za-z0-9_-]{20,}|\d{7,}/g;
const address = /[^\s@]{1,64}@[^\s@]{1,64}/g;

// Values by their names, as forms, queries and JSON have them within a longer text.
const pair = /([^\s&?;=]{1,64})=[^\s&;]{1,256}|"([^"]{1,64})"\s{0,4}:\s{0,4}"[^"]{1,256}/g;

/** Hidden, character by character: places in the text stay what they are. */
const hidden = (text: string): string => '…'.repeat(text.length);

/** Whether a place is known to carry secrets: its text is never shown. */
const isSecretPlace = (place: string, secrets: ReadonlySet<string>): boolean =>
  place.startsWith('cookie.') ? !place.endsWith('#name') : secrets.has(place) || secretName.test(place);

/**
 * At most 64 characters around a match, for those who read the audit: printable, without line ends, and without what may be
 * somebody's secret. Undefined where the place is known to carry secrets: by its name, or as one of those (header.x-key, query.k).
 */
export function excerptOf(place: string, text: string, at: number, secrets: ReadonlySet<string>): string | undefined {
  if (isSecretPlace(place, secrets)) return undefined;
  const start = Math.max(0, Math.min(at - before, text.length - most));
  const from = Math.max(0, start - margin);
  const shown = text
    .slice(from, start + most + margin)
    .toWellFormed()
    .replace(unprintable, (character) => '·'.repeat(character.length))
    .replace(pair, (whole, name: string | undefined, member = name) =>
      secrets.has(`query.${member}`) || secretName.test(member) ? hidden(whole) : whole,
    )
    .replace(address, hidden)
    .replace(opaque, hidden);
  return shown.slice(start - from, start - from + most).replace(/…+/g, '…');
}
