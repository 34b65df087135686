import {
  type Digit,
  type DigitDetector,
  type DigitRun,
  goesOn,
  isAlphanumeric,
  type Judged,
  none,
  type Window,
} from '../detector.ts';
import { judgeDecimal } from './decimal-card.ts';
import { isCardNumber, lengthsOf, longest, shortest } from './issuers.ts';

/** Whether the digits stand alone: a fraction, or a number behind a letter, is none. */
function standsAlone(bytes: Uint8Array, { digits }: DigitRun, from: number, to: number): boolean {
  const first = digits[from];
  const last = digits[to - 1];
  if (first === undefined || last === undefined) return false;
  if (goesOn(bytes, first.start) || isAlphanumeric(bytes, last.end)) return false;
  const dots = digits.slice(from + 1, to).filter(({ after }) => after === 'dot').length;
  // Dots that group have the same company on both sides; one dot makes a fraction.
  return dots > 1 || (dots === 0 && (from === 0 || first.after !== 'dot') && digits[to]?.after !== 'dot');
}

/** Groups of less than this are how a number is hidden, and how a table of small numbers looks. */
const fewDigits = 3;

/** Whether small groups are all that is there: among other numbers they are most likely numbers of their own. */
function isNoTable({ digits }: DigitRun, from: number, to: number): boolean {
  if (from === 0 && to === digits.length) return true;
  let group = 0;
  for (const { after } of digits.slice(from, to)) {
    if (after !== 'digit' && group > 0 && group < fewDigits) return false;
    group = after === 'digit' ? group + 1 : 1;
  }
  return group >= fewDigits;
}

const prefixAt = (digits: readonly Digit[], from: number): number => {
  const value = (index: number): number => digits[from + index]?.value ?? 0;
  return value(0) * 1000 + value(1) * 100 + value(2) * 10 + value(3);
};

function judge(window: Window, run: DigitRun): Judged {
  const { digits } = run;
  if (digits.length < shortest) return none;
  for (let from = 0; from + shortest <= digits.length; from += 1) {
    const first = digits[from];
    const lengths = first === undefined || first.after === 'digit' ? 0 : lengthsOf(prefixAt(digits, from));
    if (first === undefined || lengths === 0) continue;
    for (let to = Math.min(from + longest, digits.length); to - from >= shortest; to -= 1) {
      const last = digits[to - 1];
      if ((lengths & (1 << (to - from))) === 0 || digits[to]?.after === 'digit' || last === undefined) continue;
      if (!isCardNumber(digits, from, to) || !standsAlone(window.bytes, run, from, to) || !isNoTable(run, from, to))
        continue;
      return { kind: 'match', start: first.start, end: last.end };
    }
  }
  return judgeDecimal(window, run);
}

/** Numbers of payment cards: of a known issuer, as long as its cards, with a right check digit, in any grouping. */
export const cards: DigitDetector = Object.freeze({
  on: 'digits',
  mayFind: (digits: number) => digits >= shortest,
  judge,
});
