import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientNetwork } from './client-network.ts';

test('an IPv4 client is its address, an IPv6 client its /64', () => {
  const networks = {
    '192.0.2.1': '192.0.2.1',
    '::ffff:192.0.2.1': '192.0.2.1',
    '::ffff:c000:201': '192.0.2.1',
    '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
    '2001:db8:1:2::1': '2001:db8:1:2::/64',
    '2001:db8::1': '2001:db8::/64',
    '::1': '::/64',
    'no address': 'no address',
  };
  for (const [address, network] of Object.entries(networks)) assert.equal(clientNetwork(address), network);
});
