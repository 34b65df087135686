import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commonForm, commonForms, parseQuery } from './query.ts';

const pairs = (query: string) => parseQuery(query)?.map(({ name, value }) => [name, value]);

test('parameters are decoded once, in order, with duplicates', () => {
  assert.deepEqual(pairs('a=1&b=x+y&a=%32&c&&d=e=f&=g&%2561=h'), [
    ['a', '1'],
    ['b', 'x y'],
    ['a', '2'],
    ['c', ''],
    ['d', 'e=f'],
    ['', 'g'],
    ['%61', 'h'],
  ]);
  assert.deepEqual(pairs(''), []);
});

test('a broken escape is no query', () => {
  for (const query of ['a=%', 'a=%4', 'a=%zz', '%c3=1', 'a=%ff', 'a=%c0%af', 'a=%ed%a0%80', 'ok=1&x=%']) {
    assert.equal(parseQuery(query), undefined, query);
  }
});

test('agrees with URLSearchParams on what that writes', () => {
  const text = fc.string({ unit: 'binary', maxLength: 8 });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 5 }), (entries) => {
      assert.deepEqual(pairs(new URLSearchParams(entries).toString()), [...new URLSearchParams(entries)]);
    }),
  );
});

test('names that careless readers mix up have one common form', () => {
  for (const name of [
    'from.day',
    'FROM.day',
    'from_day',
    'from day',
    ' from.day',
    'from.day[]',
    'from.day[0][x',
    'from.day\0x',
  ]) {
    assert.equal(commonForm(name), 'from_day');
  }
  for (const name of ['fromday', 'from-day', 'xfrom.day']) assert.notEqual(commonForm(name), 'from_day');
});

test('a bracket that nobody closes may be an underscore', () => {
  assert.deepEqual(commonForms('from[day'), ['from', 'from_day']);
  assert.deepEqual(commonForms(' From.[day\0[x'), ['from_', 'from__day']);
  assert.deepEqual(commonForms('from.day'), ['from_day']);
});
