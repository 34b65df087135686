import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { embeddedRules } from '../rules/index.ts';
import { alphabets } from './alphabets.ts';
import { type Gate, patternGates } from './gate.ts';
import { hasList, type Scan, scanSteps } from './scanner.ts';
import { allSteps } from './steps.ts';

const compileScan = (lists: readonly (readonly string[])[]): Scan => allSteps(scanSteps(lists));

const everything = alphabets.length - 1;
const gateOf = (pattern: string, alphabet = everything): Gate | undefined => patternGates(pattern, alphabets)[alphabet];

test('what a match must have is found in a pattern', () => {
  const words: readonly (readonly [pattern: string, words: readonly (readonly string[])[]])[] = [
    ['union\\s+select', [['select'], ['union']]],
    ['(?i)UNION', [['union']]],
    ['(?:cat|dog)s?', [['cat', 'cats', 'dog', 'dogs']]],
    ['c(?:at|url)', [['cat', 'curl']]],
    ['a*', []],
    ['(?:abc)?', []],
    ['x|', []],
    ['[[:alpha:]]+foo\\Q.+\\E', [['foo.+']]],
    ['(?:foo){2,3}', [['foo']]],
  ];
  for (const [pattern, expected] of words) assert.deepEqual(gateOf(pattern)?.words, expected, pattern);
});

test('of few characters a pattern may have nothing left', () => {
  assert.equal(gateOf('<script', 0), undefined);
  assert.equal(gateOf('a[<>]b|c`', 0), undefined);
  assert.deepEqual(gateOf('b["\']*u["\']*s', 0)?.words, [['bus']]);
  assert.deepEqual(gateOf('(?:<x|y{2}z)', 0)?.words, [['yyz']]);
});

test('what is not understood keeps nothing out', () => {
  for (const pattern of ['(?=a)b', '(', '[a', '\\y', 'a**(', '(?<n>x', '[[:nope:]]']) {
    assert.deepEqual(gateOf(pattern), { words: [], masks: [] }, pattern);
  }
});

test('the scan finds every word of every list, in any case', () => {
  const scan = compileScan([['select', 'sel'], ['elect'], ['K'], ['nothing']]);
  const found = (text: string): readonly number[] => [0, 1, 2, 3].filter((list) => hasList(scan(text), list));
  assert.deepEqual(found('SELECT'), [0, 1]);
  assert.deepEqual(found('\u017felect'), [0, 1]);
  assert.deepEqual(found('\u212a'), [2]);
  assert.deepEqual(found('seléct'), [0]);
  assert.deepEqual(found(''), []);
});

/** Whether a pattern's gates let a text through. */
function passes(
  pattern: string,
  scanned: Map<string, { readonly gates: readonly (Gate | undefined)[]; readonly scan: Scan }>,
  text: string,
): boolean {
  const known = scanned.get(pattern) ?? { gates: patternGates(pattern, alphabets), scan: compileScan([]) };
  const gate = known.gates[compileScan([])(text).alphabet];
  if (gate === undefined) return false;
  const sight = compileScan(gate.words)(text);
  return (
    gate.words.every((_, list) => hasList(sight, list)) &&
    gate.masks.every(({ signs, others }) => (sight.signs & signs) !== 0 || (sight.others & others) !== 0)
  );
}

test('no gate keeps out what its pattern matches', () => {
  const patterns = [
    '(?i)<script[^>]*>',
    '(?s)a.*b',
    '^(?:b["\']*u|[x-z]{2,}|\\d+\\.\\d)',
    '(?i)s+k?',
    '[^a-z]$',
    '\\b(?:or|and)\\b\\s*\\d',
    '\\W\\w\\s',
    '(?:a|b(?:c|d)?)+e',
    '[\\x80-\\xff]{2}',
    ...embeddedRules
      .flatMap(({ conditions }) => conditions.map(({ operator }) => (operator.kind === 'rx' ? operator.pattern : '')))
      .filter((pattern) => pattern !== '')
      .slice(0, 40),
  ];
  const seeds = fc.constantFrom(
    '<script',
    '>',
    'a',
    'b',
    'union',
    ' ',
    'select',
    '\u017f',
    'K',
    '1',
    '.',
    '..',
    '/',
    "'",
    '"',
    'or',
    '=',
    '${',
    'é',
    '\n',
    'bc',
    'e',
    '%',
    '(',
    ';',
  );
  const texts = fc.array(fc.oneof(seeds, fc.string({ maxLength: 3 })), { maxLength: 8 }).map((parts) => parts.join(''));
  for (const pattern of patterns) {
    const compiled = RE2JS.compile(pattern);
    fc.assert(
      fc.property(texts, (text) => !compiled.test(text) || passes(pattern, new Map(), text)),
      { numRuns: 60 },
    );
  }
});
