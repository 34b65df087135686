import { broken } from './integer.ts';

// The code is canonical: codes go up with their lengths, and within a length with the symbols. So the lengths are all of it.
const lengths: readonly number[] = [
  [13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28],
  [28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12],
  [10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6],
  [5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22],
  [22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20],
  [22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  [26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28],
  [27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28],
  [27, 27, 27, 27, 27, 26, 30],
].flat();
const endOfString = 256;

// A state is an inner node of the tree; four bits lead from one to another, past at most one symbol, for no code is shorter than five.
const failed = 0xffff;
const none = 0xff00;
interface Machine {
  /** By state * 16 + four bits: the next state. */
  readonly next: Uint16Array;
  /** By the same: the symbol that was passed, or none. */
  readonly symbol: Uint16Array;
  /** Whether a string may end in a state: behind fewer than eight bits of ones. */
  readonly final: Uint8Array;
}

/** The tree as pairs of children: a positive number is an inner node, a negative one the symbol -1 - n. */
function buildTree(): number[][] {
  const tree: number[][] = [[0, 0]];
  const order = lengths.map((_, symbol) => symbol).toSorted((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
  let code = -1;
  let before = 0;
  for (const symbol of order) {
    const length = lengths[symbol] ?? 0;
    code = (code + 1) * 2 ** (before === 0 ? 0 : length - before);
    before = length;
    let node = 0;
    for (let bit = length - 1; bit >= 0; bit -= 1) {
      const side = (code >>> bit) & 1;
      const children = tree[node] ?? [];
      if (bit === 0) children[side] = -1 - symbol;
      else {
        if (!children[side]) children[side] = tree.push([0, 0]) - 1;
        node = children[side] ?? 0;
      }
    }
  }
  return tree;
}

function buildMachine(): Machine {
  const tree = buildTree();
  const next = new Uint16Array(tree.length * 16);
  const symbol = new Uint16Array(tree.length * 16).fill(none);
  for (let state = 0; state < tree.length; state += 1) {
    for (let nibble = 0; nibble < 16; nibble += 1) {
      let node = state;
      for (let bit = 3; bit >= 0; bit -= 1) {
        const child = tree[node]?.[(nibble >>> bit) & 1] ?? 0;
        if (child === -1 - endOfString) {
          node = failed;
          break;
        }
        if (child < 0) symbol[state * 16 + nibble] = -1 - child;
        node = child < 0 ? 0 : child;
      }
      next[state * 16 + nibble] = node;
    }
  }
  const final = new Uint8Array(tree.length);
  for (let node = 0, bits = 0; bits < 8; bits += 1) {
    final[node] = 1;
    node = tree[node]?.[1] ?? 0;
  }
  return { next, symbol, final };
}

const { next, symbol, final } = buildMachine();
let scratch = Buffer.allocUnsafe(4096);

/** Decodes a string (RFC 7541 section 5.2), octets as characters. Throws a ConnectionError where it is none. */
export function decodeHuffman(bytes: Buffer, from: number, to: number): string {
  // The shortest code has five bits.
  const most = Math.ceil(((to - from) * 8) / 5);
  if (scratch.length < most) scratch = Buffer.allocUnsafe(most);
  let state = 0;
  let length = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    for (let shift = 4; shift >= 0; shift -= 4) {
      const step = state * 16 + ((byte >>> shift) & 15);
      const passed = symbol[step] ?? none;
      if (passed !== none) {
        scratch[length] = passed;
        length += 1;
      }
      state = next[step] ?? failed;
      if (state === failed) throw broken('a string of a header block holds the end of strings');
    }
  }
  if (final[state] !== 1) throw broken('a string of a header block is padded with what is no padding');
  return scratch.toString('latin1', 0, length);
}
