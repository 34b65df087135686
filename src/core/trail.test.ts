import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTrail } from './trail.ts';
import { abstain, fail, passWith, reject } from './verdict.ts';

test('a trail keeps what each step said, in order', () => {
  const trail = openTrail();
  trail.note('guard', passWith('a value that stays out', { host: 'a' }));
  trail.note('identify', abstain(), { rule: 'r' });
  trail.note('authorize', reject('role_missing', { role: 'admin' }), { rule: 'r', shadow: true });
  trail.note('inspect', fail('internal_error'), { shadow: false });
  assert.deepEqual(trail.entries, [
    { step: 'guard', rule: undefined, shadow: false, verdict: 'pass', reason: undefined, detail: { host: 'a' } },
    { step: 'identify', rule: 'r', shadow: false, verdict: 'abstain', reason: undefined, detail: {} },
    {
      step: 'authorize',
      rule: 'r',
      shadow: true,
      verdict: 'reject',
      reason: 'role_missing',
      detail: { role: 'admin' },
    },
    { step: 'inspect', rule: undefined, shadow: false, verdict: 'fail', reason: 'internal_error', detail: {} },
  ]);
});

test('trails are apart', () => {
  openTrail().note('guard', abstain());
  assert.deepEqual(openTrail().entries, []);
});
