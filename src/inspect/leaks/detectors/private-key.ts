import { type LiteralDetector, latin1, more, none } from '../detector.ts';

const begin = '-----BEGIN ';
/** Longer than any label, and than the largest key that is in use. */
const labelBytes = 64;
const mostBytes = 32 * 1024;
const label = /^-----BEGIN (?:[A-Z0-9]{1,16} ){0,2}PRIVATE KEY(?: BLOCK)?-----/;

/** Private keys in PEM (RFC 7468) and in OpenPGP's armor (RFC 9580 section 6.2), up to their end or 32 KiB of them. */
export const privateKeys: LiteralDetector = Object.freeze({
  on: 'literal',
  triggers: [begin],
  judge({ bytes, last }, start) {
    if (bytes[start - 1] === 0x2d) return none;
    const head = latin1(bytes, start, start + labelBytes);
    if (!head.startsWith(begin.slice(0, head.length))) return none;
    if (head.length < labelBytes && !last) return more;
    if (!label.test(head)) return none;
    const text = latin1(bytes, start, start + mostBytes);
    const foot = text.indexOf('-----END ');
    const close = foot < 0 ? -1 : text.indexOf('-----', foot + 9);
    if (close >= 0) return { kind: 'match', start, end: start + close + 5 };
    return text.length < mostBytes && !last ? more : { kind: 'match', start, end: start + text.length };
  },
} satisfies LiteralDetector);
