import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abstain, fail, pass, passWith, reject } from './verdict.ts';

test('verdicts without facts carry none', () => {
  assert.deepEqual(pass(), { kind: 'pass', value: undefined, detail: {} });
  assert.deepEqual(abstain(), { kind: 'abstain', detail: {} });
  assert.deepEqual(passWith(7), { kind: 'pass', value: 7, detail: {} });
  assert.deepEqual(fail('internal_error'), { kind: 'fail', reason: 'internal_error', detail: {} });
  assert.deepEqual(reject('no_rule'), {
    kind: 'reject',
    reason: 'no_rule',
    detail: {},
    expose: {},
    headers: [],
    redirect: undefined,
    stepUp: undefined,
  });
});

test('facts stay inside, what is exposed stands apart', () => {
  const headers = [{ name: 'retry-after', value: '1' }];
  const verdict = reject('limit_exceeded', { limit: 'per_user' }, { expose: { limit: 1 }, headers });
  assert.deepEqual([verdict.detail, verdict.expose, verdict.headers], [{ limit: 'per_user' }, { limit: 1 }, headers]);
  assert.deepEqual(reject('body_mismatch', {}, { expose: { pointer: '/a' } }).headers, []);
  assert.deepEqual(abstain({ why: 'none' }).detail, { why: 'none' });
  assert.deepEqual(passWith(7, { key: 'a' }).detail, { key: 'a' });
  assert.deepEqual(fail('internal_error', { error: 'TypeError' }).detail, { error: 'TypeError' });
  assert.deepEqual(fail('internal_error', {}, headers).headers, headers);
});

test('what verdicts share cannot be changed', () => {
  for (const shared of [pass(), abstain(), abstain().detail, reject('no_rule').headers, reject('no_rule').expose]) {
    assert.ok(Object.isFrozen(shared));
  }
});
