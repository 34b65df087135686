import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTime } from '../../../test/support/authn.ts';
import { silentLog, silentSignals } from '../../core/ports.ts';
import { noMemberships, type Principal, principalKey } from '../../core/principal.ts';
import type { Revocation } from '../../core/revocation.ts';
import type { StateStore } from '../../core/state.ts';
import { createMemoryState, StoreUnavailable } from '../../store/index.ts';
import { openRevocations } from './index.ts';

const startMs = Date.UTC(2026, 0, 15);
const hourMs = 3_600_000;

const alice: Principal = {
  source: 'users',
  id: 'alice',
  key: principalKey('users', 'alice'),
  kind: 'jwt',
  roles: new Set(),
  scopes: new Set(),
  issuer: 'https://idp.example',
  credentialId: 'jti-1',
  sessionId: 'sid-1',
  issuedMs: startMs,
  expiresMs: startMs + hourMs,
  boundBy: undefined,
  memberships: noMemberships,
  claims: {},
};

const revocation = (part: Partial<Revocation> = {}): Revocation => ({
  kind: 'credential',
  source: 'users',
  value: 'jti-1',
  beforeMs: undefined,
  untilMs: startMs + hourMs,
  ...part,
});

function open(state?: StateStore) {
  const time = openTime(startMs);
  const errors: unknown[] = [];
  const known: number[] = [];
  const store = state ?? createMemoryState(time.clock);
  const revocations = openRevocations(store, time.clock, {
    log: { ...silentLog, error: (fields) => errors.push(fields) },
    signals: { ...silentSignals, revocationsKnown: (count) => known.push(count) },
  });
  return { time, store, revocations, errors, known };
}

test('a credential, a session and a principal are found, and nobody else', async () => {
  for (const part of [
    { kind: 'credential', value: 'jti-1' },
    { kind: 'session', value: 'sid-1' },
    { kind: 'principal', value: 'alice' },
  ] as const) {
    const { revocations } = open();
    assert.equal(revocations.find(alice), undefined);
    await revocations.revoke(revocation(part));
    assert.deepEqual(revocations.find(alice), revocation(part));
    assert.equal(revocations.find({ ...alice, source: 'partners' }), undefined);
    const other = { ...alice, id: 'bob', credentialId: 'jti-2', sessionId: 'sid-2' };
    assert.equal(revocations.find(other), undefined);
    assert.equal(revocations.find({ ...other, credentialId: undefined, sessionId: undefined }), undefined);
  }
});

test('a value of one kind is not taken for one of another', async () => {
  const { revocations } = open();
  await revocations.revoke(revocation({ kind: 'session', value: 'jti-1' }));
  await revocations.revoke(revocation({ kind: 'principal', value: 'sid-1' }));
  await revocations.revoke(revocation({ kind: 'credential', value: 'alice' }));
  await revocations.revoke(revocation({ kind: 'credential', source: 'constructor', value: '__proto__' }));
  assert.equal(revocations.find(alice), undefined);
  const odd = { ...alice, source: 'constructor', credentialId: '__proto__' };
  assert.ok(revocations.find(odd));
});

test('what was issued at the named time or later is good; what does not say when is not', async () => {
  const { revocations } = open();
  await revocations.revoke(revocation({ kind: 'principal', value: 'alice', beforeMs: startMs }));
  assert.equal(revocations.find({ ...alice, issuedMs: startMs }), undefined);
  assert.equal(revocations.find({ ...alice, issuedMs: startMs + 1 }), undefined);
  assert.ok(revocations.find({ ...alice, issuedMs: startMs - 1 }));
  assert.ok(revocations.find({ ...alice, issuedMs: undefined }));
});

test('a revocation ends when it says, and memory forgets it', async () => {
  const { revocations, time, known } = open();
  for (let at = 0; at < 10; at += 1) await revocations.revoke(revocation({ value: `jti-${at}` }));
  await revocations.revoke(revocation({ kind: 'principal', value: 'mallory', untilMs: undefined }));
  assert.equal(known.at(-1), 11);
  time.advance(hourMs - 1);
  assert.ok(revocations.find(alice));
  time.advance(1);
  for (let call = 0; call < 5; call += 1) assert.equal(revocations.find(alice), undefined);
  assert.equal(known.at(-1), 1);
  time.advance(1_000_000 * hourMs);
  assert.ok(revocations.find({ ...alice, id: 'mallory' }));
  await revocations.revoke(revocation({ untilMs: startMs }));
  assert.equal(known.at(-1), 1, 'what is over already is not kept');
});

