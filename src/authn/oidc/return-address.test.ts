import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isLocal, returnAddress } from './return-address.ts';

test('a path of the origin is returned to, with its query', () => {
  for (const [path, query] of [
    ['/', ''],
    ['/orders/1', 'a=b&c=%2F%0d'],
    ['/a%20b/%C3%A9', ''],
    ['/a/b%2Fc', 'x=https://other.example/?y'],
  ] as const) {
    assert.equal(returnAddress(path, query, '/home'), query === '' ? path : `${path}?${query}`);
  }
});

const elsewhere = [
  'https://evil.com\\@good.com',
  'https://evil.com',
  '//evil.com',
  '///evil.com',
  '/\\evil.com',
  '\\/evil.com',
  '/%5cevil.com',
  '/%5Cevil.com',
  '/%2fevil.com',
  '/%2F/evil.com',
  '/%09/evil.com',
  '/\t/evil.com',
  '/\r\n/evil.com',
  '/a\r\nSet-Cookie: x=y',
  '/a b',
  '/a\u0000',
  '/a\u007f',
  '/é',
  '/./\\evil.com',
  '/.//evil.com',
  '/..//evil.com',
  '/a/../..//evil.com',
  '/a#fragment',
  'javascript:alert(1)',
  'data:text/html,x',
  'evil.com',
  '@evil.com',
  ':80',
  '?a',
  '',
  `/${'x'.repeat(2048)}`,
  '/.portcullis/people/logout',
  '/.portcullis/people/login',
];
for (const path of elsewhere) {
  test(`${JSON.stringify(path).slice(0, 40)} leads to the landing page`, () => {
    assert.equal(returnAddress(path, '', '/home'), '/home');
    assert.equal(returnAddress(path, 'a=b', '/home'), '/home');
  });
}

test('a query that could be read otherwise leads to the landing page', () => {
  for (const query of ['a=\\', 'a=\r\n', 'a=é', 'a b', 'a"', 'a#b']) assert.equal(returnAddress('/a', query, '/'), '/');
});

test('whatever is returned to stays on the origin in the eyes of a browser', () => {
  const sign = fc.constantFrom(...'/\\.@:?#%25fcCabc\t\n\r ;&=');
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 12 }), (signs) => {
      const address = `/${signs.join('')}`;
      if (!isLocal(address)) return;
      const url = new URL(address, 'https://app.example.com');
      assert.equal(url.origin, 'https://app.example.com');
      // And of whoever decodes it once more on the way.
      const decoded = address.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
      assert.equal(URL.parse(decoded, url.href)?.origin, url.origin);
    }),
    { numRuns: 20_000 },
  );
});
