import type { Pattern } from '../pattern.ts';
import { latin1 } from './detector.ts';
import type { Scan } from './scan.ts';

/** A pattern of the operator's: its name, and the longest match in bytes. */
export interface OwnPattern {
  readonly name: string;
  readonly pattern: Pattern;
  readonly maxLength: number;
}

/** Compiles a search for own patterns over the bytes as Latin-1; a match longer than its bound is cut there. */
export function scanOwn(patterns: readonly OwnPattern[]): Scan {
  return ({ bytes, last }, from, found) => {
    // With what stands before, so that \b and ^ mean what they say.
    const text = latin1(bytes, 0, bytes.length);
    let cut = bytes.length;
    for (const { name, pattern, maxLength } of patterns) {
      // What begins later may go on in bytes that have not come.
      const sure = last ? bytes.length : Math.max(from, bytes.length - maxLength);
      let end = sure;
      for (const [first, behind] of pattern.spans(text, from)) {
        const [start, stop] = [first, Math.min(behind, first + maxLength)];
        if (start >= sure) break;
        found({ kind: name, start, end: stop });
        end = Math.max(end, stop);
      }
      cut = Math.min(cut, end);
    }
    return cut;
  };
}
