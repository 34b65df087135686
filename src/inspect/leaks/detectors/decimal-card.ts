import { type DigitRun, goesOn, type Judged, latin1, more, none, type Window } from '../detector.ts';
import { isCardNumber, lengthsOf, shortest } from './issuers.ts';

// 4111111111111111.0 and 4.111111111111111e15: how serializers write a number that somebody took for a floating one.
const decimal = /^(\d{1,20})(?:\.(\d{1,20}))?(?:[eE]\+?(\d{1,2}))?(?![\w.])/;
const mostBytes = 48;

/** The whole number that is meant, and how many bytes of the text spell its digits; undefined where it is a fraction. */
function wholeNumber(text: string): { readonly number: string; readonly bytes: number } | undefined {
  const [all, whole = '', fraction = '', exponent = '0'] = decimal.exec(text) ?? [];
  if (all === undefined || all === whole) return undefined;
  const shift = Number(exponent);
  if (/[1-9]/.test(fraction.slice(shift))) return undefined;
  const number = (whole + fraction.slice(0, shift).padEnd(shift, '0')).replace(/^0+/, '');
  return { number, bytes: whole.length + (shift === 0 || fraction === '' ? 0 : 1 + Math.min(shift, fraction.length)) };
}

function isCard(number: string): boolean {
  const digits = Array.from(number, (letter) => ({ value: Number(letter) }));
  const lengths = lengthsOf(Number(number.slice(0, 4)));
  return digits.length < 20 && (lengths & (1 << digits.length)) !== 0 && isCardNumber(digits, 0, digits.length);
}

/** Whether more bytes may make it such a number. */
const mayGoOn = (text: string): boolean => text.length < mostBytes && /^\d+(?:\.\d*)?(?:[eE]\+?\d{0,2})?$/.test(text);

const isExponent = (byte: number | undefined): boolean => byte === 0x45 || byte === 0x65;

/** Finds card numbers that are written as floating-point numbers: with a fraction of zeros, or an exponent. */
export function judgeDecimal({ bytes, last }: Window, { digits, end }: DigitRun): Judged {
  if (!isExponent(bytes[end]) && !digits.some(({ after }) => after === 'dot')) return none;
  for (const { start } of digits.filter(({ after }) => after === 'separator')) {
    if (goesOn(bytes, start)) continue;
    const text = latin1(bytes, start, start + mostBytes);
    if (!last && mayGoOn(text)) return more;
    const written = wholeNumber(text);
    if (written === undefined || written.bytes < shortest || !isCard(written.number)) continue;
    return { kind: 'match', start, end: start + written.bytes };
  }
  return none;
}
