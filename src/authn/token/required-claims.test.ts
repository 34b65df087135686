import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aJwtIdentity, soundClaims } from '../../../test/support/jwt.ts';
import { jwksOf, makeKey, signToken } from '../../../test/support/tokens.ts';

const key = makeKey('ES256');
const demand = (required: unknown) => aJwtIdentity({ jwks: { inline: jwksOf(key) }, required_claims: required });

/** Whether claims are enough for what is required. */
async function takes(required: unknown, claims: object): Promise<boolean> {
  const { issues, judge } = demand(required);
  assert.deepEqual(issues, []);
  const reason = await judge(signToken(key, { ...soundClaims, ...claims }));
  assert.match(reason, /^(pass|token_claims)$/);
  return reason === 'pass';
}

const typed: readonly (readonly [type: string, good: readonly unknown[], bad: readonly unknown[]])[] = [
  ['any', ['', 0, false, [], {}], [null, undefined]],
  ['string', ['x'], ['', 1, true, ['x'], { x: 1 }]],
  ['number', [1, -1.5, 0], ['1', true, [1]]],
  ['integer', [1, 0], [1.5, '1']],
  ['boolean', [true, false], ['true', 1, 0]],
  ['array', [[], ['x']], ['x', { 0: 'x' }]],
  ['object', [{}], [[], 'x']],
];

for (const [type, good, bad] of typed) {
  test(`a claim of the type ${type}`, async () => {
    for (const value of good) assert.equal(await takes({ x: type }, { x: value }), true, JSON.stringify(value));
    for (const value of [...bad, null, undefined]) {
      assert.equal(await takes({ x: type }, { x: value }), false, JSON.stringify(value));
    }
  });
}

test('a claim of a certain value, of that very type', async () => {
  assert.equal(await takes({ email_verified: { equals: true } }, { email_verified: true }), true);
  assert.equal(await takes({ email_verified: { equals: true } }, { email_verified: 'true' }), false);
  assert.equal(await takes({ acr: { type: 'string', one_of: ['gold', 'silver'] } }, { acr: 'silver' }), true);
  assert.equal(await takes({ acr: { one_of: ['gold', 'silver'] } }, { acr: 'bronze' }), false);
  assert.equal(await takes({ groups: { contains: 'staff' } }, { groups: ['guests', 'staff'] }), true);
  assert.equal(await takes({ groups: { contains: 'staff' } }, { groups: 'staff' }), false);
  assert.equal(await takes({ groups: { contains: 'staff' } }, { groups: ['staffroom'] }), false);
});

test('a dotted path reaches into objects, and to nothing that they inherit', async () => {
  assert.equal(await takes({ 'kubernetes.io.namespace': 'string' }, { kubernetes: { io: { namespace: 'a' } } }), true);
  assert.equal(await takes(['a.b'], { 'a.b': 1 }), true);
  assert.equal(await takes(['a.b'], { a: 1 }), false);
  assert.equal(await takes(['toString'], {}), false);
});

test('each demand that cannot be read is an issue at its place', () => {
  const wanted =
    'must be one of any, string, number, integer, boolean, array, object, or an object of type, equals, one_of or contains';
  for (const odd of ['text', 1, null, {}, { typ: 'string' }, { type: 'text' }, { one_of: 'x' }]) {
    assert.deepEqual(demand({ a: 'string', b: odd }).issues, [`required_claims.b ${wanted}`], JSON.stringify(odd));
  }
  assert.deepEqual(demand('x').issues, ['required_claims must be a list of texts']);
});
