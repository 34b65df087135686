import { joinedMask, type Mask, maskOf, noMask, wide, widest } from './mask.ts';
import { type Characters, type Node, parsePattern } from './syntax.ts';

/**
 * What every match of a search must have: at least one of the words of each list (in lower case, ASCII), and at least one
 * character of each mask. Nothing of either: every text may match.
 */
export interface Gate {
  readonly words: readonly (readonly string[])[];
  readonly masks: readonly Mask[];
}

/** The gate that every text passes. */
export const openGate: Gate = Object.freeze({ words: [], masks: [] });

/** What is known of a part of a pattern. exact: all texts that it matches, where they are few. */
interface Known extends Gate {
  readonly exact: readonly string[] | undefined;
}

const mostExact = 400;
const mostCopies = 4;
const mostWords = 2000;
const mostLists = 3;
const mostMasks = 4;
const beyond = 128;

const lengthOf = (words: readonly string[]): number => Math.min(...words.map((word) => word.length));

/** The better of two lists keeps more texts out: longer words first, then fewer. */
const better = (one: readonly string[], other: readonly string[]): number =>
  Math.min(lengthOf(other), 6) - Math.min(lengthOf(one), 6) || one.length - other.length;

function gateOf(words: readonly (readonly string[])[], masks: readonly Mask[]): Gate {
  const useful = masks.filter((mask) => widest(mask) === false);
  return {
    words: words
      .filter((list) => list.length <= mostWords)
      .toSorted(better)
      .slice(0, mostLists),
    masks: useful.toSorted((one, other) => wide(one) - wide(other)).slice(0, mostMasks),
  };
}

const sets = new WeakMap<Characters, Known>();

function setKnown(set: Characters): Known {
  const before = sets.get(set);
  if (before !== undefined) return before;
  const characters: string[] = [];
  for (let code = 0; code < beyond; code += 1) {
    if (set[code] !== 1) continue;
    const letter = String.fromCharCode(code).toLowerCase();
    if (!characters.includes(letter)) characters.push(letter);
  }
  const few = set[beyond] === 0 && characters.length <= 6;
  const known = { exact: few ? characters : undefined, words: [], masks: [maskOf(set)] };
  sets.set(set, known);
  return known;
}

const product = (one: readonly string[], other: readonly string[]): readonly string[] =>
  one.flatMap((start) => other.map((end) => start + end));

/** What a list of all the texts of a part says: a word of it must be there, unless the part may match nothing. */
const wordsIn = (exact: readonly string[]): readonly (readonly string[])[] =>
  exact.length === 0 || lengthOf(exact) < 2 ? [] : [[...new Set(exact)]];

function allKnown(parts: readonly Node[]): Known {
  let exact: readonly string[] = [''];
  let whole = true;
  const words: (readonly string[])[] = [];
  const masks: Mask[] = [];
  for (const part of parts) {
    const known = knownOf(part);
    masks.push(...known.masks);
    words.push(...known.words);
    if (known.exact !== undefined && exact.length * known.exact.length <= mostExact) {
      exact = product(exact, known.exact);
      continue;
    }
    whole = false;
    words.push(...wordsIn(exact));
    exact = known.exact !== undefined && known.exact.length <= mostExact ? known.exact : [''];
  }
  // What all of it says is more than what its parts do.
  if (whole) return { exact, ...gateOf([], masks) };
  return { exact: undefined, ...gateOf([...words, ...wordsIn(exact)], masks) };
}

const bestWords = ({ exact, words }: Known): readonly string[] | undefined => {
  const own = exact === undefined ? [] : wordsIn(exact);
  return [...own, ...words].toSorted(better)[0];
};

const bestMask = ({ masks }: Known): Mask => masks.toSorted((one, other) => wide(one) - wide(other))[0] ?? noMask;

function anyKnown(parts: readonly Node[]): Known {
  const branches = parts.map(knownOf);
  const exacts = branches.map(({ exact }) => exact);
  const exact = exacts.every((texts) => texts !== undefined) ? [...new Set(exacts.flat())] : undefined;
  const lists = branches.map(bestWords);
  const words = lists.every((list) => list !== undefined) ? [[...new Set(lists.flat())]] : [];
  const masks = branches.map(bestMask);
  const mask = masks.includes(noMask) ? [] : [masks.reduce(joinedMask)];
  if (exact !== undefined && exact.length <= mostExact) return { exact, ...gateOf([], mask) };
  return { exact: undefined, ...gateOf(words, mask) };
}

function repeatKnown(part: Node, least: number, most: number): Known {
  const known = knownOf(part);
  if (least === 1 && most === 1) return known;
  if (least === most && least > 0 && least <= mostCopies) return allKnown(Array.from({ length: least }, () => part));
  if (least > 0)
    return {
      exact: undefined,
      ...gateOf(known.exact === undefined ? known.words : [...known.words, ...wordsIn(known.exact)], known.masks),
    };
  const few = most === 1 && known.exact !== undefined && known.exact.length <= 16;
  return { exact: few ? ['', ...(known.exact ?? [])] : undefined, ...openGate };
}

function knownOf(node: Node): Known {
  switch (node.kind) {
    case 'set':
      return setKnown(node.set);
    case 'all':
      return allKnown(node.parts);
    case 'any':
      return anyKnown(node.parts);
    case 'repeat':
      return repeatKnown(node.part, node.least, node.most);
    case 'place':
      return { exact: [''], ...openGate };
    default:
      return node satisfies never;
  }
}

/** The part of a pattern that can match texts of some characters alone; undefined: nothing of it. */
function within(node: Node, alphabet: Characters, sets: Map<Characters, Node | undefined>): Node | undefined {
  switch (node.kind) {
    case 'set': {
      if (sets.has(node.set)) return sets.get(node.set);
      const common = node.set.map((has, code) => has & (alphabet[code] ?? 0));
      const left: Node | undefined = common.includes(1) ? { kind: 'set', set: common } : undefined;
      sets.set(node.set, left);
      return left;
    }
    case 'all': {
      const parts: Node[] = [];
      for (const part of node.parts) {
        const left = within(part, alphabet, sets);
        if (left === undefined) return undefined;
        parts.push(left);
      }
      return { kind: 'all', parts };
    }
    case 'any': {
      const parts = node.parts.flatMap((part) => within(part, alphabet, sets) ?? []);
      const [first] = parts;
      return parts.length < 2 ? first : { kind: 'any', parts };
    }
    case 'repeat': {
      const part = within(node.part, alphabet, sets);
      if (part !== undefined) return { ...node, part };
      return node.least === 0 ? { kind: 'all', parts: [] } : undefined;
    }
    case 'place':
      return node;
    default:
      return node satisfies never;
  }
}

/**
 * What every match of a pattern must have, by the alphabet of the text: undefined where no text of those characters can
 * match. Open where that cannot be told.
 */
export function patternGates(pattern: string, alphabets: readonly Characters[]): readonly (Gate | undefined)[] {
  const syntax = parsePattern(pattern);
  if (syntax === undefined) return alphabets.map(() => openGate);
  return alphabets.map((alphabet) => {
    const left = within(syntax.node, alphabet, new Map());
    if (left === undefined) return undefined;
    const known = knownOf(left);
    if (known.exact === undefined) return gateOf(known.words, known.masks);
    return gateOf([...known.words, ...wordsIn(known.exact)], known.masks);
  });
}
