import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { principalKey, splitPrincipalKey } from './principal.ts';

test('the same id of another source is another principal', () => {
  assert.notEqual(principalKey('users', 'alice'), principalKey('partners', 'alice'));
});

test('the key is injective, whatever the id holds', () => {
  const source = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,5}$/);
  const id = fc.string({ unit: fc.constantFrom('/', 'a', ':', '_') });
  fc.assert(
    fc.property(source, id, source, id, (sourceA, idA, sourceB, idB) => {
      const same = sourceA === sourceB && idA === idB;
      assert.equal(principalKey(sourceA, idA) === principalKey(sourceB, idB), same);
    }),
  );
});

test('a key gives its pair back, and what is no key gives none', () => {
  assert.deepEqual(splitPrincipalKey(principalKey('users', 'a/b')), { source: 'users', id: 'a/b' });
  for (const text of ['', 'alice', '/alice', 'users/']) assert.equal(splitPrincipalKey(text), undefined);
});
