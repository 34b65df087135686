import type { Sight } from '../gate/scanner.ts';
import type { Change } from './changes.ts';
import type { Compiled } from './compiled.ts';
import { isBare } from './conditions.ts';

/** What is remembered of texts while one request is looked at. */
export interface Memory {
  readonly change: (change: Change, text: string) => string;
  sight(text: string): Sight;
  /** How ordinary a text is, and so how few conditions look at it: see Group. */
  kind(text: string): 'bare' | 'plain' | 'other';
}

/** Opens the memory of one request. */
export function openMemory({ changes, scan }: Compiled): Memory {
  const sights = new Map<string, Sight>();
  const kinds = new Map<string, 'bare' | 'plain' | 'other'>();
  const sight = (text: string): Sight => {
    const known = sights.get(text);
    if (known !== undefined) return known;
    const seen = scan(text);
    sights.set(text, seen);
    return seen;
  };
  return {
    change: changes.open(),
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
