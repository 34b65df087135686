import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compilePattern, type Pattern } from './pattern.ts';

function compiled(source: string): Pattern {
  const result = compilePattern(source);
  assert.ok('pattern' in result, 'problem' in result ? result.problem : '');
  return result.pattern;
}

test('a whole match is whole, a test is not', () => {
  const digits = compiled('[0-9]+');
  assert.equal(digits.matches('123'), true);
  for (const text of ['', '12a', 'a12', '12\n', '١٢']) assert.equal(digits.matches(text), false, text);
  assert.equal(digits.test('a1b'), true);
  assert.equal(compiled('a|ab').matches('ab'), true);
  assert.equal(compiled('a$|b').matches('a\n'), false);
});

test('what RE2 or ECMAScript cannot take has a message', () => {
  const bad = [
    '(?=a)b',
    '(a)\\1',
    '(?<!a)b',
    'a{1,2000}',
    '([',
    '\\Qa',
    '[[:alpha:]]',
    '\\ud83d\\ude00',
    '\\p{Nope}',
    '**',
  ];
  for (const source of bad) {
    const result = compilePattern(source);
    assert.ok('problem' in result && result.problem.length > 0, source);
  }
});

test('means what ECMAScript means', () => {
  const sources = [
    '^.$',
    '^\\s$',
    '^\\S$',
    '^[\\s]$',
    '^[^\\s]$',
    '^[\\S]$',
    '^[x\\S]$',
    '^\\w$',
    '^\\d$',
    '^\\W$',
    '^[^a]$',
    '^[[a]$',
    '^\\u00e9$',
    '^\\u{1F600}$',
    '^[\\u4e00-\\u9fa5.]$',
    '^\\.$',
    '^\\[.$',
    '^\\p{L}$',
    '^[^]$',
    '(?i:k)',
    '\\bx\\b',
  ];
  const edges =
    '\t\n\v\f\r \u0000\u0008\u000e\u001f!\u0085\u00a0\u1680\u180e\u2000\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff.[:aA0_Kxé世😀'.match(
      /./gsu,
    );
  const text = fc.oneof(fc.constantFrom(...(edges ?? [])), fc.string({ unit: 'binary', maxLength: 3 }));
  fc.assert(
    fc.property(fc.constantFrom(...sources), text, (source, input) => {
      assert.equal(
        compiled(source).test(input),
        new RegExp(source, 'u').test(input),
        `${source} on ${JSON.stringify(input)}`,
      );
    }),
    { numRuns: 3000 },
  );
});

test('a pattern that would run for ages elsewhere ends', () => {
  assert.equal(compiled('^(a+)+$').matches(`${'a'.repeat(100_000)}!`), false);
});