test('what is heard in whatever order, and twice, says the same', async () => {
  const weak = revocation({ kind: 'principal', value: 'alice', beforeMs: startMs - 5, untilMs: startMs + 2 * hourMs });
  const strong = revocation({ kind: 'principal', value: 'alice', untilMs: startMs + hourMs });
  const weaker = revocation({ kind: 'principal', value: 'alice', beforeMs: startMs - 9, untilMs: startMs + hourMs });
  for (const order of [
    [weak, strong, weaker],
    [weaker, strong, weak, weaker],
    [strong, weaker, weak, strong],
  ]) {
    const { revocations, time } = open();
    for (const one of order) await revocations.revoke(one);
    assert.equal([...revocations.list()].length, 2);
    assert.ok(revocations.find({ ...alice, issuedMs: startMs }));
    time.advance(hourMs);
    assert.equal(revocations.find({ ...alice, issuedMs: startMs }), undefined, 'the strong one is over');
    assert.ok(revocations.find({ ...alice, issuedMs: startMs - 6 }));
    assert.deepEqual([...revocations.list()], [weak]);
  }
});

test('others who share the state know at once, and whoever starts later', async () => {
  const first = open();
  const second = openRevocations(first.store, first.time.clock);
  await first.revocations.revoke(revocation());
  assert.ok(second.find(alice));
  second.close();
  await first.revocations.revoke(revocation({ kind: 'session', value: 'sid-9' }));
  assert.equal([...second.list()].length, 1, 'a closed one hears no more');
  let caughtUp = 0;
  const third = openRevocations(first.store, first.time.clock, {
    caughtUp: () => {
      caughtUp += 1;
    },
  });
  assert.deepEqual([...third.list()], [revocation(), revocation({ kind: 'session', value: 'sid-9' })]);
  assert.equal(third.ready(), true);
  await Promise.resolve();
  assert.equal(caughtUp, 1);
});

test('an entry that is no revocation of ours is logged without what it holds, and left out', async () => {
  const { revocations, store, errors } = open();
  const good = { v: 1, kind: 'principal', source: 'users', value: 'alice', before: null, until: null };
  const { until: _, ...endless } = good;
  const bad = [
    'secret',
    '',
    'null',
    '[]',
    JSON.stringify({ ...good, v: 2 }),
    JSON.stringify({ ...good, kind: 'toString' }),
    JSON.stringify({ ...good, kind: ['principal'] }),
    JSON.stringify({ ...good, source: '' }),
    JSON.stringify({ ...good, value: 7 }),
    JSON.stringify({ ...good, before: '2026-01-01' }),
    JSON.stringify(endless),
    `${JSON.stringify(good).slice(0, -1)},"until":1}`,
    JSON.stringify({ ...good, value: 'x'.repeat(20_000) }),
  ];
  const log = store.log('revocations');
  for (const entry of bad) await log.append(entry, hourMs);
  assert.equal(errors.length, bad.length);
  assert.ok(!JSON.stringify(errors).includes('secret'));
  assert.equal(revocations.find(alice), undefined);
  await log.append(JSON.stringify({ ...good, by: 'a newer release' }), hourMs);
  assert.ok(revocations.find(alice));
});

test('what the others cannot hear of is not revoked, and what is known stays', async () => {
  const memory = createMemoryState(openTime(startMs).clock);
  let away = false;
  const state: StateStore = {
    ...memory,
    log: (name) => ({
      ...memory.log(name),
      append: (...entry) => (away ? Promise.reject(new StoreUnavailable('away')) : memory.log(name).append(...entry)),
    }),
  };
  const { revocations } = open(state);
  await revocations.revoke(revocation());
  away = true;
  await assert.rejects(revocations.revoke(revocation({ kind: 'session', value: 'sid-2' })), StoreUnavailable);
  assert.equal([...revocations.list()].length, 1);
  assert.ok(revocations.find(alice));
});
