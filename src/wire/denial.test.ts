import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail, reject } from '../core/verdict.ts';
import { denial } from './denial.ts';

test('a denial that sends a browser elsewhere is a 302, and keeps its reason inside', () => {
  const cookie = { name: 'set-cookie', value: 'a=1', append: true } as const;
  const redirect = 'https://idp.example/auth?x=1';
  const sent = denial('d1', 'orders', reject('login_required', {}, { redirect, headers: [cookie] }), {});
  assert.equal(sent.status, 302);
  assert.equal(sent.reason, 'login_required');
  assert.deepEqual(
    sent.headers.filter(({ name }) => name === 'location' || name === 'set-cookie' || name === 'cache-control'),
    [{ name: 'cache-control', value: 'no-store' }, { name: 'location', value: redirect }, cookie],
  );
  assert.deepEqual(JSON.parse(sent.body), {
    type: 'about:blank',
    title: 'Found',
    status: 302,
    reason: 'unauthenticated',
    decision_id: 'd1',
  });
  assert.equal(denial('d1', 'orders', reject('login_required'), {}).status, 401);
});

test('a failure brings along what was renewed on the way', () => {
  const cookie = { name: 'set-cookie', value: 'a=1', append: true } as const;
  const failed = denial('d1', 'orders', fail('inspection_failed', {}, [cookie]), {});
  assert.deepEqual([failed.status, failed.headers.at(-1)], [503, cookie]);
});
