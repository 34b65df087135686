import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anchorsOf } from './anchors.ts';

test('anchors are told from classes, escapes and quotations', () => {
  const patterns: readonly (readonly [pattern: string, start: boolean, end: boolean])[] = [
    ['^a$', true, true],
    ['\\Aa\\z', true, true],
    ['(?:^|b)[^a]', true, false],
    ['[^a]\\$', false, false],
    ['\\\\$', false, true],
    ['[]$^]', false, false],
    ['[^]$]', false, false],
    ['[[:alpha:]$]^', true, false],
    ['[\\]$]', false, false],
    ['\\Q^$\\E', false, false],
    ['\\Q^$\\E$', false, true],
    ['\\^\\A', true, false],
  ];
  for (const [pattern, start, end] of patterns) assert.deepEqual(anchorsOf(pattern), { start, end }, pattern);
});
