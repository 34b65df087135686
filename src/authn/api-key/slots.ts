import { ownPages } from '../../core/pages.ts';

/** Where things stand, found by a word of 32 bits that their key gives: open addressing, at most half of it taken. */
interface Slots {
  /** The offset that was added under the word and that is the one; undefined when none is. */
  find(word: number, isIt: (offset: number) => boolean): number | undefined;
  add(word: number, offset: number): void;
  /** All of them, for findSlot. */
  cells(): Uint32Array<ArrayBuffer>;
}

const fewest = 64;

/**
 * Opens slots that grow as they fill. A Map would do, if its memory, and that of a hundred thousand keys in it, were not
 * the garbage collector's to walk through.
 */
export function createSlots(): Slots {
  // Two cells a slot: the word, and the offset plus one; a free slot holds zeros. The number of slots is a power of two.
  let cells = freeCells(2 * fewest);
  let taken = 0;

  const add = (word: number, offset: number): void => {
    let cell = cellOf(cells, word);
    while (cells[cell + 1] !== 0) cell = nextCell(cells, cell);
    cells[cell] = word;
    cells[cell + 1] = offset + 1;
  };
  const grow = (): void => {
    const before = cells;
    cells = freeCells(2 * before.length);
    for (let cell = 0; cell < before.length; cell += 2) {
      const [word = 0, standing = 0] = [before[cell], before[cell + 1]];
      if (standing !== 0) add(word, standing - 1);
    }
  };
  return {
    find: (word, isIt) => findSlot(cells, word, isIt),
    add: (word, offset) => {
      if (4 * (taken + 1) > cells.length) grow();
      add(word, offset);
      taken += 1;
    },
    cells: () => cells,
  };
}

/** Looks into the cells of slots, as their find does. */
export function findSlot(cells: Uint32Array, word: number, isIt: (offset: number) => boolean): number | undefined {
  for (let cell = cellOf(cells, word); ; cell = nextCell(cells, cell)) {
    const standing = cells[cell + 1] ?? 0;
    if (standing === 0) return undefined;
    if (cells[cell] === word && isIt(standing - 1)) return standing - 1;
  }
}

const freeCells = (count: number): Uint32Array<ArrayBuffer> =>
  new Uint32Array(ownPages(count * Uint32Array.BYTES_PER_ELEMENT).buffer);
const cellOf = (cells: Uint32Array, word: number): number => 2 * (word & (cells.length / 2 - 1));
const nextCell = (cells: Uint32Array, cell: number): number => (cell + 2) % cells.length;
