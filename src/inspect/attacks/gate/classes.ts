import type { Program } from './program.ts';
import type { Characters } from './syntax.ts';

/** Characters that no step of a program tells apart, as one. */
export interface Classes {
  readonly count: number;
  /** The class of each character, by its code or 128 for all beyond ASCII. */
  readonly of: Uint8Array;
  /** Whether a class is in a set. */
  has(set: Characters, step: number): boolean;
  /** The program asks where words begin or end. */
  readonly tellsWords: boolean;
  isWord(step: number): boolean;
}

const everything = 129;
const word = Uint8Array.from({ length: everything }, (_, code) =>
  code < 128 && /\w/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Finds the classes of a program's characters. */
export function classesOf({ steps }: Program): Classes {
  const tellsWords = steps.some(
    (step) => step.kind === 'place' && (step.place === 'bound' || step.place === 'unbound'),
  );
  const sets = new Set(steps.flatMap((step) => (step.kind === 'set' ? [step.set] : [])));
  if (tellsWords) sets.add(word);
  const of = new Uint8Array(everything);
  let count = 1;
  for (const set of sets) {
    const [all, inside] = [new Uint8Array(everything), new Uint8Array(everything)];
    for (const [code, own] of of.entries()) {
      all[own] = (all[own] ?? 0) + 1;
      inside[own] = (inside[own] ?? 0) + (set[code] ?? 0);
    }
    // Each class that the set divides becomes two.
    const made = new Map<number, number>();
    for (const [code, own] of of.entries()) {
      if (set[code] !== 1 || inside[own] === all[own]) continue;
      const other = made.get(own) ?? count;
      if (other === count) count += 1;
      made.set(own, other);
      of[code] = other;
    }
  }
  const example = Array.from({ length: count }, (_, step) => of.indexOf(step));
  const has = (set: Characters, step: number): boolean => set[example[step] ?? 0] === 1;
  return { count, of, has, tellsWords, isWord: (step) => has(word, step) };
}
