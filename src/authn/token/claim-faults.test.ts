import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soundClaims } from '../../../test/support/jwt.ts';
import { detailOf, faultOfClaims } from './claim-faults.ts';

test('a claim that does not hold says what was wanted, and shows no more of the token than is harmless', () => {
  const nowMs = soundClaims.iat * 1000;
  const strict = { audience: new Set(['orders', 'billing']), clockSkewMs: 0, maxAgeMs: 60_000, requiredClaims: [] };
  const told = (claims: object, options = strict): unknown => {
    const wrong = faultOfClaims({ ...soundClaims, ...claims }, options, nowMs);
    return wrong && [wrong.reason, detailOf(wrong)];
  };
  assert.equal(told({}), undefined);
  const expected = ['orders', 'billing'];
  assert.deepEqual(told({ aud: 'other' }), ['token_audience', { claim: 'aud', expected, found: ['other'] }]);
  assert.deepEqual(told({ aud: [] }), ['token_audience', { claim: 'aud', expected, found: [] }]);
  const many = Array.from({ length: 9 }, (_, index) => `\u202e${index}\n${'x'.repeat(200)}`);
  const [reason, detail] = told({ aud: many }) as [string, { found: readonly string[] }]; // as told above
  assert.deepEqual([reason, detail.found.length], ['token_audience', 5]);
  for (const one of detail.found) assert.match(one, /^\\u\{202e\}\d\\u\{a\}x+…$/);
  assert.ok(detail.found.every((one) => one.length <= 101));
  const at = (seconds: number): string => new Date(nowMs + seconds * 1000).toISOString();
  const { iat } = soundClaims;
  assert.deepEqual(told({ exp: iat - 1.5 }), ['token_expired', { claim: 'exp', ended: at(-1.5) }]);
  assert.deepEqual(told({ iat: iat - 100 }), ['token_expired', { claim: 'iat', ended: at(-40) }]);
  assert.deepEqual(told({ nbf: iat + 5 }), ['token_not_yet_valid', { claim: 'nbf', begins: at(5) }]);
  assert.deepEqual(told({ iat: iat + 5 }), ['token_not_yet_valid', { claim: 'iat', begins: at(5) }]);
  assert.deepEqual(told({ nbf: 253_402_300_799 }), [
    'token_not_yet_valid',
    { claim: 'nbf', begins: '9999-12-31T23:59:59.000Z' },
  ]);
  assert.deepEqual(told({ aud: { a: 1 } }), ['token_claims', { claim: 'aud' }]);
});
