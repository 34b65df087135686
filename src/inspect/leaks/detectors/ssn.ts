import { type DigitDetector, isAlphanumeric, none } from '../detector.ts';

/** Social security numbers of the United States: AAA-GG-SSSS, no area of 000, 666 or 9xx, no group of 00, no serial of 0000. */
export const socialSecurity: DigitDetector = Object.freeze({
  on: 'digits',
  judge({ bytes }, { digits, end }) {
    const [first] = digits;
    if (digits.length !== 9 || first === undefined || end - first.start !== 11) return none;
    if (bytes[first.start + 3] !== 0x2d || bytes[first.start + 6] !== 0x2d) return none;
    if (isAlphanumeric(bytes, first.start - 1) || bytes[first.start - 1] === 0x2d || isAlphanumeric(bytes, end))
      return none;
    const text = digits.map(({ value }) => value).join('');
    const [area, group, serial] = [text.slice(0, 3), text.slice(3, 5), text.slice(5)];
    if (area === '000' || area === '666' || area >= '900' || group === '00' || serial === '0000') return none;
    return { kind: 'match', start: first.start, end };
  },
} satisfies DigitDetector);
