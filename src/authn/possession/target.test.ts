import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalTarget } from './target.ts';

test('targets that mean the same are the same', () => {
  for (const [one, other] of [
    ['https://API.example/a', 'HTTPS://api.EXAMPLE:443/a'],
    ['http://api.example:80', 'http://api.example/'],
    ['https://api.example/a?b=c#d', 'https://api.example/a'],
    ['https://api.example/%7Ea/%2F%c3%bc', 'https://api.example/~a/%2f%C3%BC'],
    ['https://api.example/a/./b/../c', 'https://api.example/a/c'],
    ['https://api.example/ü', 'https://api.example/%C3%BC'],
    ['https://[::1]:8443/a', 'https://[0:0:0:0:0:0:0:1]:8443/a'],
  ] as const) {
    assert.ok(normalTarget(one) !== undefined, one);
    assert.equal(normalTarget(one), normalTarget(other), one);
  }
});

test('targets that differ are different', () => {
  const targets = [
    'https://api.example/a',
    'http://api.example/a',
    'https://api.example:8443/a',
    'https://api.example./a',
    'https://api.example/a/',
    'https://api.example/A',
    'https://api.example/a%2Fb',
    'https://api.example/a/b',
    'https://api.example//a',
    'https://xapi.example/a',
  ].map(normalTarget);
  assert.equal(new Set(targets).size, targets.length);
});

test('what is no http or https URI is none', () => {
  for (const text of [
    '',
    '/a',
    'api.example/a',
    '//api.example/a',
    'ftp://api.example/a',
    'https:/api.example/a',
    'https:api.example',
    'https://',
    'https:///a',
    'https://user@api.example/a',
    'https://api.example\\@evil.example/a',
    'https://api.example/a b',
    'https://api.example/a\n',
    ' https://api.example/a',
    'https://api.example:99999/a',
    'https://a b/',
    'javascript:https://api.example/a',
  ]) {
    assert.equal(normalTarget(text), undefined, JSON.stringify(text));
  }
});

test('the normal form is its own', () => {
  fc.assert(
    fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
      const once = normalTarget(url);
      assert.ok(once !== undefined && !/[?#]/.test(once), url);
      assert.equal(normalTarget(once), once);
    }),
  );
});
