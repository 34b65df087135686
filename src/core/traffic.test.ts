import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anEntry } from '../../test/support/access-entries.ts';
import { openTraffic } from '../access-log/traffic.ts';
import { packTraffic, unpackTraffic } from './traffic.ts';

test('what was packed is what was counted', () => {
  const traffic = openTraffic({ clients: 10, routes: 10 });
  for (const status of [200, 404, 503]) traffic.take(anEntry({ response: { status }, endMs: status }));
  traffic.take(anEntry({ client: { address: '192.0.2.1' }, upstream: { route: 'other' } }));
  const counts = traffic.counts();
  assert.deepEqual(unpackTraffic(structuredClone(packTraffic(counts))), counts);
  assert.equal(counts.clients.length, 3);
});
