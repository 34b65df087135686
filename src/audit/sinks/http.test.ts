import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveredOf, retryAfterMs } from './http.ts';

test('Retry-After is seconds or a date, and anything else says nothing', () => {
  const nowMs = Date.UTC(2026, 0, 1);
  assert.equal(retryAfterMs('120', nowMs), 120_000);
  assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', nowMs), 30_000);
  assert.equal(retryAfterMs('Wed, 31 Dec 2025 23:00:00 GMT', nowMs), 0);
  for (const odd of [null, '', '-1', 'soon']) assert.equal(retryAfterMs(odd, nowMs), 0);
});

test('what a status says of a batch', () => {
  const said = (status: number, afterMs = 0) => deliveredOf({ status, afterMs, body: '' });
  for (const status of [200, 202, 204]) assert.equal(said(status), 'written');
  for (const status of [400, 413, 422]) assert.equal(said(status), 'refused');
  for (const status of [301, 401, 403, 404, 408, 429, 500, 503]) assert.equal(said(status), 'away');
  assert.deepEqual(said(429, 5000), { afterMs: 5000 });
  assert.equal(deliveredOf(undefined), 'away');
});
