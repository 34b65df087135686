import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aRequest } from '../../test/support/requests.ts';
import { denied, planted, plantedAttributes } from '../../test/support/trails.ts';
import { printable, printableHost, printablePath, visible } from './printable.ts';

test('plain text stays as it is', () => {
  assert.equal(printable('curl/8.9 (ü, 漢, 🙂)', 100), 'curl/8.9 (ü, 漢, 🙂)');
});

test('what could forge a line or hide in one is escaped', () => {
  assert.equal(printable('a\nb\u001b[31m\u0085\u2028\u202e', 100), 'a\\u{a}b\\u{1b}[31m\\u{85}\\u{2028}\\u{202e}');
});

test('text without a bound is escaped alike', () => {
  assert.equal(visible('a\nb\ud800'), 'a\\u{a}b\ufffd');
  assert.equal(visible('x'.repeat(10_000)).length, 10_000);
});

test('an escape that pushes a pair of surrogates over the bound leaves no half of it', () => {
  assert.equal(printable('\n🙂', 6), '\\u{a}\ufffd…');
});

test('any text comes out bounded, well-formed and without invisible characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 64 }), (text, max) => {
      const shown = printable(text, max);
      assert.ok(shown.length <= max + 1);
      assert.ok(shown.isWellFormed());
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('the path is the normal one where there is one, and never has a query', () => {
  const request = aRequest({ path: '/orders/2' });
  assert.equal(printablePath(denied('authorize', 'role_missing', { request })), '/orders/2');
});

test('the path of a refused request is cut at whatever may be a query', () => {
  const shown = (path: string) =>
    printablePath(denied('guard', 'path_ambiguous', { attributes: plantedAttributes({ path }) }));
  assert.equal(shown('/a/../b'), '/a/../b');
  assert.equal(shown(`/a?${planted.query}`), '/a');
  assert.equal(shown(`/a%3F${planted.query}`), '/a');
  assert.equal(shown(`/a%253f${planted.query}`), '/a');
  assert.equal(shown(`/a#${planted.query}`), '/a');
  assert.equal(shown(`https://user:${planted.token}@host/a`), undefined);
  assert.equal(printablePath(denied('decode', 'call_undecodable')), undefined);
});

test('the host is the normal one where there is one, and never has user information', () => {
  const shown = (host: string) =>
    printableHost(denied('guard', 'host_malformed', { attributes: plantedAttributes({ host }) }));
  assert.equal(printableHost(denied('authorize', 'role_missing')), 'api.example.com');
  assert.equal(shown(`user:${planted.token}@host`), 'host');
  assert.equal(shown(''), undefined);
  assert.equal(printableHost(denied('decode', 'call_undecodable')), undefined);
});
