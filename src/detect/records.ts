/** The same memory, as numbers of each width: what belongs to one slot stands together, and is one line of the processor's cache or two. */
export interface Records {
  readonly doubles: Float64Array;
  readonly floats: Float32Array;
  readonly counts: Uint32Array;
  readonly shorts: Uint16Array;
  readonly signs: Int8Array;
}

/** Opens so many records of so many words, of four bytes each; an odd number of words leaves the doubles unaligned. */
export function openRecords(size: number, words: number): Records {
  const memory = new ArrayBuffer(Math.ceil((size * words) / 2) * 8);
  return {
    doubles: new Float64Array(memory),
    floats: new Float32Array(memory),
    counts: new Uint32Array(memory),
    shorts: new Uint16Array(memory),
    signs: new Int8Array(memory),
  };
}
