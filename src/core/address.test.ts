import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatAddress, parseAddress, parseNetwork, parsePrefix } from './address.ts';

const canonical = (text: string): string | undefined => {
  const address = parseAddress(text);
  return address === undefined ? undefined : formatAddress(address);
};

const prefixText = (text: string): string | undefined => parsePrefix(text)?.text;

test('addresses have one canonical text', () => {
  assert.equal(canonical('192.0.2.7'), '192.0.2.7');
  assert.equal(canonical('255.255.255.255'), '255.255.255.255');
  assert.equal(canonical('2001:DB8:0:0:0:0:0:1'), '2001:db8::1');
  assert.equal(canonical('2001:db8:0:0:1:0:0:1'), '2001:db8::1:0:0:1');
  assert.equal(canonical('1:0:3:4:5:6:7:8'), '1:0:3:4:5:6:7:8');
  assert.equal(canonical('1:2:3:4:5:6:7::'), '1:2:3:4:5:6:7:0');
  assert.equal(canonical('1:0:0:4:0:0:0:8'), '1:0:0:4::8');
  assert.equal(canonical('64:ff9b::192.0.2.1'), '64:ff9b::c000:201');
  assert.equal(canonical('::'), '::');
  assert.equal(canonical('1::'), '1::');
});

test('a mapped address is the IPv4 address, however it is written', () => {
  for (const text of ['::ffff:10.0.0.1', '::FFFF:a00:1', '0:0:0:0:0:ffff:10.0.0.1']) {
    assert.equal(canonical(text), '10.0.0.1', text);
  }
  assert.equal(canonical('::ffff:0:10.0.0.1'), '::ffff:0:a00:1');
});

test('what is not strictly an address is none', () => {
  const junk = [
    [
      '',
      ' ',
      'not-an-ip',
      'unknown',
      '1.2.3',
      '1.2.3.4.5',
      '01.2.3.4',
      '1.2.3.04',
      '0x1.2.3.4',
      '256.1.1.1',
      '1.2.3.-4',
    ],
    [' 1.2.3.4', '1.2.3.4 ', '1.2.3.4\n', '1.2.3.4:80', '1..3.4', '16909060', '١.2.3.4'],
    ['fe80::1%eth0', '[::1]', ':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::'],
    ['12345::', 'g::1', '::1.2.3.4:5', '1.2.3.4::', '::1.2.3', '::1.2.3.256', '1:2:3:4:5:6:7:1.2.3.4', '::1 '],
    ['0000000000000000000000000000000000000000000001::'],
  ].flat();
  for (const text of junk) assert.equal(parseAddress(text), undefined, JSON.stringify(text));
});

test('the canonical text of any address reads back as itself', () => {
  const word = fc.oneof(fc.constant(0), fc.constant(1), fc.nat(0xffff_ffff));
  fc.assert(
    fc.property(fc.array(word, { minLength: 4, maxLength: 4 }), (words) => {
      const text = formatAddress({ family: 6, words });
      const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
      assert.deepEqual(parseAddress(text)?.words, mapped ? words.slice(3) : words);
    }),
  );
  fc.assert(fc.property(fc.ipV4(), (text) => assert.equal(canonical(text), text)));
  fc.assert(fc.property(fc.ipV6(), (text) => assert.notEqual(parseAddress(text), undefined)));
});

test('a network is what holds the address', () => {
  const network = (text: string): string | undefined => parseNetwork(text)?.text;
  assert.equal(network('203.0.113.7/24'), '203.0.113.0/24');
  assert.equal(network('2001:db8:1:2::7/33'), '2001:db8::/33');
  assert.equal(network('255.255.255.255/0'), '0.0.0.0/0');
  assert.equal(network('203.0.113.7'), '203.0.113.7');
  assert.equal(network('203.0.113.7/33'), undefined);
  assert.equal(network('junk/8'), undefined);
});

test('no text makes the parser throw', () => {
  const piece = fc.constantFrom(':', '::', '.', '/', '0', '255', 'ffff', '1.2.3.4', '%', ' ', 'g');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      parsePrefix(pieces.join(''));
    }),
  );
});

test('prefixes are addresses or networks', () => {
  assert.equal(prefixText('192.0.2.7'), '192.0.2.7');
  assert.equal(prefixText('192.0.2.7/32'), '192.0.2.7');
  assert.equal(prefixText('198.51.100.0/24'), '198.51.100.0/24');
  assert.equal(prefixText('0.0.0.0/0'), '0.0.0.0/0');
  assert.equal(prefixText('2001:DB8::/32'), '2001:db8::/32');
  assert.equal(prefixText('::1/128'), '::1');
  assert.equal(prefixText('::/0'), '::/0');
});

test('a mapped prefix is the IPv4 prefix', () => {
  assert.equal(prefixText('::ffff:10.0.0.0/104'), '10.0.0.0/8');
  assert.equal(prefixText('::ffff:0:0/96'), '0.0.0.0/0');
  assert.equal(prefixText('::ffff:10.0.0.0/8'), undefined);
});

test('a doubtful prefix is none', () => {
  const doubtful = [
    ['10.0.0.1/8', '10.128.0.0/8', '2001:db8::1/64', '2001:db8:0:0:1::/65', '1.2.3.4/33', '::/129', '::/1000'],
    ['1.2.3.4/', '1.2.3.4/08', '1.2.3.4/-1', '1.2.3.4/8/8', '/8', '1.2.3.0/255.255.255.0', '1.2.3.0/ 24', 'x/8'],
  ].flat();
  for (const text of doubtful) assert.equal(parsePrefix(text), undefined, text);
});
