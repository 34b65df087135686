import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bug, errorName } from './bug.ts';

test('an error is told by its name, and its message by nobody', () => {
  assert.equal(errorName(new RangeError('Bearer secret')), 'RangeError');
  assert.equal(errorName('secret'), 'string');
  assert.equal(errorName(undefined), 'undefined');
  assert.deepEqual(bug(new TypeError('secret')), {
    kind: 'fail',
    reason: 'internal_error',
    detail: { error: 'TypeError' },
  });
});
