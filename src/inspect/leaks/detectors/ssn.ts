import { type Digit, type DigitDetector, goesOn, isAlphanumeric, type Judged, latin1, none } from '../detector.ts';

const length = 9;
const bytesLong = 11;
/** With so many digits a run is not counted to its end. */
const uncounted = 12;
const hyphen = 0x2d;

/** Whether the bytes are AAA-GG-SSSS in its form: the hyphens, where nine digits stand in eleven bytes. */
const hasForm = (bytes: Uint8Array, first: Digit, last: Digit | undefined): boolean =>
  bytes[first.start + 3] === hyphen && bytes[first.start + 6] === hyphen && last?.end === first.start + bytesLong;

function isIssued(number: string): boolean {
  const [area = '', group, serial] = number.split('-');
  return area !== '000' && area !== '666' && area < '900' && group !== '00' && serial !== '0000';
}

const standsAlone = (bytes: Uint8Array, start: number, end: number): boolean =>
  !goesOn(bytes, start) && bytes[start - 1] !== hyphen && !isAlphanumeric(bytes, end) && bytes[end] !== hyphen;

/** Social security numbers of the United States: AAA-GG-SSSS, no area of 000, 666 or 9xx, no group of 00, no serial of 0000. */
export const socialSecurity: DigitDetector = Object.freeze({
  on: 'digits',
  mayFind: (digits, hyphens) => digits >= uncounted || (digits >= length && hyphens > 1),
  judge({ bytes }, { digits }): Judged {
    for (let from = 0; from + length <= digits.length; from += 1) {
      const first = digits[from];
      if (first === undefined || first.after === 'digit' || !hasForm(bytes, first, digits[from + length - 1])) continue;
      const [start, end] = [first.start, first.start + bytesLong];
      if (standsAlone(bytes, start, end) && isIssued(latin1(bytes, start, end))) return { kind: 'match', start, end };
    }
    return none;
  },
} satisfies DigitDetector);
