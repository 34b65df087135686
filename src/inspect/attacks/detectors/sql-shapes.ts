import type { SqlToken } from './sql-tokens.ts';
import {
  arithmetic,
  askedFunctions,
  catalogues,
  comparisons,
  constants,
  intrusiveFunctions,
  joins,
  prefixes,
  readingFunctions,
  statements,
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

const kindAt = ({ tokens }: Shape, at: number): SqlToken['kind'] | undefined => tokens[at]?.kind;
const textAt = ({ tokens }: Shape, at: number): string => tokens[at]?.text ?? '';
const isWord = (shape: Shape, at: number, text: string): boolean =>
  kindAt(shape, at) === 'word' && textAt(shape, at) === text;

/** A word or an operator: strings are never one. */
const among = (shape: Shape, at: number, set: ReadonlySet<string>): boolean =>
  (kindAt(shape, at) === 'word' || kindAt(shape, at) === 'operator') && set.has(textAt(shape, at));

/** A name with its dots: "information_schema.tables". */
function nameAt(shape: Shape, at: number): { readonly text: string; readonly next: number } {
  let text = textAt(shape, at);
  let next = at + 1;
  while (next < at + 6 && kindAt(shape, next) === 'dot' && kindAt(shape, next + 1) === 'word') {
    text += `.${textAt(shape, next + 1)}`;
    next += 2;
  }
  return { text, next };
}

const isEnd = (shape: Shape, at: number): boolean => {
  const kind = kindAt(shape, at);
  return kind === undefined || kind === 'comment' || kind === 'semicolon' || kind === 'close';
};

/** What begins a value after select or in a parenthesis: not a word of a sentence. */
function isSelectList(shape: Shape, at: number): boolean {
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
      if (kindAt(shape, next) === 'comma' || kindAt(shape, next) === 'operator') return true;
      return isWord(shape, next, 'from') && kindAt(shape, next + 1) === 'word';
    }
    default:
      return false;
  }
}

/** The matching parenthesis, or the end of the tokens. */
const closeOf = (shape: Shape, open: number): number => shape.closing[open] ?? shape.tokens.length;

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

