import type { Sight } from '../gate/scanner.ts';
import type { Change } from './changes.ts';
import type { Compiled } from './compiled.ts';
import { isPlain } from './conditions.ts';

/** What is remembered of texts while one request is looked at. */
export interface Memory {
  readonly change: (change: Change, text: string) => string;
  sight(text: string): Sight;
  /** Whether an ordinary text: then only few conditions look at it. */
  plain(text: string): boolean;
}

/** Opens the memory of one request. */
export function openMemory({ changes, scan }: Compiled): Memory {
  const sights = new Map<string, Sight>();
  const plains = new Map<string, boolean>();
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
    plain: (text) => {
      const known = plains.get(text);
      if (known !== undefined) return known;
      const is = isPlain(text, sight(text));
      plains.set(text, is);
      return is;
    },
  };
}
