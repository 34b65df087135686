import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withinStack } from './bounded.ts';

test('a stack that overflows is the excess of the payload, and any other bug a bug', () => {
  const deeper = (): never => deeper();
  const verdict = withinStack(deeper);
  assert.ok(verdict.kind === 'reject' && verdict.reason === 'payload_excessive');
  assert.throws(() =>
    withinStack(() => {
      throw new RangeError('Invalid array length');
    }),
  );
});
