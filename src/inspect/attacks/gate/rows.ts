import type { Store } from './store.ts';

/** One state: the steps that it stands before, besides those with which a match may begin anywhere. */
export interface State {
  readonly steps: Int32Array;
  /** The character before was one of a word. */
  readonly afterWord: boolean;
  /** It is the one before the first character. */
  readonly begins: boolean;
  /** Whether the pattern matches where a text ends here; undefined: nobody has asked. */
  ends: boolean | undefined;
}

/** States in a table, one row each. A state is named by where its row begins, and never 0. */
interface Rows {
  /** The next state for each class of characters; 0: not known. */
  table(): Int32Array;
  at(row: number): State | undefined;
  /** The row of a state, made where there is none alike. */
  of(state: State): number;
}

const firstRows = 16;
// What a state takes beside its row and its steps, roughly.
const stateBytes = 150;

function hashOf({ steps, afterWord }: State): number {
  let hash = afterWord ? 7 : 3;
  for (const step of steps) hash = Math.imul(hash ^ step, 0x01000193);
  return hash;
}

const isSame = (one: State, other: State): boolean =>
  one.afterWord === other.afterWord &&
  one.begins === other.begins &&
  one.steps.length === other.steps.length &&
  one.steps.every((step, index) => step === other.steps[index]);

/** Opens rows of a width. onClear hears that all of them are given up, for the store is full. */
export function openRows(width: number, store: Store, onClear: () => void): Rows {
  let table = new Int32Array(0);
  let states: (State | undefined)[] = [];
  let byHash = new Map<number, number[]>();
  const clear = (): void => {
    table = new Int32Array(firstRows * width);
    states = [undefined];
    byHash = new Map();
    onClear();
  };
  clear();
  store.join(clear);

  const add = (state: State): number => {
    store.take(stateBytes + 4 * (width + state.steps.length));
    const row = states.push(state) - 1;
    if (states.length * width > table.length) {
      const wider = new Int32Array(table.length * 2);
      wider.set(table);
      table = wider;
    }
    return row * width;
  };

  return {
    table: () => table,
    at: (row) => states[row / width],
    of: (state) => {
      const hash = hashOf(state);
      for (const row of byHash.get(hash) ?? []) {
        const known = states[row / width];
        if (known !== undefined && isSame(known, state)) return row;
      }
      const row = add(state);
      const alike = byHash.get(hash);
      if (alike === undefined) byHash.set(hash, [row]);
      else alike.push(row);
      return row;
    },
  };
}
