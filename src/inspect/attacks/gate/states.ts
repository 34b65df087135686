import { classesOf } from './classes.ts';
import { type Moved, openMoves } from './moves.ts';
import type { Program } from './program.ts';
import { openRows } from './rows.ts';
import type { Store } from './store.ts';

/** The states of a deterministic automaton (Rabin and Scott, 1959), as far as texts have led to them; named as in Rows. */
export interface States {
  /** The class of a character, by its code or 128 for all beyond ASCII. */
  readonly classOf: Uint8Array;
  /** The next state for each class of a state; 0: not known yet. Another one whenever a state was made. */
  table(): Int32Array;
  /** The state before the first character. */
  begin(): number;
  /** Makes the next state, in so many steps of the program. */
  make(row: number, step: number): { readonly next: number; readonly work: number };
  /** Whether the pattern matches where a text ends in this state. */
  endsIn(row: number): boolean;
}

/** In place of a state: the pattern has matched; it can match no more. */
export const [matched, dead] = [-1, -2];

/** Opens the states of a program. */
export function openStates(program: Program, store: Store): States {
  const classes = classesOf(program);
  const moves = openMoves(program, classes);
  let starts = new Map<number, Moved>();
  let first = 0;
  const rows = openRows(classes.count, store, () => {
    starts = new Map();
    first = 0;
  });
  const stateAt = (row: number) => {
    const state = rows.at(row);
    if (state === undefined) throw new RangeError(`no state ${row}`);
    return state;
  };

  /** Where matches lead that begin here; the same for all states. */
  const fromStart = (step: number, afterWord: boolean): Moved => {
    const key = step * 2 + (afterWord ? 1 : 0);
    const known = starts.get(key);
    if (known !== undefined) return known;
    const made = moves.fromStart(step, afterWord);
    store.take(4 * made.steps.length);
    starts.set(key, made);
    return made;
  };

  return {
    classOf: classes.of,
    table: rows.table,
    begin: () => {
      if (moves.matchesNothing) return matched;
      if (first === 0) first = rows.of({ steps: moves.begin, afterWord: false, begins: true, ends: undefined });
      return first;
    },
    make: (row, step) => {
      const from = stateAt(row);
      const start = from.begins ? undefined : fromStart(step, from.afterWord);
      const { steps, work, ...moved } = moves.move(from, step, start);
      const afterWord = classes.tellsWords && classes.isWord(step);
      const isDead = steps.length === 0 && moves.anchored;
      const onward = (): number => (isDead ? dead : rows.of({ steps, afterWord, begins: false, ends: undefined }));
      const next = moved.matched ? matched : onward();
      // All states may have been given up for the new one.
      if (rows.at(row) === from) rows.table()[row + step] = next;
      return { next, work };
    },
    endsIn: (row) => {
      const state = stateAt(row);
      state.ends ??= moves.ends(state);
      return state.ends;
    },
  };
}
