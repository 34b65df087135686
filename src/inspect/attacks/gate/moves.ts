import type { Classes } from './classes.ts';
import type { Program } from './program.ts';
import type { State } from './rows.ts';

/** Where a move has led: the steps that are next, in order; or that the pattern has matched. */
export interface Moved {
  readonly steps: Int32Array;
  readonly matched: boolean;
  /** How many steps were looked at for it. */
  readonly work: number;
}

/** The moves between the states of a program. */
interface Moves {
  /** The pattern matches every text, for it matches where nothing is. */
  readonly matchesNothing: boolean;
  /** The steps before the first character. */
  readonly begin: Int32Array;
  /** A match begins where the text does, and nowhere else. */
  readonly anchored: boolean;
  /** Where a character of a class leads matches that begin before it; not at the beginning of the text. */
  fromStart(step: number, afterWord: boolean): Moved;
  /** Where it leads from a state, with what fromStart says; without it at the beginning of the text. */
  move(from: State, step: number, start: Moved | undefined): Moved;
  /** Whether the pattern matches when the text ends there. */
  ends(from: State): boolean;
}

// In place of a character: the text is over.
const end = -1;

/** Steps that are found, each once; behind forks those that they lead to. */
class Found {
  readonly list: number[] = [];
  matched = false;
  readonly #steps: Program['steps'];
  readonly #seen: Uint32Array;
  readonly #stack: number[] = [];
  #round = 0;

  constructor(steps: Program['steps']) {
    this.#steps = steps;
    this.#seen = new Uint32Array(steps.length);
  }

  /** Begins anew, with steps that are no forks. */
  open(list: Int32Array | readonly number[]): void {
    this.#round += 1;
    this.list.length = 0;
    this.matched = false;
    this.add(list);
  }

  add(list: Int32Array | readonly number[]): void {
    for (const at of list) if (this.#isNew(at)) this.list.push(at);
  }

  follow(from: number): void {
    this.#stack.push(from);
    for (let at = this.#stack.pop(); at !== undefined; at = this.#stack.pop()) {
      const step = this.#steps[at];
      if (step === undefined || !this.#isNew(at)) continue;
      if (step.kind === 'fork') for (const way of step.ways) this.#stack.push(way);
      else if (step.kind === 'match') this.matched = true;
      else this.list.push(at);
    }
  }

  #isNew(at: number): boolean {
    if (this.#seen[at] === this.#round) return false;
    this.#seen[at] = this.#round;
    return true;
  }
}

/** Opens the moves of a program. */
export function openMoves({ steps, first }: Program, classes: Classes): Moves {
  const [here, there] = [new Found(steps), new Found(steps)];

  /** Takes the places that hold between what is before and what comes next. */
  const takePlaces = (begins: boolean, afterWord: boolean, next: number): void => {
    const beforeWord = next !== end && classes.isWord(next);
    const bound = afterWord !== beforeWord;
    const holds = { begin: begins, end: next === end, bound, unbound: !bound };
    // The list grows meanwhile.
    for (const at of here.list) {
      const step = steps[at];
      if (step?.kind === 'place' && holds[step.place]) here.follow(step.next);
    }
  };

  const takeCharacter = (next: number): void => {
    for (const at of here.list) {
      const step = steps[at];
      if (step?.kind === 'set' && classes.has(step.set, next)) there.follow(step.next);
    }
  };

  here.open([]);
  here.follow(first);
  const matchesNothing = here.matched;
  const begin = Int32Array.from(here.list);
  // Behind the first character no place is the beginning.
  const isLost = Uint8Array.from(steps, (step) => (step.kind === 'place' && step.place === 'begin' ? 1 : 0));
  const anywhere = begin.filter((at) => isLost[at] === 0);
  for (const at of anywhere) isLost[at] = 1;

  const moved = (): Moved => ({
    steps: Int32Array.from(there.list.filter((at) => isLost[at] === 0)).sort(),
    matched: here.matched || there.matched,
    work: here.list.length + there.list.length + 8,
  });

  return {
    matchesNothing,
    begin,
    anchored: anywhere.length === 0,
    fromStart: (step, afterWord) => {
      here.open(anywhere);
      takePlaces(false, afterWord, step);
      there.open([]);
      takeCharacter(step);
      return moved();
    },
    move: ({ steps: list, afterWord, begins }, step, start) => {
      if (start?.matched === true) return start;
      here.open(list);
      takePlaces(begins, afterWord, step);
      there.open(start?.steps ?? []);
      takeCharacter(step);
      return moved();
    },
    ends: ({ steps: list, afterWord, begins }) => {
      here.open(list);
      if (!begins) here.add(anywhere);
      takePlaces(begins, afterWord, end);
      return here.matched;
    },
  };
}
