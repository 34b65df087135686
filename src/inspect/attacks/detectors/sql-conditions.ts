import type { SqlToken } from './sql-tokens.ts';
import {
  arithmetic,
  askedFunctions,
  catalogues,
  comparisons,
  constants,
  joins,
  prefixes,
  tellingFunctions,
} from './sql-words.ts';

/** Tokens to be judged, and where they stand. */
export interface Shape {
  readonly tokens: readonly SqlToken[];
  /** The quote that ended the value's string, behind which the tokens stand; empty when there was none. */
  readonly broken: string;
  /** By the index of an opening parenthesis: the index of the one that closes it, or of the end. */
  readonly closing: readonly (number | undefined)[];
}

/** Opens a shape: pairs its parentheses, in one pass. */
export function openShape(tokens: readonly SqlToken[], broken: string): Shape {
  const closing: (number | undefined)[] = [];
  const opened: number[] = [];
  for (const [index, { kind }] of tokens.entries()) {
    if (kind === 'open') opened.push(index);
    else if (kind === 'close') {
      const from = opened.pop();
      if (from !== undefined) closing[from] = index;
    }
  }
  return { tokens, broken, closing };
}

/** What an expression is made of. surely: it names what only a database knows. */
interface Expression {
  readonly next: number;
  readonly literal: boolean;
  readonly surely: boolean;
  /** It also tells where neither a quote nor a number came before. */
  readonly telling: boolean;
  readonly text: string;
}

/** The kind of a token; undefined beyond the end. */
export const kindAt = ({ tokens }: Shape, at: number): SqlToken['kind'] | undefined => tokens[at]?.kind;
/** The text of a token; empty beyond the end. */
export const textAt = ({ tokens }: Shape, at: number): string => tokens[at]?.text ?? '';
/** Whether a token is the word. */
export const isWord = (shape: Shape, at: number, text: string): boolean =>
  kindAt(shape, at) === 'word' && textAt(shape, at) === text;

/** A word or an operator: strings are never one. */
export const among = (shape: Shape, at: number, set: ReadonlySet<string>): boolean =>
  (kindAt(shape, at) === 'word' || kindAt(shape, at) === 'operator') && set.has(textAt(shape, at));

/** A name with its dots: "information_schema.tables". */
export function nameAt(shape: Shape, at: number): { readonly text: string; readonly next: number } {
  let text = textAt(shape, at);
  let next = at + 1;
  while (next < at + 6 && kindAt(shape, next) === 'dot' && kindAt(shape, next + 1) === 'word') {
    text += `.${textAt(shape, next + 1)}`;
    next += 2;
  }
  return { text, next };
}

/** Whether an expression ends before the token. */
export const isEnd = (shape: Shape, at: number): boolean => {
  const kind = kindAt(shape, at);
  return kind === undefined || kind === 'comment' || kind === 'semicolon' || kind === 'close';
};

/** A word and the full stop behind it: "Union Select Foods, Inc.". */
const endsSentence = (shape: Shape, at: number): boolean =>
  kindAt(shape, at) === 'word' &&
  kindAt(shape, at + 1) === 'dot' &&
  !/^(?:word|operator)$/.test(kindAt(shape, at + 2) ?? '');

/** What begins a value after select or in a parenthesis: not a word of a sentence. */
export function isSelectList(shape: Shape, at: number): boolean {
  let first = at;
  while (among(shape, first, prefixes) || isWord(shape, first, 'top') || kindAt(shape, first) === 'open') first += 1;
  const after = kindAt(shape, first + 1);
  switch (kindAt(shape, first)) {
    case 'number':
    case 'string':
      return after !== 'word' || /^(?:from|as|into|union|where|limit|order|and|or)$/.test(textAt(shape, first + 1));
    case 'variable':
      return true;
    case 'operator':
      return textAt(shape, first) === '*';
    case 'word': {
      const { text, next } = nameAt(shape, first);
      if (constants.has(text) || text === 'case' || text === 'select' || kindAt(shape, next) === 'open') return true;
      if (kindAt(shape, next) === 'operator') return true;
      if (kindAt(shape, next) === 'comma') return !endsSentence(shape, next + 1);
      return isWord(shape, next, 'from') && kindAt(shape, next + 1) === 'word';
    }
    default:
      return false;
  }
}

/** The matching parenthesis, or the end of the tokens. */
export const closeOf = (shape: Shape, open: number): number => shape.closing[open] ?? shape.tokens.length;

function operandWord(shape: Shape, at: number): Expression {
  const { text, next } = nameAt(shape, at);
  if (kindAt(shape, next) === 'open') {
    return {
      next: closeOf(shape, next) + 1,
      literal: false,
      surely: askedFunctions.has(text),
      telling: tellingFunctions.has(text),
      text,
    };
  }
  if (kindAt(shape, next) === 'string' && shape.tokens[next]?.apart === false && /^(?:[nxber]|_\w+)$/.test(text)) {
    return { next: next + 1, literal: true, surely: false, telling: false, text: textAt(shape, next) };
  }
  const surely = catalogues.test(text.split('.')[0] ?? '') && text.includes('.');
  return { next, literal: constants.has(text), surely, telling: surely, text };
}

