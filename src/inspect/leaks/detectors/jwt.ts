import {
  goesOn,
  isAlphanumeric,
  type Judged,
  type LiteralDetector,
  latin1,
  more,
  none,
  type Window,
} from '../detector.ts';

const mostHeader = 4099;
const mostPayload = 8192;
const mostSignature = 2048;
/** A prefix such as "session_" has fewer characters. */
const mostPrefix = 14;
const dot = 0x2e;
const hyphen = 0x2d;
const underscore = 0x5f;

const isLetter = (bytes: Uint8Array, at: number): boolean =>
  isAlphanumeric(bytes, at) || bytes[at] === hyphen || bytes[at] === underscore;

/** Where characters of base64url end that begin there, so many at most. */
function runEnd(bytes: Uint8Array, start: number, most: number): number {
  const limit = Math.min(bytes.length, start + most);
  let at = start;
  while (at < limit && isLetter(bytes, at)) at += 1;
  return at;
}

function isHeader(encoded: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    return typeof header === 'object' && header !== null && 'alg' in header;
  } catch {
    return false;
  }
}

/** Whether so many characters of base64url stand before: then it is a part of something longer, as often as it looks like a start. */
function isWithin(bytes: Uint8Array, start: number): boolean {
  let at = start;
  while (at > start - mostPrefix && isLetter(bytes, at - 1)) at -= 1;
  return at === start - mostPrefix;
}

// Part by part: of bytes that only begin like a token no more is looked at than has to be.
function judge({ bytes, last }: Window, start: number): Judged {
  if (goesOn(bytes, start) || isWithin(bytes, start)) return none;
  const isOpen = (end: number): boolean => end === bytes.length && !last;
  const header = runEnd(bytes, start, mostHeader);
  if (isOpen(header)) return more;
  if (bytes[header] !== dot || header - start < 13 || !isHeader(latin1(bytes, start, header))) return none;
  const payload = runEnd(bytes, header + 1, mostPayload);
  if (isOpen(payload)) return more;
  if (bytes[payload] !== dot || payload - header < 3) return none;
  const end = runEnd(bytes, payload + 1, mostSignature);
  return isOpen(end) ? more : { kind: 'match', start, end };
}

/** JSON Web Tokens in the compact form (RFC 7515 section 3.1): three parts of which the first is a header with alg. */
export const tokens: LiteralDetector = Object.freeze({
  on: 'literal',
  triggers: ['eyJ'],
  judge,
});
