import type { Characters } from './syntax.ts';

/**
 * Kinds of characters as bits. signs: one bit for each of the 32 punctuation characters of ASCII, in the order of their
 * codes. others: small letters, capitals, digits, space, other blanks, other controls, everything beyond ASCII.
 */
export interface Mask {
  readonly signs: number;
  readonly others: number;
}

/** No kind at all. */
export const noMask: Mask = Object.freeze({ signs: 0, others: 0 });

const bits = { small: 1, capital: 2, digit: 4, space: 8, blank: 16, control: 32, beyond: 64 } as const;
const everyOther = 127;

const signBits = new Int32Array(129);
const otherBits = new Int32Array(129);
let signs = 0;
for (let code = 0; code < 128; code += 1) {
  const character = String.fromCharCode(code);
  if (/[a-z]/.test(character)) otherBits[code] = bits.small;
  else if (/[A-Z]/.test(character)) otherBits[code] = bits.capital;
  else if (/[0-9]/.test(character)) otherBits[code] = bits.digit;
  else if (character === ' ') otherBits[code] = bits.space;
  else if (/\s/.test(character)) otherBits[code] = bits.blank;
  else if (code < 0x20 || code === 0x7f) otherBits[code] = bits.control;
  else {
    signBits[code] = 1 << signs;
    signs += 1;
  }
}
otherBits[128] = bits.beyond;

/** The sign bit of a character, by its code or 128 for all beyond ASCII. */
export const signBit = (code: number): number => signBits[code] ?? 0;

/** The bit of a character that is no sign, likewise. */
export const otherBit = (code: number): number => otherBits[code] ?? 0;

/** The kinds in a set of characters. */
export function maskOf(set: Characters): Mask {
  let found = noMask;
  for (const [code, has] of set.entries())
    if (has === 1) found = { signs: found.signs | signBit(code), others: found.others | otherBit(code) };
  // A capital is a small letter in another case, and long s and the sign for kelvin are letters beyond ASCII.
  const letters = (found.others & (bits.small | bits.capital)) !== 0;
  return letters ? { ...found, others: found.others | bits.small | bits.capital | bits.beyond } : found;
}

/** A set of characters, as a text lists them; one beyond ASCII stands for all. */
export function charactersOf(text: string): Characters {
  const set = new Uint8Array(129);
  for (const character of text) set[Math.min(character.charCodeAt(0), 128)] = 1;
  return set;
}

/** The kinds of some characters, letters as they stand. */
export const maskOfText = (text: string): Mask => {
  let found = noMask;
  for (const [code, has] of charactersOf(text).entries())
    if (has === 1) found = { signs: found.signs | signBit(code), others: found.others | otherBit(code) };
  return found;
};

/** Whether two masks have a kind in common. */
export const meets = (one: Mask, other: Mask): boolean =>
  (one.signs & other.signs) !== 0 || (one.others & other.others) !== 0;

/** The kinds of either mask. */
export const joinedMask = (one: Mask, other: Mask): Mask => ({
  signs: one.signs | other.signs,
  others: one.others | other.others,
});

/** Every kind is in it: it keeps nothing out. */
export const widest = ({ signs: own, others }: Mask): boolean => own === -1 && others === everyOther;

const weights: readonly (readonly [number, number])[] = [
  [bits.small, 100],
  [bits.capital, 60],
  [bits.digit, 40],
  [bits.space, 40],
  [bits.blank, 2],
  [bits.control, 1],
  [bits.beyond, 10],
];

/** How many ordinary texts have a kind of it, roughly: the less, the more it keeps out. */
export function wide({ signs: own, others }: Mask): number {
  let weight = 0;
  for (const [bit, common] of weights) if ((others & bit) !== 0) weight += common;
  for (let bit = own; bit !== 0; bit &= bit - 1) weight += 2;
  return weight;
}
