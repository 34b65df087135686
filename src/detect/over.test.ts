import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anEntry } from '../../test/support/access-entries.ts';
import { observationsOf, openOver, overEntry } from './over.ts';

const vouched = { reason: 'ok', rule: 'orders-rule', principalSource: 'idp', principalId: 'ann' };

test('a request that is over is told of with its principal, its rule and how it ended', () => {
  const over = openOver(10);
  const entry = overEntry(anEntry({ vouched, response: { status: 404 } }), false);
  assert.ok(entry);
  over.add(entry);
  const batch = over.take();
  assert.ok(batch);
  assert.deepEqual(
    [...observationsOf(structuredClone(batch))],
    [
      {
        stage: 'over',
        atMs: 1_700_000_000_012,
        network: '198.51.100.7',
        principal: 'idp/ann',
        guess: undefined,
        route: 'orders-rule',
        reason: 'ok',
        path: '/orders/1',
        status: 404,
        upstreamFailed: false,
        bytesOut: 40,
      },
    ],
  );
  assert.equal(over.take(), undefined);
});

test('what our Check refused is not told of twice, and what nobody asked us about has no reason', () => {
  assert.equal(overEntry(anEntry({ vouched: { reason: 'permission_missing' } }), false), undefined);
  const unasked = overEntry(anEntry({ client: { address: '2001:db8:1:2:3::4' } }), true);
  assert.equal(unasked?.asked, false);
  assert.equal(unasked?.network, '2001:db8:1:2::/64');
  assert.equal(unasked?.route, 'orders');
  assert.equal(unasked?.path, '');
});

test('what there is no room for is counted', () => {
  const over = openOver(2);
  const entry = overEntry(anEntry(), false);
  assert.ok(entry);
  for (let each = 0; each < 5; each += 1) over.add(entry);
  const batch = over.take();
  assert.equal(batch?.lost, 3);
  assert.equal(batch?.atMs.length, 2);
});
