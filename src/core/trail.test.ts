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
    {
      step: 'guard',
      rule: undefined,
      shadow: false,
      verdict: 'pass',
      reason: undefined,
      detail: { host: 'a' },
      durationMs: 0,
    },
    { step: 'identify', rule: 'r', shadow: false, verdict: 'abstain', reason: undefined, detail: {}, durationMs: 0 },
    {
      step: 'authorize',
      rule: 'r',
      shadow: true,
      verdict: 'reject',
      reason: 'role_missing',
      detail: { role: 'admin' },
      durationMs: 0,
    },
    {
      step: 'inspect',
      rule: undefined,
      shadow: false,
      verdict: 'fail',
      reason: 'internal_error',
      detail: {},
      durationMs: 0,
    },
  ]);
});

test('trails are apart', () => {
  openTrail().note('guard', abstain());
  assert.deepEqual(openTrail().entries, []);
});

test('each step takes the time since the one before it; what is noted within a step takes none', () => {
  let nowMs = 10;
  const trail = openTrail(() => nowMs);
  const after = (ms: number, ...said: Parameters<typeof trail.note>): void => {
    nowMs += ms;
    trail.note(...said);
  };
  after(1, 'guard', reject('address_blocked'), { shadow: true });
  after(2, 'guard', abstain());
  after(4, 'limit', abstain(), { rule: 'r', shadow: true });
  after(8, 'limit', abstain(), { rule: 'r' });
  assert.deepEqual(
    trail.entries.map(({ durationMs }) => durationMs),
    [0, 3, 4, 8],
  );
});
