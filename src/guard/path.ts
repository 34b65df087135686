import { type Reject, reject } from '../core/verdict.ts';

/** A path that can be read in one way only. */
interface NormalPath {
  /** Unreserved characters decoded, the hexadecimal digits of the rest in upper case. */
  readonly path: string;
  /** Decoded; the last one is empty when the path ends in a slash. */
  readonly segments: readonly string[];
}

const longestPath = 8192;

// Most paths need no second look: no percent-encoding, no segment that begins with a dot, none that is empty.
const plain = /^\/(?:[A-Za-z0-9_~-][A-Za-z0-9._~!$&'()*+,=:@-]*(?:\/|$))*$/;
const visibleAscii = /^[!-~]*$/;
const brokenEncoding = /%(?![0-9A-Fa-f]{2})/;
const unreserved = /^[A-Za-z0-9._~-]$/;

const malformed = (problem: string): Reject => reject('path_malformed', { problem });
const ambiguous = (problem: string): Reject => reject('path_ambiguous', { problem });

/**
 * The one reading of a path without its query, or the refusal of one that Envoy, we and an upstream could read
 * differently (RFC 3986 sections 3.3 and 6.2.2): path_malformed or path_ambiguous.
 */
export function normalizePath(raw: string): NormalPath | Reject {
  if (raw.length > longestPath) return malformed('too long');
  if (plain.test(raw)) return { path: raw, segments: raw.slice(1).split('/') };
  return rawProblem(raw) ?? decode(raw);
}

function rawProblem(raw: string): Reject | undefined {
  if (!raw.startsWith('/')) return malformed('no slash at the beginning');
  if (!visibleAscii.test(raw)) return malformed('a character outside visible ASCII');
  if (raw.includes('#')) return malformed('a fragment');
  if (brokenEncoding.test(raw)) return malformed('a broken percent-encoding');
  if (raw.includes('\\')) return ambiguous('a backslash');
  if (raw.includes(';')) return ambiguous('a path parameter');
  if (raw.includes('//')) return ambiguous('an empty segment');
  return undefined;
}

function decode(raw: string): NormalPath | Reject {
  const segments: string[] = [];
  for (const written of raw.slice(1).split('/')) {
    const segment = decodeSegment(written);
    if (segment === undefined) return malformed('a segment that is not UTF-8');
    const problem = segmentProblem(segment);
    if (problem !== undefined) return problem;
    segments.push(segment);
  }
  return { path: raw.replace(/%[0-9A-Fa-f]{2}/g, normalEncoding), segments };
}

function decodeSegment(written: string): string | undefined {
  try {
    return decodeURIComponent(written);
  } catch {
    return undefined;
  }
}

// Looks at what decoding brought to light, so that no spelling of it gets by.
function segmentProblem(segment: string): Reject | undefined {
  if (segment === '.' || segment === '..') return ambiguous('a dot segment');
  if (/\p{Cc}/u.test(segment)) return malformed('an encoded control character');
  if (/[/\\]/.test(segment)) return ambiguous('an encoded slash or backslash');
  if (/[?#;]/.test(segment)) return ambiguous('an encoded delimiter');
  if (/%[0-9A-Fa-f]{2}/.test(segment)) return ambiguous('a double encoding');
  return undefined;
}

function normalEncoding(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return unreserved.test(character) ? character : encoded.toUpperCase();
}

/** The refusal of a query with forbidden characters or a broken percent-encoding; its content is left as it is. */
export function refuseQuery(query: string): Reject | undefined {
  if (!visibleAscii.test(query)) return reject('query_malformed', { problem: 'a character outside visible ASCII' });
  if (query.includes('#')) return reject('query_malformed', { problem: 'a fragment' });
  if (brokenEncoding.test(query)) return reject('query_malformed', { problem: 'a broken percent-encoding' });
  return undefined;
}
