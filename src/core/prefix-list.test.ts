import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../test/support/recording-context.ts';
import { notPrefix, readPrefixes } from './prefix-list.ts';

test('every prefix is read, and what is none is an issue at its place', () => {
  const { context, issues } = recordIssues();
  const prefixes = readPrefixes(['10.0.0.0/8', '10.0.0.1/8', '2001:db8::1', 'x'], context);
  assert.deepEqual(
    prefixes.map(({ text }) => text),
    ['10.0.0.0/8', '2001:db8::1'],
  );
  assert.deepEqual(issues, [`1 "10.0.0.1/8" ${notPrefix}`, `3 "x" ${notPrefix}`]);
});
