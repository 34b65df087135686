import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyState, revokedKey, rotateKey } from './lifecycle.ts';
import { mintApiKey } from './mint.ts';

const nowMs = Date.UTC(2026, 5, 15, 12);
const day = 86_400_000;
const { entry } = mintApiKey({ owner: 'acme', roles: ['reader'], id: 'acme', plan: 'gold', addresses: ['10.0.0.0/8'] });
const rotation = { nowMs, overlapMs: 7 * day, taken: new Set(['acme']) };

test('a key is active, expiring in its last two weeks, expired from its end on, or revoked', () => {
  const state = (members: object) => keyState({ ...entry, ...members }, nowMs);
  assert.equal(state({}), 'active');
  assert.equal(state({ expires: '2026-06-30' }), 'active');
  assert.equal(state({ expires: '2026-06-29' }), 'expiring');
  assert.equal(state({ expires: '2026-06-15T12:00:01Z' }), 'expiring');
  assert.equal(state({ expires: '2026-06-15T12:00:00Z' }), 'expired');
  assert.equal(state({ expires: '2026-01-01', revoked: '2026-01-01' }), 'revoked');
});

test('a key that is revoked again was revoked the first time', () => {
  const revoked = revokedKey(entry, nowMs);
  assert.equal(revoked.revoked, '2026-06-15T12:00:00Z');
  assert.deepEqual(revokedKey(revoked, nowMs + day), revoked);
});

test('a rotated key keeps its owner and rights, and the old one ends after the overlap', () => {
  const { key, entry: next, old } = rotateKey(entry, rotation);
  assert.match(key, /^pck_acmev2_/);
  const { hash, ...rest } = next;
  assert.notEqual(hash, entry.hash);
  assert.deepEqual(rest, {
    id: 'acmev2',
    owner: 'acme',
    roles: ['reader'],
    plan: 'gold',
    addresses: ['10.0.0.0/8'],
    created: '2026-06-15T12:00:00Z',
  });
  assert.deepEqual(old, { ...entry, expires: '2026-06-22T12:00:00Z' });
});

test('an old key ends never later than it was to', () => {
  const expires = '2026-06-16';
  const { entry: next, old } = rotateKey({ ...entry, expires }, rotation);
  assert.equal(old.expires, expires);
  // When it was made nobody knows, so nobody knows for how long it was to live.
  assert.equal(next.expires, expires);
  assert.equal(rotateKey(entry, { ...rotation, overlapMs: 0 }).old.expires, '2026-06-15T12:00:00Z');
});

test('a new key lives as long as the old one was meant to, or as it is told', () => {
  const old = { ...entry, created: '2026-01-01', expires: '2026-07-01' };
  assert.equal(rotateKey(old, rotation).entry.expires, '2026-12-13T12:00:00Z');
  assert.equal(rotateKey(old, { ...rotation, expires: '2027-01-31' }).entry.expires, '2027-01-31');
});

test('ids of new keys count, and are free', () => {
  const next = (id: string, ...taken: string[]) =>
    rotateKey({ ...entry, id }, { ...rotation, taken: new Set(taken) }).entry.id;
  assert.equal(next('acme', 'acme', 'acmev2'), 'acmev3');
  assert.equal(next('acmev9', 'acmev9'), 'acmev10');
  const long = 'a'.repeat(32);
  assert.equal(next(long, long), `${'a'.repeat(30)}v2`);
  assert.equal(rotateKey(entry, { ...rotation, id: 'fresh' }).entry.id, 'fresh');
});

test('what has been revoked is not rotated', () => {
  assert.throws(() => rotateKey(revokedKey(entry, nowMs), rotation), RangeError);
});
