import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../test/support/recording-context.ts';
import { type AttributesSketch, anAttributes } from '../../test/support/requests.ts';
import { formatAddress } from '../core/address.ts';
import { buildClientAddress, type ClientAddressOptions } from './client-address.ts';

function clientOf(options: ClientAddressOptions | undefined, sketch: AttributesSketch): string | undefined {
  const { context, issues } = recordIssues();
  const address = buildClientAddress(options, context)(anAttributes(sketch));
  assert.deepEqual(issues, []);
  return address === undefined ? undefined : formatAddress(address);
}

const forwarded = (hops: number, values: string | readonly string[]): string | undefined =>
  clientOf({ from: 'x-forwarded-for', trusted_hops: hops }, { headers: { 'x-forwarded-for': values } });

test('without the key, and with from: peer, it is the peer', () => {
  const headers = { 'x-forwarded-for': '203.0.113.9' };
  assert.equal(clientOf(undefined, { headers }), '192.0.2.1');
  assert.equal(clientOf({ from: 'peer' }, { headers }), '192.0.2.1');
  assert.equal(clientOf({ from: 'peer' }, { peer: '::ffff:10.0.0.1' }), '10.0.0.1');
});

test('a unix socket has no address', () => {
  for (const peer of ['', '/run/envoy.sock', 'fe80::1%eth0']) assert.equal(clientOf(undefined, { peer }), undefined);
});

test('the element is counted from the right, over all lines', () => {
  assert.equal(forwarded(1, '198.51.100.1, 203.0.113.9'), '203.0.113.9');
  assert.equal(forwarded(2, '198.51.100.1,\t203.0.113.9'), '198.51.100.1');
  assert.equal(forwarded(2, ['1.1.1.1, 198.51.100.1', '203.0.113.9']), '198.51.100.1');
  assert.equal(forwarded(1, ' 2001:DB8::1 '), '2001:db8::1');
  assert.equal(forwarded(1, '::ffff:10.0.0.1'), '10.0.0.1');
});

test('one hop is the default', () => {
  const headers = { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' };
  assert.equal(clientOf({ from: 'x-forwarded-for' }, { headers }), '203.0.113.9');
});

test('too few elements or junk is the peer', () => {
  assert.equal(forwarded(2, '203.0.113.9'), '192.0.2.1');
  assert.equal(forwarded(3, ['203.0.113.9', '203.0.113.8']), '192.0.2.1');
  const junk = [
    '',
    ',',
    'not-an-ip',
    'unknown',
    'fe80::1%eth0',
    '203.0.113.9:80',
    '[2001:db8::1]',
    '"203.0.113.9"',
    '203.0.113.9,',
  ];
  for (const value of junk) assert.equal(forwarded(1, value), '192.0.2.1', value);
  assert.equal(forwarded(1, []), '192.0.2.1');
  assert.equal(clientOf({ from: 'x-forwarded-for' }, {}), '192.0.2.1');
});

test('blanks around the element do not count, and any number of them is read in one go', () => {
  const blanks = ' \t'.repeat(20_000);
  assert.equal(forwarded(1, `${blanks}203.0.113.9${blanks}`), '203.0.113.9');
  // By a regular expression for blanks at the end, this many of these would take minutes.
  for (let round = 0; round < 100; round += 1) assert.equal(forwarded(1, `203.0.113.9${blanks}x`), '192.0.2.1');
  assert.equal(forwarded(1, blanks), '192.0.2.1');
  assert.equal(forwarded(1, '\u00a0203.0.113.9'), '192.0.2.1');
});

test('nothing else that speaks of an address is read', () => {
  const headers = {
    forwarded: 'for="203.0.113.9,b;c"',
    'x-real-ip': '203.0.113.9',
    'x-envoy-external-address': '203.0.113.9',
    'true-client-ip': '203.0.113.9',
    x_forwarded_for: '203.0.113.9',
  };
  assert.equal(clientOf({ from: 'x-forwarded-for', trusted_hops: 1 }, { headers }), '192.0.2.1');
});

test('hops without x-forwarded-for are an issue', () => {
  const { context, issues } = recordIssues();
  buildClientAddress({ from: 'peer', trusted_hops: 1 }, context);
  assert.equal(issues.length, 1);
  assert.match(issues[0] ?? '', /^trusted_hops /);
});
