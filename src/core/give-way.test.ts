import assert from 'node:assert/strict';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { giveWay } from './give-way.ts';

test('a thread that nobody can tell takes its turns like all others', () => {
  const before = getPriority();
  giveWay('/nowhere');
  assert.equal(getPriority(), before);
});
