import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberAt } from './number-at.ts';

test('what is not there is 0', () => {
  for (const values of [[7], Uint32Array.of(7), Uint8Array.of(7)]) {
    assert.deepEqual([numberAt(values, 0), numberAt(values, 1), numberAt(values, -1)], [7, 0, 0]);
  }
});
