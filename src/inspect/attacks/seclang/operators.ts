import { basename } from 'node:path';
import { parsePrefix } from '../../../core/address.ts';
import type { SourceFile } from '../../../core/build.ts';
import { notPrefix } from '../../../core/prefix-list.ts';
import type { Operator } from '../rule.ts';
import type { Place } from './text.ts';

/** An operator that was read, or in words what of it is not supported. */
type ReadOperator = { readonly operator: Operator; readonly negated: boolean } | string;

/** What an operator may need to be read. */
interface OperatorContext {
  readonly place: Place;
  /** A data file in the same directory, by its bare name. */
  readonly data: (name: string) => SourceFile | undefined;
}

type Build = (argument: string, context: OperatorContext) => Operator | string;

/** Names in macros are in lower case, whatever the rule writes: `%{TX.1}` is `%{tx.1}`. */
export const templateOf = (text: string): string => text.replace(/%\{[^}]*\}/g, (macro) => macro.toLowerCase());

const textual =
  (kind: 'contains' | 'equals' | 'begins_with' | 'ends_with' | 'within' | 'contains_word'): Build =>
  (argument) => ({ kind, text: templateOf(argument) });

const numeric =
  (kind: 'eq' | 'lt' | 'gt' | 'le' | 'ge'): Build =>
  (argument) => ({ kind, number: templateOf(argument.trim()) });

const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

function phrases(list: readonly string[]): Operator | string {
  return list.length === 0 ? 'an empty list of phrases' : { kind: 'phrases', phrases: list };
}

/** The lines of the data files, without comments and blank lines; a missing file is an issue. */
function linesOf(argument: string, { place, data }: OperatorContext): readonly string[] {
  return wordsOf(argument).flatMap((name) => {
    const file = data(basename(name));
    if (file === undefined) {
      place.file.issueAt(place.line, `there is no file ${JSON.stringify(basename(name))} in the directory`);
      return ['-'];
    }
    return file.text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  });
}

function addresses(list: readonly string[]): Operator | string {
  const wrong = list.find((text) => parsePrefix(text) === undefined);
  return wrong === undefined ? { kind: 'ip_match', prefixes: list } : `${JSON.stringify(wrong)}, which ${notPrefix}`;
}

/** `32-36,38` as pairs; a text that is none says so. */
function byteRanges(argument: string): Operator | string {
  const ranges: (readonly [number, number])[] = [];
  for (const part of argument.split(',').map((piece) => piece.trim())) {
    const [, first, last = first] = /^(\d{1,3})(?:\s*-\s*(\d{1,3}))?$/.exec(part) ?? [];
    const range = [Number(first), Number(last)] as const;
    if (first === undefined || range[1] > 255 || range[0] > range[1]) return `the byte range ${JSON.stringify(part)}`;
    ranges.push(range);
  }
  return { kind: 'byte_outside', ranges };
}

/** A pattern of one line that takes anything costs nothing when it is not one. */
const anything: ReadonlySet<string> = new Set(['^.*$', '^.*', '.*']);

const operators: ReadonlyMap<string, Build> = new Map<string, Build>([
  // CRS is written for patterns whose dot takes line ends and whose ^ and $ stand for the whole text.
  ['rx', (pattern) => (anything.has(pattern) ? { kind: 'always' } : { kind: 'rx', pattern: `(?s)${pattern}` })],
  ['pm', (argument) => phrases(wordsOf(argument))],
  ['pmfromfile', (argument, context) => phrases(linesOf(argument, context))],
  ['pmf', (argument, context) => phrases(linesOf(argument, context))],
  ['detectsqli', () => ({ kind: 'sqli' })],
  ['detectxss', () => ({ kind: 'xss' })],
  ['eq', numeric('eq')],
  ['lt', numeric('lt')],
  ['gt', numeric('gt')],
  ['le', numeric('le')],
  ['ge', numeric('ge')],
  ['contains', textual('contains')],
  ['containsword', textual('contains_word')],
  ['strmatch', textual('contains')],
  ['streq', textual('equals')],
  ['within', textual('within')],
  ['beginswith', textual('begins_with')],
  ['endswith', textual('ends_with')],
  ['ipmatch', (argument) => addresses(argument.split(',').map((text) => text.trim()))],
  ['ipmatchfromfile', (argument, context) => addresses(linesOf(argument, context))],
  ['ipmatchf', (argument, context) => addresses(linesOf(argument, context))],
  ['validatebyterange', byteRanges],
  ['validateurlencoding', () => ({ kind: 'bad_url_encoding' })],
  ['validateutf8encoding', () => ({ kind: 'bad_utf8' })],
  ['unconditionalmatch', () => ({ kind: 'always' })],
]);

/** Reads an operator: `@rx …`, `!@eq 0`, or a bare pattern. */
export function readOperator(text: string, context: OperatorContext): ReadOperator {
  const [, mark, name = 'rx', argument = ''] = /^\s*(!?)\s*(?:@([A-Za-z0-9]+)(?:\s|$))?(.*)$/s.exec(text) ?? [];
  const lower = name.toLowerCase();
  if (lower === 'nomatch') return { operator: { kind: 'always' }, negated: mark !== '!' };
  const build = operators.get(lower);
  if (build === undefined) return `the operator @${name}`;
  const built = build(argument.trimStart(), context);
  if (typeof built === 'string') return `${built} (@${name})`;
  if (built.kind === 'rx' && built.pattern.includes('%{')) return 'a macro in a pattern (@rx)';
  return { operator: built, negated: mark === '!' };
}
