import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { openTime } from '../../../test/support/authn.ts';
import { aJwtIdentity, soundClaims } from '../../../test/support/jwt.ts';
import { jwksOf, makeKey, signToken } from '../../../test/support/tokens.ts';

const key = makeKey('ES256');
const jwks = { inline: jwksOf(key) };
const token = (id: string, claims: object = {}): string => signToken(key, { ...soundClaims, jti: id, ...claims });

/** How many signatures are checked while the work is done. */
async function checks(work: () => Promise<unknown>): Promise<number> {
  const verify = mock.method(crypto.subtle, 'verify');
  await work();
  const count = verify.mock.callCount();
  verify.mock.restore();
  return count;
}

test('a new token costs one signature check, a remembered one none', async () => {
  const { judge } = aJwtIdentity({ jwks });
  assert.equal(await checks(() => judge(token('a'))), 1);
  const again = token('b');
  assert.equal(await checks(() => judge(again)), 1);
  for (let turn = 0; turn < 3; turn += 1) assert.equal(await checks(() => judge(again)), 0);
});

test('a bad signature is never remembered, nor is a token that was refused before it', async () => {
  const { judge } = aJwtIdentity({ jwks });
  const forged = signToken({ ...makeKey('ES256'), kid: key.kid }, soundClaims);
  for (let turn = 0; turn < 2; turn += 1) {
    assert.equal(await checks(async () => assert.equal(await judge(forged), 'token_signature')), 1);
    assert.equal(await checks(async () => assert.equal(await judge(token('a', { iss: 'x' })), 'token_issuer')), 0);
  }
});

test('what ends like a remembered token is checked as any other, and takes nothing from it', async () => {
  const { judge } = aJwtIdentity({ jwks });
  const good = token('a');
  assert.equal(await judge(good), 'pass');
  const signature = good.slice(good.lastIndexOf('.'));
  const other = token('b');
  const grafted = other.slice(0, other.lastIndexOf('.')) + signature;
  for (let turn = 0; turn < 2; turn += 1) {
    assert.equal(await checks(async () => assert.equal(await judge(grafted), 'token_signature')), 1);
    assert.equal(await judge(` ${good}`), 'pass', 'blanks before it are no part of it');
    assert.equal(await judge(`${good}=`), 'token_malformed');
    assert.equal(await judge(signature.slice(1)), 'token_malformed');
    assert.equal(await checks(async () => assert.equal(await judge(good), 'pass')), 0);
  }
});

test('every hit is judged anew: what has ended meanwhile is refused (row 34)', async () => {
  const time = openTime();
  const { judge } = aJwtIdentity({ jwks, max_age: '2m', clock_skew: '0s' }, {}, time);
  const young = token('a');
  const short = token('b', { exp: soundClaims.exp - 200 });
  assert.deepEqual([await judge(young), await judge(short)], ['pass', 'pass']);
  time.advance(110_000);
  const verified = await checks(async () => {
    assert.deepEqual([await judge(young), await judge(short)], ['pass', 'token_expired']);
    time.advance(20_000);
    assert.equal(await judge(young), 'token_expired');
  });
  assert.equal(verified, 0);
});

test('two identities never share what they remember, and claims that are wrong for one stay wrong (row 34)', async () => {
  const one = token('a');
  const [orders, billing, strict] = [
    aJwtIdentity({ jwks }),
    aJwtIdentity({ jwks, audience: ['billing'] }),
    aJwtIdentity({ jwks, required_claims: { tenant: 'string' } }),
  ];
  for (let turn = 0; turn < 2; turn += 1) {
    assert.equal(await orders.judge(one), 'pass');
    assert.equal(await billing.judge(one), 'token_audience');
    assert.equal(await strict.judge(one), 'token_claims');
  }
});

test('no more is remembered than the bounds allow, and what was verified first is forgotten first', async () => {
  const few = aJwtIdentity({ jwks, cache: { max_tokens: 2 } });
  const [a, b, c] = [token('a'), token('b'), token('c')];
  for (const one of [a, b, c]) await few.judge(one);
  assert.deepEqual([await checks(() => few.judge(c)), await checks(() => few.judge(b))], [0, 0]);
  assert.equal(await checks(() => few.judge(a)), 1);
  assert.equal(await checks(() => few.judge(b)), 1, 'it made room for the one before');

  const none = aJwtIdentity({ jwks, cache: { max_tokens: 0 } });
  for (let turn = 0; turn < 2; turn += 1) assert.equal(await checks(() => none.judge(a)), 1);

  // About 10,000 characters each: two of them are more than 64 KiB of claims.
  const long = (id: string): string => token(id, { x: 'x'.repeat(7500) });
  const small = aJwtIdentity({ jwks, cache: { max_bytes: '64KiB' } });
  const [d, e] = [long('d'), long('e')];
  await small.judge(d);
  assert.equal(await checks(() => small.judge(d)), 0);
  await small.judge(e);
  assert.deepEqual([await checks(() => small.judge(e)), await checks(() => small.judge(d))], [0, 1]);
});

test('bounds that cannot be read are issues at their places', () => {
  const issuesOf = (cache: unknown): readonly string[] => aJwtIdentity({ jwks, cache }).issues;
  assert.deepEqual(issuesOf({ max_tokens: -1, max_bytes: 5 }), [
    'cache.max_tokens must be a whole number from 0 to 10000000',
    'cache.max_bytes must be a size from 65536 to 4294967296 bytes, like "64MiB"',
  ]);
  assert.deepEqual(issuesOf('x'), ['cache must be an object']);
});