function operand(shape: Shape, start: number): Expression | undefined {
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
function expression(shape: Shape, start: number): Expression | undefined {
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

function comparisonEnd(shape: Shape, at: number): number | undefined {
  let next = at;
  if (isWord(shape, next, 'not') || isWord(shape, next, 'is')) next += 1;
  if (isWord(shape, next, 'not') || isWord(shape, next, 'distinct')) next += 1;
  if (among(shape, next, comparisons)) return next + (textAt(shape, next) === 'sounds' ? 2 : 1);
  return next > at ? next : undefined;
}

/** What stands before the word that joins: a quote that broke out, a number alone, or anything. */
type Behind = 'quote' | 'number' | 'text';

/** Whether what stands behind or, and, where or having is a condition that no sentence has. */
function isCondition(shape: Shape, start: number, behind: Behind): boolean {
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
  if (left.literal && other.literal) return !wordy || behind !== 'text' || ends;
  if (left.text === other.text && !wordy) return true;
  return behind !== 'text' && (other.literal || left.literal) && ends;
}

/** ' or 1--, ' or 'a: a literal is the whole condition, and nothing but the end or a further condition follows. */
function isAlone(shape: Shape, at: number, { next, text }: Expression): boolean {
  if (among(shape, next, joins)) return expression(shape, next + 1)?.literal === true;
  return isEnd(shape, next) && text.length < 12 && isOpenLiteral(shape, at);
}

function unionSelect(shape: Shape, at: number): boolean {
  if (!/^(?:union|except|intersect|minus)$/.test(textAt(shape, at)) || kindAt(shape, at) !== 'word') return false;
  let next = at + 1;
  while (
    next < at + 8 &&
    (/^(?:all|distinct|distinctrow)$/.test(textAt(shape, next)) || kindAt(shape, next) === 'open')
  )
    next += 1;
  if (!isWord(shape, next, 'select') && !isWord(shape, next, 'values')) return false;
  return isSelectList(shape, next + 1) || (kindAt(shape, next + 1) === undefined && behindValue(shape, at));
}

/** Behind a quote that broke out, or behind a value. */
function behindValue(shape: Shape, at: number): boolean {
  const before = kindAt(shape, at - 1);
  if (at === 0) return shape.broken !== '';
  return before === 'number' || before === 'close' || before === 'string';
}

/** A statement behind a semicolon, or at the beginning where only an intruder begins one. */
function statement(shape: Shape, at: number): boolean {
  if (kindAt(shape, at) !== 'word') return false;
  const head = textAt(shape, at);
  const follower = statements.get(head);
  if (!statements.has(head)) return false;
  const next = textAt(shape, at + 1);
  if (follower !== undefined) return follower.test(next);
  switch (head) {
    case 'select':
      return isSelectList(shape, at + 1);
    case 'update':
      return kindAt(shape, at + 1) === 'word' && isWord(shape, nameAt(shape, at + 1).next, 'set');
    case 'exec':
    case 'execute':
      return (
        /^(?:[xs]p_\w+|immediate|master|sp|xp)$/.test(next) || /^[@(]/.test(next) || kindAt(shape, at + 1) === 'string'
      );
    case 'if':
      return (
        kindAt(shape, at + 1) === 'open' && (isWord(shape, at + 2, 'select') || isCondition(shape, at + 2, 'text'))
      );
    case 'set':
      return next.startsWith('@');
    case 'prepare':
      return isWord(shape, at + 2, 'from');
    case 'copy':
      return /^(?:from|to)$/.test(textAt(shape, at + 2)) || kindAt(shape, at + 1) === 'open';
    default:
      return shape.broken !== '' && kindAt(shape, at + 1) === 'word' && isEnd(shape, nameAt(shape, at + 1).next);
  }
}

/** A function that intrudes, called where a value is expected. */
function intrusion(shape: Shape, at: number): boolean {
  const { text, next } = nameAt(shape, at);
  if (/^[xs]p_/.test(text) && intrusiveFunctions.has(text)) return true;
  if (kindAt(shape, at - 1) === 'dot') return false;
  if (readingFunctions.has(text) && kindAt(shape, next) === 'open' && kindAt(shape, next + 2) === 'open') {
    return (
      /^(?:ascii|ord|conv|hex|bin|substr|substring|mid|unicode|uncompress|concat)$/.test(text) &&
      readingFunctions.has(textAt(shape, next + 1))
    );
  }
  if (!intrusiveFunctions.has(text)) return false;
  if (text === 'waitfor') return isWord(shape, next, 'delay') && kindAt(shape, next + 1) === 'string';
  if (kindAt(shape, next) !== 'open') return false;
  if (!/^(?:sleep|if|exp)$/.test(text)) return true;
  const before = kindAt(shape, at - 1);
  const value = before === 'operator' || before === 'comma' || joins.has(textAt(shape, at - 1));
  const alone = before === undefined && isEnd(shape, closeOf(shape, next) + 1);
  return (
    kindAt(shape, next + 1) === 'number' && (value || alone || isWord(shape, at - 1, 'select') || shape.broken !== '')
  );
}

const clauseEnd = /^(?:limit|asc|desc|union|having|into|procedure|for|offset)$/;

/** order by 10, group by 1, limit 1,1 into outfile, procedure analyse(: behind a value. */
function clause(shape: Shape, at: number): boolean {
  if (!behindValue(shape, at) || kindAt(shape, at) !== 'word') return false;
  const broken = shape.broken !== '';
  switch (textAt(shape, at)) {
    case 'order':
    case 'group': {
      if (!isWord(shape, at + 1, 'by')) return false;
      const value = expression(shape, at + 2);
      if (value === undefined) return false;
      const ends = isEnd(shape, value.next) || kindAt(shape, value.next) === 'comma';
      return value.surely || ((value.literal || broken) && (ends || clauseEnd.test(textAt(shape, value.next))));
    }
    case 'from':
      return isWord(shape, at + 2, 'where') && isCondition(shape, at + 3, 'number');
    case 'update':
      return statement(shape, at);
    case 'procedure':
      return isWord(shape, at + 1, 'analyse');
    case 'into':
      return /^(?:outfile|dumpfile)$/.test(textAt(shape, at + 1));
    case 'limit':
      return (
        kindAt(shape, at + 1) === 'number' && (broken || kindAt(shape, at + 2) === 'comma') && isEnd(shape, at + 2)
      );
    default:
      return false;
  }
}

function catalogue(shape: Shape, at: number): boolean {
  if (kindAt(shape, at) !== 'word' || !catalogues.test(textAt(shape, at))) return false;
  if (textAt(shape, at) === 'mysql' && !/^(?:user|db)$/.test(textAt(shape, at + 2))) return false;
  return isWord(shape, at - 1, 'from') || isWord(shape, at - 1, 'join');
}

/** A nested query as a value. */
function nested(shape: Shape, at: number): boolean {
  if (kindAt(shape, at) !== 'open' || !isWord(shape, at + 1, 'select') || !isSelectList(shape, at + 2)) return false;
  const before = kindAt(shape, at - 1);
  if (before === 'operator' || before === 'comma' || before === 'open' || shape.broken !== '') return true;
  if (comparisons.has(textAt(shape, at - 1)) || joins.has(textAt(shape, at - 1))) return true;
  const close = closeOf(shape, at);
  for (let inner = at + 2; inner < Math.min(close, at + 40); inner += 1) if (isWord(shape, inner, 'from')) return true;
  return kindAt(shape, at + 2) === 'variable' || operand(shape, at + 2)?.surely === true;
}

/** A value that is a number, and goes on behind it. */
const behindNumber = (shape: Shape, at: number): Behind =>
  kindAt(shape, 0) === 'number' && at === 1 ? 'number' : 'text';

/** Whether an injection begins at the token. */
export function injectsAt(shape: Shape, at: number): boolean {
  const { kind } = shape.tokens[at] ?? {};
  if (kind === 'open') return nested(shape, at);
  if (kind === 'variable') return /^@@(?:version|hostname|datadir|basedir|global|servername)/.test(textAt(shape, at));
  if (kind === 'semicolon') return statement(shape, at + 1);
  if (kind === 'operator')
    return /^(?:\|\||&&)$/.test(textAt(shape, at)) && at > 0 && isCondition(shape, at + 1, behindNumber(shape, at));
  if (kind !== 'word') return false;
  const joined = joins.has(textAt(shape, at)) && textAt(shape, at) !== 'not' && at > 0;
  if (joined && isCondition(shape, at + 1, behindNumber(shape, at))) return true;
  return unionSelect(shape, at) || intrusion(shape, at) || clause(shape, at) || catalogue(shape, at);
}

/** Whether the tokens right behind the quote that ended the value's string carry on as a query does. before: what stood in the string. */
export function injectsBehindQuote(shape: Shape, before: string): boolean {
  let at = 0;
  while (kindAt(shape, at) === 'close') at += 1;
  const { length } = shape.tokens;
  if (kindAt(shape, at) === 'comment') return at === length - 1 && (at > 0 || isShortEnding(shape, at, before));
  if (kindAt(shape, at) === 'semicolon') {
    const ending = kindAt(shape, at + 1) === 'comment' && at + 2 === length;
    return statement(shape, at + 1) || (ending && before.length < 32 && !/\s/.test(before.trim()));
  }
  if (among(shape, at, joins) && !/^(?:not|where|when)$/.test(textAt(shape, at)))
    return isCondition(shape, at + 1, 'quote');
  if (
    /^(?:exec|declare|waitfor)$/.test(textAt(shape, at)) &&
    kindAt(shape, at + 1) !== 'string' &&
    statement(shape, at)
  )
    return true;
  if (clause(shape, at)) return true;
  if (among(shape, at, arithmetic) || comparisonEnd(shape, at) !== undefined) return isOperation(shape, at, before);
  return isRowEnding(shape, at);
}

/** admin'--, admin'#, ' -- -: nothing but a few characters is left out by the comment. */
function isShortEnding(shape: Shape, at: number, before: string): boolean {
  const left = textAt(shape, at).trim();
  return (
    left.length < (before === '' ? 4 : 16) && !/["']/.test(left) && !/\s/.test(before.trim()) && before.length < 64
  );
}

/** '='', '+(…)+', '||(select …)||': the value is made part of an operation. */
function isOperation(shape: Shape, at: number, before: string): boolean {
  const right = comparisonEnd(shape, at) ?? at + 1;
  const value = expression(shape, right);
  if (value === undefined) return false;
  if (value.surely) return true;
  if (/\s/.test(before) || before.length > 24 || !value.literal) return false;
  if (before === '' && (shape.broken === '"' || kindAt(shape, at) === 'word')) return false;
  const follows = among(shape, value.next, joins) || among(shape, value.next, comparisons);
  if (follows) return expression(shape, value.next + 1) !== undefined;
  return kindAt(shape, right) !== 'word' && isEnd(shape, value.next) && value.text.length < 12;
}

/** ','2','3')--: further values of a row, and the rest of the query left out. */
function isRowEnding(shape: Shape, start: number): boolean {
  let at = start;
  while (kindAt(shape, at) === 'comma') {
    const value = expression(shape, at + 1);
    if (value === undefined) return false;
    at = value.next;
    if (value.surely && kindAt(shape, at) !== 'word') return true;
  }
  if (at === start || kindAt(shape, at) !== 'close') return false;
  return kindAt(shape, at + 1) === 'comment' || kindAt(shape, at + 1) === 'semicolon';
}
