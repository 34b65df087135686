import {
  among,
  type Behind,
  closeOf,
  comparisonEnd,
  expression,
  isCondition,
  isEnd,
  isSelectList,
  isWord,
  kindAt,
  nameAt,
  operand,
  type Shape,
  textAt,
} from './sql-conditions.ts';
import {
  arithmetic,
  catalogues,
  comparisons,
  intrusiveFunctions,
  joins,
  readingFunctions,
  statements,
} from './sql-words.ts';

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

/** A procedure is run, not spoken of: exec master..xp_cmdshell 'dir'. */
function isCalled(shape: Shape, at: number, next: number): boolean {
  const behind = kindAt(shape, next);
  const before = textAt(shape, at - 1);
  return (
    /^(?:exec|execute|master|\.|;)$/.test(before) || behind === 'string' || behind === 'open' || behind === 'variable'
  );
}

/** A function that intrudes, called where a value is expected. */
function intrusion(shape: Shape, at: number): boolean {
  const { text, next } = nameAt(shape, at);
  if (/^[xs]p_/.test(text) && intrusiveFunctions.has(text)) return isCalled(shape, at, next);
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
  if (text === 'benchmark') return kindAt(shape, next + 1) === 'number';
  if (text !== 'sleep') return true;
  const before = kindAt(shape, at - 1);
  const value = before === 'operator' || before === 'comma' || joins.has(textAt(shape, at - 1));
  const alone = before === undefined && isEnd(shape, closeOf(shape, next) + 1);
  return (
    kindAt(shape, next + 1) === 'number' &&
    kindAt(shape, next + 2) !== 'word' &&
    (value || alone || isWord(shape, at - 1, 'select') || shape.broken !== '')
  );
}

const clauseEnd = /^(?:limit|asc|desc|union|having|into|procedure|for|offset)$/;

/** order by 10, group by 1, limit 1,1 into outfile, procedure analyse(: behind a value. */
function clause(shape: Shape, at: number): boolean {
  if (!behindValue(shape, at) || kindAt(shape, at) !== 'word') return false;
  // The value is a query as a whole, and the clause its own.
  if (shape.broken === '' && isWord(shape, 0, 'select')) return false;
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
  if (before === 'word' && textAt(shape, at - 1) !== 'exists') return false;
  const close = closeOf(shape, at);
  for (let inner = at + 2; inner < Math.min(close, at + 40); inner += 1) if (isWord(shape, inner, 'from')) return true;
  return kindAt(shape, at + 2) === 'variable' || operand(shape, at + 2)?.surely === true;
}

/** A value that is a number, and goes on behind it. */
const behindNumber = (shape: Shape, at: number): Behind =>
  kindAt(shape, 0) === 'number' && at === 1 ? 'number' : 'text';

/** Words that an injection may begin with: all others need no look. */
const beginnings: ReadonlySet<string> = new Set([
  ...['union', 'except', 'intersect', 'minus', 'order', 'group', 'from', 'update', 'procedure', 'into', 'limit'],
  ...readingFunctions,
  ...[...intrusiveFunctions].map((name) => name.split('.')[0] ?? name),
  'master',
]);

/** Whether an injection begins at the token. */
export function injectsAt(shape: Shape, at: number): boolean {
  const { kind } = shape.tokens[at] ?? {};
  if (kind === 'open') return nested(shape, at);
  if (kind === 'variable') return /^@@(?:version|hostname|datadir|basedir|global|servername)/.test(textAt(shape, at));
  if (kind === 'semicolon') return statement(shape, at + 1);
  if (kind === 'operator')
    return /^(?:\|\||&&)$/.test(textAt(shape, at)) && at > 0 && isCondition(shape, at + 1, behindNumber(shape, at));
  if (kind !== 'word') return false;
  const joined =
    joins.has(textAt(shape, at)) && textAt(shape, at) !== 'not' && at > 0 && kindAt(shape, at - 1) !== 'semicolon';
  if (joined && isCondition(shape, at + 1, behindNumber(shape, at))) return true;
  if (isWord(shape, at - 1, 'from') || isWord(shape, at - 1, 'join'))
    return catalogue(shape, at) || intrusion(shape, at);
  if (!beginnings.has(textAt(shape, at))) return false;
  return unionSelect(shape, at) || intrusion(shape, at) || clause(shape, at);
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
  // Behind a whole sentence a quote ends speech, and what follows has to be more than a word between quotes.
  const behind = before.trim().split(/\s+/, 4).length > 3 ? 'text' : 'quote';
  if (among(shape, at, joins) && !/^(?:not|where|when)$/.test(textAt(shape, at)))
    return isCondition(shape, at + 1, behind);
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
