import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { openSealer } from './seal.ts';

const [current, previous] = [randomBytes(32), randomBytes(32)];
const sealer = openSealer([current, previous], 'session');
const context = ['people', 'https://app.example.com', '__Host-x'];

test('what was sealed opens, and no two seals are alike', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const sealed = sealer.seal(text, context);
      assert.match(sealed, /^[A-Za-z0-9_-]+$/);
      assert.equal(sealer.open(sealed, context), text.toWellFormed());
      assert.notEqual(sealer.seal(text, context), sealed);
    }),
  );
});

test('the first key seals and every key opens, so that keys can be rotated', () => {
  const before = openSealer([previous], 'session');
  assert.equal(sealer.open(before.seal('x', context), context), 'x');
  assert.equal(before.open(sealer.seal('x', context), context), undefined);
  assert.equal(openSealer([randomBytes(32)], 'session').open(sealer.seal('x', context), context), undefined);
  assert.equal(openSealer([], 'session').open(sealer.seal('x', context), context), undefined);
});

test('a change of any character opens nothing', () => {
  const sealed = sealer.seal('a session', context);
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.constantFrom(...'AZaz09-_.+/= é'), (at, sign) => {
      fc.pre(sealed[at] !== sign);
      assert.equal(sealer.open(`${sealed.slice(0, at)}${sign}${sealed.slice(at + 1)}`, context), undefined);
    }),
    { numRuns: 2000 },
  );
  for (const other of ['', sealed.slice(1), sealed.slice(0, -1), `${sealed}A`, `${sealed}=`, `${sealed}${sealed}`]) {
    assert.equal(sealer.open(other, context), undefined);
  }
});

test('it opens for its own purpose and context alone, however the parts are cut', () => {
  const sealed = sealer.seal('x', ['ab', 'c']);
  assert.equal(sealer.open(sealed, ['ab', 'c']), 'x');
  for (const other of [['a', 'bc'], ['abc'], ['ab', 'c', ''], ['', 'ab', 'c'], ['ab'], ['c', 'ab'], []]) {
    assert.equal(sealer.open(sealed, other), undefined);
  }
  assert.equal(openSealer([current], 'login').open(sealed, ['ab', 'c']), undefined);
  assert.equal(openSealer([current], 'record').open(sealed, ['ab', 'c']), undefined);
});

test('junk opens nothing and throws nothing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.string()), (junk) => {
      assert.equal(sealer.open(junk, context), undefined);
    }),
  );
});
