import { openShape } from './sql-conditions.ts';
import { injectsAt, injectsBehindQuote } from './sql-shapes.ts';
import { sqlTokens } from './sql-tokens.ts';

/** Without any of these no shape is possible in a value that stands outside of quotes. */
const promising =
  /[=<>(@;|&]|union|intersect|except|minus|like|between|regexp|\b(?:in|is|order|group|having|case|procedure|into|limit|waitfor|from)\b|[xs]p_/;

function injects(text: string): boolean {
  const shape = openShape(sqlTokens(text, false), '');
  return shape.tokens.some((_token, at) => injectsAt(shape, at));
}

/** As a value between quotes of the kind: what stands behind the first one that is not escaped is part of the query. */
function breaksOut(text: string, mark: string): boolean {
  let end = text.indexOf(mark);
  while (end > 0 && text[end - 1] === '\\') end = text.indexOf(mark, end + 1);
  if (end < 0) return false;
  const rest = text.slice(end + 1);
  const shape = openShape(sqlTokens(rest, true), mark);
  return injectsBehindQuote(shape, text.slice(0, end)) || shape.tokens.some((_token, at) => injectsAt(shape, at));
}

function judge(text: string): boolean {
  return (promising.test(text) && injects(text)) || breaksOut(text, "'") || breaksOut(text, '"');
}

/**
 * Whether a text, put into a query as a number, a name or a string of either quote, would change the query: conditions that
 * always hold, further queries, statements, functions that read, wait or call out, an ending that leaves out the rest.
 * Judged by the shape of its tokens, in linear time. The text is decoded already.
 */
export function isSqli(text: string): boolean {
  const folded = text.toLowerCase();
  if (judge(folded)) return true;
  // Comments within words, for filters that take comments out: un/**/ion.
  return folded.includes('/*') && judge(folded.replaceAll(/\/\*[^*]*\*\//g, ''));
}
