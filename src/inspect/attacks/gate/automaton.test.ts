import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { embeddedRules } from '../rules/index.ts';
import { type Automaton, compileAutomaton, openAllowance, type Word } from './automaton.ts';
import { openStore } from './store.ts';

const amply = 64 * 1024 * 1024;

test('it is sure of texts in ASCII, and asks the engine about others that may match', () => {
  const cases: readonly (readonly [pattern: string, text: string, word: Word])[] = [
    ['b', 'abc', 'yes'],
    ['b', 'acd', 'no'],
    ['^b', 'ab', 'no'],
    ['b$', 'ab', 'yes'],
    ['b$', 'abc', 'no'],
    ['^$', '', 'yes'],
    ['^$', '\n', 'no'],
    ['', 'any', 'yes'],
    ['a.b', 'a\nb', 'no'],
    ['(?s)a.b', 'a\nb', 'yes'],
    ['(?i)[^a]', 'A', 'no'],
    ['\\bor\\b', 'for or', 'yes'],
    ['\\bor\\b', 'for', 'no'],
    ['r\\b', 'or', 'yes'],
    ['\\Bor', 'or', 'no'],
    ['x{3}', 'xxyxxx', 'yes'],
    ['^x{2,3}$', 'xxxx', 'no'],
    ['^x{20}$', 'x'.repeat(16), 'perhaps'],
    ['^x{20}$', 'x'.repeat(15), 'no'],
    ['^.$', '😀', 'perhaps'],
    ['^..$', '😀', 'no'],
    ['é', 'ü', 'perhaps'],
    ['a', 'üa', 'perhaps'],
    ['a', 'aü', 'yes'],
    ['(?i)k', '\u212a', 'perhaps'],
    ['(?m)^b', 'a\nb', 'perhaps'],
    ['\\pL', '1', 'perhaps'],
    ['(?=a)', 'b', 'perhaps'],
  ];
  for (const [pattern, text, word] of cases)
    assert.equal(
      compileAutomaton(pattern, openStore(amply))(text, openAllowance()),
      word,
      `${pattern} of ${JSON.stringify(text)}`,
    );
});

test('a text that leads to more states than are worth it is left to the engine', () => {
  const automaton = compileAutomaton('(?:a|b)*a(?:a|b){14}c', openStore(amply));
  let seed = 1;
  const next = (): string => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed >>> 31 === 0 ? 'a' : 'b';
  };
  assert.equal(automaton(Array.from({ length: 5000 }, next).join(''), openAllowance()), 'perhaps');
  assert.equal(automaton('abc', openAllowance()), 'no');
});

test('what a request may spend on states is spent by all of its looks together', () => {
  const allowance = { work: 30 };
  const [one, other] = ['xyz', 'zyx'].map((pattern) => compileAutomaton(pattern, openStore(amply)));
  assert.equal(one?.('abc', allowance), 'no');
  assert.equal(other?.('xyzzyx', allowance), 'perhaps');
  assert.equal(other?.('xyzzyx', openAllowance()), 'yes');
  assert.equal(other?.('xyzzyx', allowance), 'yes', 'by now its states are known');
});

const patterns = [
  '(?i)<script[^>]*>',
  '(?s)a.*b',
  '^(?:b["\']*u|[x-z]{2,}|\\d+\\.\\d)',
  '(?i)s+k?',
  '[^a-z]$',
  '\\b(?:or|and)\\b\\s*\\d',
  '\\W\\w\\s',
  '(?:^|x)\\B\\w?$',
  '(?:a|b(?:c|d)?)+e',
  '[\\x80-\\xff]{2}',
  '(?i)[^\\W_]{2}\\b.\\B',
  '(?:a?){9}b{2,30}c{0,2}$',
  ...embeddedRules.flatMap(({ conditions }) =>
    conditions.flatMap(({ operator }) => (operator.kind === 'rx' ? [operator.pattern] : [])),
  ),
];

const signs = Array.from({ length: 95 }, (_, code) => String.fromCharCode(32 + code));
const pieces = fc.constantFrom(
  ...['<script', 'union', 'select', 'or', 'and', '..', '${', '1=1', 'cat ', '/etc/passwd', 'bc', '%2e', '--', '/*'],
  ...['\u017f', '\u212a', 'é', '😀', '\ud800', '\n', '\0', '\u00a0', ...signs],
);
/** Texts of pieces that patterns look for, and texts from a piece of a pattern itself. */
const textsFor = (pattern: string): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        pieces,
        fc.nat(pattern.length).map((at) => pattern.slice(at, at + 4)),
      ),
      { maxLength: 10 },
    )
    .map((parts) => parts.join(''));

function holdsAgainstRe2(automaton: Automaton, pattern: string): void {
  const compiled = RE2JS.compile(pattern);
  const isTrue = (text: string): boolean => {
    const word = automaton(text, openAllowance());
    return word === 'perhaps' || (word === 'yes') === compiled.test(text);
  };
  fc.assert(fc.property(textsFor(pattern), isTrue), { numRuns: 60 });
}

for (const [title, bytes] of [
  ['amply', amply],
  ['hardly any', 20_000],
] as const) {
  test(`what it is sure of, RE2 says too: ${title} of room for states`, () => {
    const store = openStore(bytes);
    for (const pattern of patterns) holdsAgainstRe2(compileAutomaton(pattern, store), pattern);
  });
}
