import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anEntry, type EntrySketch } from '../../test/support/access-entries.ts';
import { causes, durationBounds, statusClasses, type Tally, type TrafficCounts } from '../core/traffic.ts';
import { openTraffic } from './traffic.ts';

function countsOf(sketches: readonly EntrySketch[], bounds = { clients: 10, routes: 10 }): TrafficCounts {
  const traffic = openTraffic(bounds);
  for (const sketch of sketches) traffic.take(anEntry(sketch));
  return traffic.counts();
}
const names = (tallies: TrafficCounts['clients']): readonly string[] => tallies.map(([name]) => name);
const tally = (tallies: TrafficCounts['clients'], name: string): Tally =>
  tallies.find(([own]) => own === name)?.[1] ?? assert.fail(`no ${name}`);

test('a client is its principal, else its address, and one of IPv6 its network', () => {
  const counts = countsOf([
    { vouched: { principalSource: 'users', principalId: 'alice' } },
    { client: { address: '203.0.113.9' } },
    { client: { address: '2001:db8:1:2:3::4' } },
    { client: { address: '2001:db8:1:2:ffff::5' } },
    { client: { address: '' } },
    { client: { address: 'unix:/run/x' } },
  ]);
  assert.deepEqual(names(counts.clients), ['users/alice', '203.0.113.9', '2001:db8:1:2::/64', 'unknown', 'other']);
});

test('a route is the rule that decided, else what Envoy calls its route', () => {
  const counts = countsOf([{ vouched: { rule: 'orders-read' } }, {}, { upstream: { route: '' } }]);
  assert.deepEqual(names(counts.routes), ['orders-read', 'orders', 'none', 'other']);
});

test('what is counted of a request', () => {
  const counts = countsOf([
    { endMs: 1 },
    { endMs: 61_000, response: { status: 503, flags: ['UF'] } },
    { response: { status: undefined, flags: ['DC'], bodyBytes: 7 } },
  ]);
  const { requests, errors, durations, durationSeconds, bytesOut } = tally(counts.routes, 'orders');
  assert.deepEqual(
    [...requests],
    statusClasses.map((name) => (['none', '2xx', '5xx'].includes(name) ? 1 : 0)),
  );
  assert.deepEqual(
    [...errors],
    causes.map((name) => (['client', 'upstream'].includes(name) ? 1 : 0)),
  );
  assert.deepEqual([durations[0], durations[4], durations[durationBounds.length]], [1, 1, 1]);
  assert.equal(durationSeconds, 61.013);
  assert.equal(bytesOut, 87);
});

test('what there is no room for is counted together', () => {
  const addresses = Array.from({ length: 50 }, (_, index) => ({ client: { address: `203.0.113.${index}` } }));
  const { clients } = countsOf([...new Array(30).fill({}), ...addresses], { clients: 3, routes: 3 });
  assert.equal(clients.length, 4);
  assert.equal(tally(clients, '198.51.100.7').requests[2], 30);
  assert.equal(
    clients.reduce((sum, [, { requests }]) => sum + (requests[2] ?? 0), 0),
    80,
  );
});

test('counts go on from what was counted before', () => {
  const sketches = [{}, {}, { client: { address: '203.0.113.9' }, upstream: { route: 'b' } }];
  const bounds = { clients: 1, routes: 10 };
  const before = countsOf(sketches, bounds);
  assert.deepEqual(openTraffic(bounds, before).counts(), before);
  const traffic = openTraffic(bounds, structuredClone(before));
  traffic.take(anEntry({ client: { address: '203.0.113.9' } }));
  const { clients, routes } = traffic.counts();
  assert.deepEqual([tally(clients, '203.0.113.9').requests[2], tally(clients, 'other').requests[2]], [2, 2]);
  assert.deepEqual([tally(routes, 'orders').requests[2], tally(routes, 'b').requests[2]], [3, 1]);
});

test('what is itself called other is counted with the rest, so that each name comes once', () => {
  const { clients, routes } = countsOf([{ client: { address: 'other' }, vouched: { rule: 'other' } }]);
  assert.deepEqual([names(clients), names(routes)], [['other'], ['other']]);
  assert.deepEqual([tally(clients, 'other').requests[2], tally(routes, 'other').requests[2]], [1, 1]);
});

test('a name is bounded', () => {
  const long = 'x'.repeat(5000);
  const { clients, routes } = countsOf([{ vouched: { principalSource: 'users', principalId: long, rule: long } }]);
  for (const name of [...names(clients), ...names(routes)]) assert.ok(name.length <= 128);
});
