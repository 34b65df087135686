import { isAlphanumeric, type Judged, type LiteralDetector, latin1, more, none, type Window } from '../detector.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const mostBytes = 8 * 1024;
const token = /^(eyJ[\w-]{10,4096})\.([\w-]{2,8192})\.([\w-]{0,2048})/;
const body = /^[\w-]+(?:\.[\w-]*){0,2}$/;

function isHeader(encoded: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    return typeof header === 'object' && header !== null && 'alg' in header;
  } catch {
    return false;
  }
}

function judge({ bytes, last }: Window, start: number): Judged {
  if (isAlphanumeric(bytes, start - 1)) return none;
  const text = latin1(bytes, start, start + mostBytes);
  // All that has come may be the start of one.
  if (text.length < mostBytes && !last && body.test(text)) return more;
  const match = token.exec(text);
  return match !== null && isHeader(match[1] ?? '') ? { kind: 'match', start, end: start + match[0].length } : none;
}

/** JSON Web Tokens in the compact form (RFC 7515 section 3.1): three parts of which the first is a header with alg. */
export const tokens: LiteralDetector = Object.freeze({
  on: 'literal',
  triggers: [...letters].map((letter) => `eyJ${letter}`),
  judge,
});
