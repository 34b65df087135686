import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAttributes } from '../../test/support/requests.ts';
import { normalizeHost } from './host.ts';

const hostOf = (host: string, beside?: string | readonly string[]): string | undefined =>
  normalizeHost(anAttributes({ host, ...(beside === undefined ? {} : { headers: { host: beside } }) }));

test('case, port and trailing dot do not count', () => {
  for (const host of ['foo.bar', 'FoO.Bar:8080', 'foo.bar.', 'foo.bar:443', 'FOO.BAR.:65535', 'foo.bar:00080']) {
    assert.equal(hostOf(host), 'foo.bar', host);
  }
  assert.equal(hostOf('[2001:DB8::1]:8443'), '[2001:db8::1]');
  assert.equal(hostOf('192.0.2.1:80'), '192.0.2.1');
});

test('a missing or junk host is none', () => {
  const junk = [
    [
      '',
      ':80',
      '.',
      'foo.bar:',
      'foo.bar:0',
      'foo.bar:65536',
      'foo.bar:123456',
      'foo.bar:80:80',
      'foo.bar:x',
      'foo:+1',
    ],
    [
      'a,b;for=1.2.3.4',
      'a, b',
      'user@foo.bar',
      'foo.bar/x',
      'foo bar',
      'foo\0.bar',
      'foo..bar',
      '::1',
      '[::1]x',
      '127.1:80',
    ],
    ['good.com\0.evil.com', 'foo.bar\n', 'f\u00f6\u00f6.bar', '\u212a.com'],
  ].flat();
  for (const host of junk) assert.equal(hostOf(host), undefined, JSON.stringify(host));
});

test('a host header beside the authority must say the same, once', () => {
  assert.equal(hostOf('foo.bar', 'FOO.bar:443'), 'foo.bar');
  for (const beside of ['evil.org', 'foo.bar,evil.org', '', ['foo.bar', 'foo.bar'], []]) {
    assert.equal(hostOf('foo.bar', beside), undefined, JSON.stringify(beside));
  }
});
