import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalHost } from './host.ts';

test('a host has one form', () => {
  assert.equal(canonicalHost('FoO.Bar'), 'foo.bar');
  assert.equal(canonicalHost('foo.bar.'), 'foo.bar');
  assert.equal(canonicalHost('localhost'), 'localhost');
  assert.equal(canonicalHost('my_service.internal'), 'my_service.internal');
  assert.equal(canonicalHost('xn--bcher-kva.example'), 'xn--bcher-kva.example');
  assert.equal(canonicalHost('192.0.2.1'), '192.0.2.1');
  assert.equal(canonicalHost('[2001:DB8:0::1]'), '[2001:db8::1]');
});

test('what is not a host is none', () => {
  const junk = [
    [
      '',
      '.',
      '..',
      'foo..bar',
      '.foo',
      'foo.bar..',
      'foo bar',
      'a,b',
      'user@foo',
      'foo/bar',
      'foo%2ebar',
      'bücher.example',
    ],
    ['foo:80', '::1', '[::1', '[]', '[1.2.3.4]', '[::ffff:1.2.3.4]', '[fe80::1%25eth0]', '[v1.x]', '*.foo', '[::1].'],
    [
      '127.1',
      '0x7f.1',
      '0x',
      '010.0.0.1',
      '1.2.3.4.5',
      '256.1.1.1',
      '2130706433',
      'foo.1',
      `${'a'.repeat(64)}.example`,
    ],
    [`${'a.'.repeat(127)}com`],
  ].flat();
  for (const text of junk) assert.equal(canonicalHost(text), undefined, text);
});
