import { charactersOf, type Mask, maskOfText, noMask } from './mask.ts';
import type { Characters } from './syntax.ts';

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const plain = `${letters}0123456789_.:@- `;
const prose = `${plain},;/()!?+'"\t\n\v\f\r\u0100`;
const everything = `${Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join('')}\u0100`;

/**
 * The characters of ordinary texts, from few to all: names, numbers and dates; then sentences and what browsers say of
 * themselves. The fewer a text has, the less of a pattern is left that could match it.
 */
const texts = [plain, prose, everything] as const;

/** The alphabets as sets, smallest first; the last one holds everything. */
export const alphabets: readonly Characters[] = Object.freeze(texts.map(charactersOf));

const masks: readonly Mask[] = texts.map(maskOfText);

// Kinds are whole in an alphabet or not in it at all: else a text could seem to be of one that it is not of.
const holds = ({ signs, others }: Mask, seen: Mask): boolean =>
  (seen.signs & ~signs) === 0 && (seen.others & ~others) === 0;

/** The index of the smallest alphabet that holds a text of these kinds of characters. */
export function alphabetOf(seen: Mask): number {
  for (let index = 0; index < masks.length - 1; index += 1) if (holds(masks[index] ?? noMask, seen)) return index;
  return masks.length - 1;
}
