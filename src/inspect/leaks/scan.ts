import { type LeakKind, leakKinds, type Window } from './detector.ts';
import { askAt, compileSearch, type Match } from './places.ts';
import { compileSkim } from './skim.ts';

/** Searches a window from a place on; gives where the bytes begin that cannot be judged before more have come. */
export type Scan = (window: Window, from: number, found: (match: Match) => void) => number;

// Many rules look for the same, and a table of pairs is worth sharing: there is one for each choice of kinds at most.
const compiled = new Map<string, Scan>();

/** One pass over bytes for the detectors of these kinds: they are asked only where the skim sees cause. */
export function compileScan(kinds: readonly LeakKind[]): Scan {
  const inOrder = leakKinds.filter((kind) => kinds.includes(kind));
  const name = inOrder.join(' ');
  const known = compiled.get(name) ?? compile(inOrder);
  compiled.set(name, known);
  return known;
}

function compile(kinds: readonly LeakKind[]): Scan {
  const search = compileSearch(kinds);
  const skim = compileSkim(search);
  return (window, from, found) => {
    let at = from;
    for (let region = skim(window, at); region !== undefined; region = skim(window, at)) {
      at = region.first;
      while (at <= region.last) {
        const step = askAt(search, window, at, found);
        if (step.kind === 'wait') return at;
        at = step.to;
      }
    }
    return Math.max(at, window.bytes.length);
  };
}
