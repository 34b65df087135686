import { type Allowance, openAllowance } from '../gate/automaton.ts';
import type { Scan, Sight } from '../gate/scanner.ts';
import type { Change, Changes } from './changes.ts';
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

/** Opens the memory of one request. */
export function openMemory({ changes, scan }: { readonly changes: Changes; readonly scan: Scan }): Memory {
  const sights = new Map<string, Sight>();
  const kinds = new Map<string, Kind>();
  const sight = (text: string): Sight => {
    const known = sights.get(text);
    if (known !== undefined) return known;
    const seen = scan(text);
    sights.set(text, seen);
    return seen;
  };
  return {
    change: changes.open(),
    allowance: openAllowance(),
    sight,
    kind: (text) => {
      const known = kinds.get(text);
      if (known !== undefined) return known;
      const seen = sight(text);
      const kind = seen.alphabet > 0 ? 'other' : isBare(text, seen) ? 'bare' : 'plain';
      kinds.set(text, kind);
      return kind;
    },
  };
}
