import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHeaderValue } from './header-value.ts';

test('text that arrives as it is', () => {
  for (const value of ['', 'a', 'a b', 'Alice Müller', '中', '{"a": 1}', '\u{1f600}'])
    assert.ok(isHeaderValue(value), value);
});

test('text that would change on its way, or begin a line', () => {
  const values = [
    'a\r\nb',
    'a\nb',
    'a\0b',
    'a\tb',
    'a\u0085b',
    'a\u2028b',
    'a\u2029b',
    '\ud800',
    ' a',
    'a ',
    '\u00a0a',
    ' ',
  ];
  for (const value of values) assert.ok(!isHeaderValue(value), JSON.stringify(value));
});
