import { alphabetOf } from './alphabets.ts';
import { type Mask, otherBit, signBit } from './mask.ts';

/** What one look at a text tells: the kinds of its characters, and which lists have a word in it. */
export interface Sight extends Mask {
  /** The index of the smallest alphabet that holds it. */
  readonly alphabet: number;
  /** A bit for each list. */
  readonly lists: readonly number[];
}

/** Whether a list has a word in the text. */
export const hasList = ({ lists }: Sight, list: number): boolean =>
  (((lists[list >>> 5] ?? 0) >>> (list & 31)) & 1) === 1;

/** Looks at a text once for all words, in time linear in it. */
export type Scan = (text: string) => Sight;

const longS = 0x17f;
const kelvin = 0x212a;

/** Whether a character beyond ASCII is a letter of ASCII in another case. */
export const foldsIntoAscii = (code: number): boolean => code === longS || code === kelvin;

/** The code by which words are compared: small letters for capitals; 0 for what stands in no word. */
function foldedCode(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code + 0x20;
  if (code < 128) return code;
  if (code === longS) return 0x73;
  return code === kelvin ? 0x6b : 0;
}

/** A tree of words as it grows: one node for each beginning. */
interface Tree {
  readonly children: Map<number, number>[];
  readonly ends: Set<number>[];
}

// So many words, or nodes, are dealt with in one step.
const inStep = 1000;

function* growTree(lists: readonly (readonly string[])[], classes: Uint8Array): Generator<void, Tree> {
  const children: Map<number, number>[] = [new Map()];
  const ends: Set<number>[] = [new Set()];
  let dealtWith = 0;
  for (const [list, words] of lists.entries()) {
    for (const word of words) {
      dealtWith += 1;
      if (dealtWith % inStep === 0) yield;
      let node = 0;
      for (let at = 0; at < word.length; at += 1) {
        const step = classes[foldedCode(word.charCodeAt(at))] ?? 0;
        const next = children[node]?.get(step) ?? children.length;
        if (next === children.length) {
          children.push(new Map());
          ends.push(new Set());
          children[node]?.set(step, next);
        }
        node = next;
      }
      ends[node]?.add(list);
    }
  }
  return { children, ends };
}

function classesOf(lists: readonly (readonly string[])[]): { readonly classes: Uint8Array; readonly count: number } {
  const classes = new Uint8Array(128);
  let count = 1;
  for (const words of lists)
    for (const word of words)
      for (let at = 0; at < word.length; at += 1) {
        const code = foldedCode(word.charCodeAt(at));
        if (code === 0 || classes[code] !== 0) continue;
        classes[code] = count;
        count += 1;
      }
  return { classes, count };
}

/** Makes of the steps places in the very table, so that nothing is multiplied on the way; where words end, the complement. */
function* toRows(steps: Int32Array, count: number, found: readonly (readonly number[])[]): Generator<void> {
  for (let at = 0; at < steps.length; at += 1) {
    if (at % (inStep * count) === 0) yield;
    const node = steps[at] ?? 0;
    steps[at] = found[node]?.length === 0 ? node * count : ~(node * count);
  }
}

/**
 * Compiles the search for all words of all lists at once (Aho and Corasick, 1975), in any case; words are ASCII without NUL.
 * In steps of some milliseconds.
 */
export function* scanSteps(lists: readonly (readonly string[])[]): Generator<void, Scan> {
  const { classes, count } = classesOf(lists);
  const { children, ends } = yield* growTree(lists, classes);
  const steps = new Int32Array(children.length * count);
  const fails = new Int32Array(children.length);
  const queue: number[] = [0];
  for (let at = 0; at < queue.length; at += 1) {
    if (at % inStep === 0) yield;
    const node = queue[at] ?? 0;
    const fail = fails[node] ?? 0;
    for (let step = 1; step < count; step += 1) {
      const child = children[node]?.get(step);
      const fallback = node === 0 ? 0 : (steps[fail * count + step] ?? 0);
      if (child === undefined) {
        steps[node * count + step] = fallback;
        continue;
      }
      steps[node * count + step] = child;
      fails[child] = fallback;
      for (const list of ends[fallback] ?? []) ends[child]?.add(list);
      queue.push(child);
    }
  }
  yield;
  const found = ends.map((lists) => [...lists]);
  yield;
  yield* toRows(steps, count, found);
  const rows = steps;
  const none: readonly number[] = new Array<number>((lists.length + 31) >>> 5).fill(0);
  // Codes to classes for everything up to the last code that folds into ASCII.
  const classOf = Uint8Array.from({ length: 128 }, (_, code) => classes[foldedCode(code)] ?? 0);
  return (text) => {
    let signs = 0;
    let others = 0;
    let row = 0;
    let seen: number[] | undefined;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      let step: number;
      if (code < 128) {
        signs |= signBit(code);
        others |= otherBit(code);
        step = classOf[code] ?? 0;
      } else {
        others |= otherBit(128);
        step = classes[foldedCode(code)] ?? 0;
      }
      row = rows[row + step] ?? 0;
      if (row >= 0) continue;
      row = ~row;
      seen ??= none.slice();
      for (const list of found[row / count] ?? []) seen[list >>> 5] = (seen[list >>> 5] ?? 0) | (1 << (list & 31));
    }
    return { signs, others, alphabet: alphabetOf({ signs, others }), lists: seen ?? none };
  };
}
