import { type Allowance, openAllowance } from '../gate/automaton.ts';
import type { Scan, Sight } from '../gate/scanner.ts';
import { type Change, changed } from './changes.ts';
import { isBare } from './conditions.ts';

/** How ordinary a text is, from the most to the least: see Memory. */
export type Kind = 'bare' | 'plain' | 'other';

/** What is remembered of texts while one request is looked at. */
export interface Memory {
  readonly change: (change: Change, text: string) => string;
  /** For the first looks with patterns. */
  readonly allowance: Allowance;
  sight(text: string): Sight;
  /**
   * How ordinary a text is, and so how few conditions look at it. bare: of the smallest alphabet and without any word that
   * is looked for; plain: of that alphabet.
   */
  kind(text: string): Kind;
}

/** What is known of one text. */
interface Known {
  readonly text: string;
  /** What changes have made of it. */
  readonly forms: (string | undefined)[];
  sight: Sight | undefined;
  kind: Kind | undefined;
}

/** Opens the memory of one request. */
export function openMemory({ scan }: { readonly scan: Scan }): Memory {
  const all = new Map<string, Known>();
  // Most questions are about the text of the one before.
  let last: Known | undefined;
  const of = (text: string): Known => {
    if (last?.text === text) return last;
    last = all.get(text);
    if (last !== undefined) return last;
    last = { text, forms: [], sight: undefined, kind: undefined };
    all.set(text, last);
    return last;
  };
  const sight = (text: string): Sight => {
    const known = of(text);
    known.sight ??= scan(text);
    return known.sight;
  };
  return {
    change: (change, text) => (change.step === undefined ? text : changed(change, text, of(text).forms)),
    allowance: openAllowance(),
    sight,
    kind: (text) => {
      const known = of(text);
      known.kind ??= kindOf(text, sight(text));
      return known.kind;
    },
  };
}

const kindOf = (text: string, seen: Sight): Kind =>
  seen.alphabet > 0 ? 'other' : isBare(text, seen) ? 'bare' : 'plain';
