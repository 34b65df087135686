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

/** The fewest and the most digits of a card number. */
export const shortest = 12;
/** The most digits of a card number. */
export const longest = 19;
const prefixDigits = 4;

/** By the first four digits: a bit for each length. */
const lengthsByPrefix = new Uint32Array(10 ** prefixDigits);
for (const [first, last, lengths] of issuers) {
  const [start, end] = [Number(first.padEnd(prefixDigits, '0')), Number(last.padEnd(prefixDigits, '9'))];
  const bits = lengths.reduce((sum, length) => sum | (1 << length), 0);
  for (let prefix = start; prefix <= end; prefix += 1) lengthsByPrefix[prefix] = (lengthsByPrefix[prefix] ?? 0) | bits;
}

/** How many digits the cards have whose first four these are: a bit for each length (1 << length), 0 where there are none. */
export const lengthsOf = (prefix: number): number => lengthsByPrefix[prefix] ?? 0;

/** The check digit of ISO/IEC 7812-1 annex B, of the digits from one index up to another. */
export function isCardNumber(digits: readonly { readonly value: number }[], from: number, to: number): boolean {
  let sum = 0;
  for (let index = to - 1; index >= from; index -= 1) {
    const value = digits[index]?.value ?? 0;
    const doubled = (to - index) % 2 === 0 ? value * 2 : value;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
