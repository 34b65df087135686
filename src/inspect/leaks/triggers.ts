import type { LiteralDetector } from './detector.ts';

/** A detector and the kind of leak that it finds. */
export type NamedLiteral = readonly [kind: string, detector: LiteralDetector];

/** Detectors by what their finds begin with. */
export interface Triggers {
  readonly texts: readonly string[];
  /** By the first three bytes of a trigger (threeBytes). */
  readonly byStart: ReadonlyMap<number, readonly NamedLiteral[]>;
  /** One or two bytes with which a trigger begins: what may become one when more come. */
  readonly openings: ReadonlySet<string>;
}

/** Three bytes as one number. */
export const threeBytes = (first = 0, second = 0, third = 0): number => first | (second << 8) | (third << 16);

/** Three letters of a text as one number. */
export const threeLetters = (text: string, at: number): number =>
  threeBytes(text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2));

/** Compiles the triggers of these detectors. */
export function compileTriggers(literals: readonly NamedLiteral[]): Triggers {
  const texts = new Set<string>();
  const byStart = new Map<number, NamedLiteral[]>();
  const openings = new Set<string>();
  for (const entry of literals) {
    for (const trigger of entry[1].triggers) {
      texts.add(trigger);
      const start = threeLetters(trigger, 0);
      const known = byStart.get(start) ?? [];
      if (!known.includes(entry)) known.push(entry);
      byStart.set(start, known);
      openings.add(trigger.slice(0, 1)).add(trigger.slice(0, 2));
    }
  }
  return { texts: [...texts], byStart, openings };
}
