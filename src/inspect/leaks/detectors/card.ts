import { type Digit, type DigitDetector, type DigitRun, isAlphanumeric, type Judged, none } from '../detector.ts';

/** Ranges of issuer identification numbers (ISO/IEC 7812) by their first digits, and how many digits their cards have. */
const issuers: readonly (readonly [first: string, last: string, lengths: readonly number[]])[] = [
  ['4', '4', [13, 16, 19]],
  ['51', '55', [16]],
  ['2221', '2720', [16]],
  ['34', '34', [15]],
  ['37', '37', [15]],
  ['300', '305', [14, 16]],
  ['36', '36', [14, 16, 19]],
  ['38', '39', [14, 16, 19]],
  ['3528', '3589', [16, 17, 18, 19]],
  ['6011', '6011', [16, 17, 18, 19]],
  ['644', '649', [16, 17, 18, 19]],
  ['65', '65', [16, 17, 18, 19]],
  ['62', '62', [16, 17, 18, 19]],
  ['2200', '2204', [16, 17, 18, 19]],
  ['5018', '5018', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['5020', '5020', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['5038', '5038', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['6304', '6304', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['6759', '6759', [12, 13, 14, 15, 16, 17, 18, 19]],
  ['6761', '6763', [12, 13, 14, 15, 16, 17, 18, 19]],
];
const shortest = 12;
const longest = 19;

const isIssued = (digits: string): boolean =>
  issuers.some(([first, last, lengths]) => {
    const start = digits.slice(0, first.length);
    return start >= first && start <= last && lengths.includes(digits.length);
  });

/**
 * The check digit of ISO/IEC 7812-1 annex B, for all parts of a run at once: sums up to each digit, with every digit at an even
 * or at an odd index doubled. From the last digit of a part on, every second one is.
 */
function checksIn(digits: readonly Digit[]): (from: number, to: number) => boolean {
  const sums = [0, 1].map((parity) => {
    const upTo = [0];
    for (const [index, { value }] of digits.entries()) {
      const doubled = index % 2 === parity ? value * 2 : value;
      upTo.push((upTo[index] ?? 0) + (doubled > 9 ? doubled - 9 : doubled));
    }
    return upTo;
  });
  return (from, to) => {
    const upTo = sums[to % 2] ?? [];
    return ((upTo[to] ?? 0) - (upTo[from] ?? 0)) % 10 === 0;
  };
}

/** Whether the digits stand alone: a fraction, or a number behind a letter, is none. */
function standsAlone(bytes: Uint8Array, { digits }: DigitRun, from: number, to: number): boolean {
  const first = digits[from];
  const last = digits[to - 1];
  if (first === undefined || last === undefined) return false;
  if (isAlphanumeric(bytes, first.start - 1) || isAlphanumeric(bytes, last.end)) return false;
  const dots = digits.slice(from + 1, to).filter(({ after }) => after === 'dot').length;
  // Dots that group have the same company on both sides; one dot makes a fraction.
  return dots > 1 || (dots === 0 && (from === 0 || first.after !== 'dot') && digits[to]?.after !== 'dot');
}

function judge({ bytes }: { readonly bytes: Uint8Array }, run: DigitRun): Judged {
  const { digits } = run;
  if (digits.length < shortest) return none;
  const checks = checksIn(digits);
  for (const [from, first] of digits.entries()) {
    if (first.after === 'digit') continue;
    for (let to = Math.min(from + longest, digits.length); to - from >= shortest; to -= 1) {
      if (digits[to]?.after === 'digit') continue;
      const last = digits[to - 1];
      if (last === undefined || !checks(from, to)) continue;
      const candidate = digits.slice(from, to);
      if (!isIssued(candidate.map(({ value }) => value).join(''))) continue;
      if (standsAlone(bytes, run, from, to)) return { kind: 'match', start: first.start, end: last.end };
    }
  }
  return none;
}

/** Numbers of payment cards: of a known issuer, as long as its cards, with a right check digit, in any grouping. */
export const cards: DigitDetector = Object.freeze({ on: 'digits', judge });
