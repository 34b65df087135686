import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shadowOutcomes } from './shadow.ts';
import { openTrail } from './trail.ts';
import { abstain, fail, pass, reject } from './verdict.ts';

test('a call without shadow rules has no outcomes', () => {
  const trail = openTrail();
  trail.note('authorize', reject('role_missing'), { rule: 'orders' });
  assert.deepEqual(shadowOutcomes(trail.entries), []);
});

test('each shadow rule has one outcome: its first refusal, or an allow', () => {
  const trail = openTrail();
  trail.note('guard', pass());
  trail.note('limit', pass(), { rule: 'first', shadow: true });
  trail.note('identify', reject('token_expired'), { rule: 'first', shadow: true });
  trail.note('limit', fail('internal_error'), { rule: 'first', shadow: true });
  trail.note('identify', abstain(), { rule: 'second', shadow: true });
  trail.note('authorize', pass(), { rule: 'deciding' });
  assert.deepEqual(shadowOutcomes(trail.entries), [
    { rule: 'first', effect: 'deny', step: 'identify', reason: 'token_expired' },
    { rule: 'second', effect: 'allow', step: undefined, reason: undefined },
  ]);
});
