import type { LiteralDetector } from './detector.ts';

/** Detectors by the first four bytes of what they find, behind a filter that most bytes do not pass. */
export interface Triggers {
  /** A bit for each slot (slotOf): small enough to stay near the processor. */
  readonly passes: Uint8Array;
  readonly byWord: ReadonlyMap<number, readonly NamedLiteral[]>;
  /** The starts of triggers, of one to three bytes: what may become one when more come. */
  readonly starts: ReadonlySet<string>;
}

/** A detector and the kind of leak that it finds. */
export type NamedLiteral = readonly [kind: string, detector: LiteralDetector];

const slotCount = 65_536;

/** The slot of the filter for four bytes. */
export const slotOf = (word: number): number => Math.imul(word, 0x9e3779b1) >>> 16;

function wordOf(text: string): number {
  let word = 0;
  for (let index = 0; index < 4; index += 1) word = (word << 8) | text.charCodeAt(index);
  return word;
}

/** Compiles the triggers of these detectors. */
export function compileTriggers(literals: readonly NamedLiteral[]): Triggers {
  const passes = new Uint8Array(slotCount / 8);
  const byWord = new Map<number, NamedLiteral[]>();
  const starts = new Set<string>();
  for (const entry of literals) {
    for (const trigger of entry[1].triggers) {
      const word = wordOf(trigger);
      const slot = slotOf(word);
      passes[slot >>> 3] = (passes[slot >>> 3] ?? 0) | (1 << (slot & 7));
      const known = byWord.get(word) ?? [];
      if (!known.includes(entry)) known.push(entry);
      byWord.set(word, known);
      for (const length of [1, 2, 3]) starts.add(trigger.slice(0, length));
    }
  }
  return { passes, byWord, starts };
}