/** One operand with what stands before it: a literal, a name, a call, a nested query. */
export function operand(shape: Shape, start: number): Expression | undefined {
  let at = start;
  while (at < start + 12 && among(shape, at, prefixes) && kindAt(shape, at + 1) !== undefined) at += 1;
  switch (kindAt(shape, at)) {
    case 'number':
    case 'string':
      return { next: at + 1, literal: true, surely: false, telling: false, text: textAt(shape, at) };
    case 'variable': {
      const surely = textAt(shape, at).startsWith('@@');
      return { next: at + 1, literal: false, surely, telling: surely, text: textAt(shape, at) };
    }
    case 'open': {
      const surely = isWord(shape, at + 1, 'select') && isSelectList(shape, at + 2);
      const only = kindAt(shape, at + 2) === 'close' || shape.closing[at] === undefined;
      const literal = only && (kindAt(shape, at + 1) === 'number' || kindAt(shape, at + 1) === 'string');
      return { next: closeOf(shape, at) + 1, literal, surely, telling: surely, text: textAt(shape, at + 1) };
    }
    case 'word':
      return isWord(shape, at, 'select') ? undefined : operandWord(shape, at);
    default:
      return undefined;
  }
}

/** Operands with operators between them. */
export function expression(shape: Shape, start: number): Expression | undefined {
  let whole = operand(shape, start);
  for (let terms = 0; whole !== undefined && terms < 8 && among(shape, whole.next, arithmetic); terms += 1) {
    const right = operand(shape, whole.next + 1);
    if (right === undefined) break;
    const literal = whole.literal && right.literal;
    whole = {
      next: right.next,
      literal,
      surely: whole.surely || right.surely,
      telling: whole.telling || right.telling,
      text: whole.text,
    };
  }
  return whole;
}

/** Where the right side of a comparison begins; undefined where there is none. */
export function comparisonEnd(shape: Shape, at: number): number | undefined {
  let next = at;
  if (isWord(shape, next, 'not') || isWord(shape, next, 'is')) next += 1;
  if (isWord(shape, next, 'not') || isWord(shape, next, 'distinct')) next += 1;
  if (among(shape, next, comparisons)) return next + (textAt(shape, next) === 'sounds' ? 2 : 1);
  return next > at ? next : undefined;
}

/** What stands before the word that joins: a quote that broke out, a number alone, or anything. */
export type Behind = 'quote' | 'number' | 'text';

/** Whether what stands behind or, and, where or having is a condition that no sentence has. */
export function isCondition(shape: Shape, start: number, behind: Behind): boolean {
  if (isComparison(shape, start, behind)) return true;
  let at = start;
  while (at < start + 12 && kindAt(shape, at) === 'open' && !isWord(shape, at + 1, 'select')) at += 1;
  return at > start && isComparison(shape, at, behind);
}

/** Whether a string is left open in the quote that the value stands in, so that the query's own closes it. */
function isOpenLiteral(shape: Shape, at: number): boolean {
  const { kind, ended = true, mark, text = '' } = shape.tokens[at] ?? {};
  return kind !== 'string' || ended || (mark === shape.broken && text !== '');
}

function isComparison(shape: Shape, at: number, behind: Behind): boolean {
  const left = expression(shape, at);
  if (left === undefined) return false;
  const tells = ({ surely, telling }: Expression): boolean => (behind === 'text' ? telling : surely);
  if (tells(left)) return kindAt(shape, left.next) !== 'word' || comparisonEnd(shape, left.next) !== undefined;
  const right = comparisonEnd(shape, left.next);
  if (right === undefined) return behind === 'quote' && left.literal && isAlone(shape, at, left);
  const other = expression(shape, right);
  if (other === undefined) return behind === 'quote' && left.literal && kindAt(shape, right) === undefined;
  if (tells(other)) return true;
  const wordy = kindAt(shape, right - 1) === 'word';
  const ends = isEnd(shape, other.next) || joins.has(textAt(shape, other.next));
  const spoken = textAt(shape, right - 1) === 'is' || textAt(shape, right - 1) === 'not';
  if (left.literal && other.literal) {
    if (behind !== 'text') return true;
    const goesOn = ends || /^(?:union|order|group|limit|having|like|into)$/.test(textAt(shape, other.next));
    return goesOn && !spoken && !isClaim(shape, at);
  }
  if (left.text === other.text && !wordy) return true;
  return behind !== 'text' && (other.literal || left.literal) && ends;
}

/** "0 = 1 or 1 = 2": what stands before the word that joins compares too, as in mathematics. */
function isClaim(shape: Shape, at: number): boolean {
  let join = at - 1;
  while (join > 0 && kindAt(shape, join) === 'open') join -= 1;
  return kindAt(shape, join - 1) === 'number' && among(shape, join - 2, comparisons);
}

/** ' or 1--, ' or 'a: a literal is the whole condition, and nothing but the end or a further condition follows. */
function isAlone(shape: Shape, at: number, { next, text }: Expression): boolean {
  if (among(shape, next, joins)) return expression(shape, next + 1)?.literal === true;
  return isEnd(shape, next) && text.length < 12 && isOpenLiteral(shape, at);
}
