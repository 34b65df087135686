import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { authnDeps, never, openTime } from '../../../test/support/authn.ts';
import { bound, challenge, nonceIn, openPossession, outcome, token } from '../../../test/support/possession.ts';
import { thumbprintOf } from '../../../test/support/proofs.ts';
import { aRequest } from '../../../test/support/requests.ts';
import { makeKey } from '../../../test/support/tokens.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';

test('a proof is taken once, for as long as it could be taken again', async () => {
  const setting = { dpop: {} };
  const time = openTime();
  const { state } = authnDeps(time);
  const [one, other] = [
    openPossession({ ...setting, deps: { state } }, time),
    openPossession({ ...setting, deps: { state } }, time),
  ];
  const proof = one.proof({ iat: one.sound.iat + 10, jti: 'same' });
  assert.equal(outcome(await one.judge(proof)), 'pass dpop');
  for (const [advanceMs, wanted] of [
    [0, 'proof_replayed'],
    [79_999, 'proof_replayed'],
    [1, 'proof_replayed'],
    [1, 'proof_expired old'],
  ] as const) {
    time.advance(advanceMs);
    for (const replica of [one, other]) assert.equal(outcome(await replica.judge(proof)), wanted);
  }
  const fresh = one.proof({ iat: time.clock.nowMs() / 1000, jti: 'same' });
  time.advance(60_000);
  assert.equal(outcome(await other.judge(fresh)), 'pass dpop', 'long after, the same jti is another proof');
});

test('of many that come at once with one proof, one gets in', async () => {
  const { judge, proof } = openPossession({ dpop: {} });
  const text = proof();
  const outcomes = await Promise.all(Array.from({ length: 20 }, async () => outcome(await judge(text))));
  assert.deepEqual(outcomes.toSorted().slice(0, 2), ['pass dpop', 'proof_replayed']);
});

test('another key may use the same jti, and a proof that does not hold uses none up', async () => {
  const other = makeKey('ES256');
  const { judge, proof } = openPossession({ dpop: {} });
  assert.equal(outcome(await judge(proof({ jti: 'a', htm: 'POST' }))), 'proof_mismatch htm');
  assert.equal(outcome(await judge(proof({ jti: 'a' }))), 'pass dpop');
  const claims = { cnf: { jkt: thumbprintOf(other) } };
  assert.equal(outcome(await judge(proof({ jti: 'a' }, {}, other), { claims })), 'pass dpop');
});

test('whoever looks at the same request again sees no replay', async () => {
  const { possession, proof, request } = openPossession({ dpop: {} });
  const same = request(proof());
  const presented = { scheme: 'dpop', token, claims: bound, request: same } as const;
  assert.equal(outcome(await possession.verify(presented, never)), 'pass dpop');
  assert.equal(outcome(await possession.verify(presented, never)), 'pass dpop');
  const replayed = { ...presented, request: aRequest({ attributes: same.attributes }) };
  assert.equal(outcome(await possession.verify(replayed, never)), 'proof_replayed');
});

test('a rule in shadow mode sees what was used, and uses nothing up', async () => {
  const { possession, proof, request } = openPossession({ dpop: {} });
  const text = proof();
  const look = async (watches: boolean): Promise<string> =>
    outcome(await possession.verify({ scheme: 'dpop', token, claims: bound, request: request(text), watches }, never));
  assert.deepEqual([await look(true), await look(true)], ['pass dpop', 'pass dpop']);
  assert.deepEqual(
    [await look(false), await look(true), await look(false)],
    ['pass dpop', 'proof_replayed', 'proof_replayed'],
  );
});

test('while the store is away no proof passes', async () => {
  const time = openTime();
  const { state } = authnDeps(time);
  const values = { ...state.values, claim: () => Promise.reject(new StoreUnavailable('away')) };
  const { judge, proof } = openPossession({ dpop: {}, deps: { state: { ...state, values } } }, time);
  const verdict = await judge(proof());
  assert.deepEqual([verdict.kind, outcome(verdict)], ['fail', 'replay_store_unavailable']);
  assert.equal(outcome(await judge(proof({ htm: 'POST' }))), 'proof_mismatch htm');
});

test('who is gone uses up no proof', async () => {
  const { possession, proof, request } = openPossession({ dpop: {} });
  const text = proof();
  const presented = () => ({ scheme: 'dpop', token, claims: bound, request: request(text) }) as const;
  assert.equal(outcome(await possession.verify(presented(), AbortSignal.abort())), 'deadline_exceeded');
  assert.equal(outcome(await possession.verify(presented(), never)), 'pass dpop');
});

test('a nonce of ours is asked for, handed out, and renewed before it is refused', async () => {
  const time = openTime();
  const { judge, proof } = openPossession({ dpop: { nonce: true, nonce_lifetime: '1m' } }, time);
  const now = () => time.clock.nowMs() / 1000;
  const asked = await judge(proof());
  assert.equal(outcome(asked), 'proof_nonce');
  assert.match(challenge(asked), /^DPoP .*error="use_dpop_nonce"$/);
  const nonce = nonceIn(asked);
  const good = await judge(proof({ nonce }));
  assert.deepEqual([outcome(good), nonceIn(good)], ['pass dpop', undefined]);
  time.advance(60_000);
  const renewed = await judge(proof({ nonce, iat: now() }));
  const next = nonceIn(renewed);
  assert.ok(outcome(renewed) === 'pass dpop' && next !== undefined && next !== nonce);
  time.advance(60_000);
  assert.equal(outcome(await judge(proof({ nonce, iat: now() }))), 'proof_nonce');
  assert.equal(outcome(await judge(proof({ nonce: next, iat: now() }))), 'pass dpop');
  for (const wrong of ['', 'x', next?.slice(1)])
    assert.equal(outcome(await judge(proof({ nonce: wrong, iat: now() }))), 'proof_nonce');
});

test('replicas take each other’s nonces, and other texts never', async () => {
  const time = openTime();
  const { state } = authnDeps(time);
  const [one, other] = [0, 1].map(() => openPossession({ dpop: { nonce: true }, deps: { state } }, time));
  assert.ok(one && other);
  const nonce = nonceIn(await one.judge(one.proof()));
  assert.equal(outcome(await other.judge(other.proof({ nonce }))), 'pass dpop');
  const away = { ...state, values: { ...state.values, claim: () => Promise.reject(new StoreUnavailable('away')) } };
  const cut = openPossession({ dpop: { nonce: true }, deps: { state: away } }, time);
  assert.equal(outcome(await cut.judge(cut.proof({ nonce }))), 'replay_store_unavailable');
  await fc.assert(
    fc.asyncProperty(fc.string(), async (text) => {
      fc.pre(text !== nonce);
      assert.equal(outcome(await one.judge(one.proof({ nonce: text }))), 'proof_nonce');
    }),
    { numRuns: 20 },
  );
});
