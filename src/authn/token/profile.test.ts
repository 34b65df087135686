import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aJwtIdentity, soundClaims } from '../../../test/support/jwt.ts';
import { jwksOf, makeKey, signToken } from '../../../test/support/tokens.ts';

const key = makeKey('ES256');
const identity = (options: Readonly<Record<string, unknown>>) =>
  aJwtIdentity({ jwks: { inline: jwksOf(key) }, ...options });
const access = identity({});
const strict = identity({ profile: 'rfc9068' });
const login = identity({ profile: 'id_token' });
const sign = (claims: object, typ: string | undefined): string =>
  signToken(key, { ...soundClaims, ...claims }, { typ });

const rfc9068 = { client_id: 'c', jti: 'j' };
// What providers write: [what, its typ, claims beyond the usual ones, as access token, by RFC 9068, as ID token].
const tokens: readonly (readonly [string, string | undefined, object, string, string, string])[] = [
  ['RFC 9068', 'at+jwt', rfc9068, 'pass', 'pass', 'token_type'],
  ['RFC 9068, long', 'application/at+jwt', rfc9068, 'pass', 'pass', 'token_type'],
  ['RFC 9068 of somebody logged in', 'at+jwt', { ...rfc9068, nonce: 'n' }, 'pass', 'pass', 'token_type'],
  ['at+jwt without client_id', 'at+jwt', { jti: 'j' }, 'pass', 'token_claims', 'token_type'],
  ['at+jwt without jti', 'at+jwt', { client_id: 'c' }, 'pass', 'token_claims', 'token_type'],
  ['at+jwt without iat', 'at+jwt', { ...rfc9068, iat: undefined }, 'pass', 'token_claims', 'token_type'],
  ['AT+JWT', 'AT+JWT', rfc9068, 'token_type', 'token_type', 'token_type'],
  ['Keycloak access', 'JWT', { typ: 'Bearer', azp: 'c', jti: 'j', scope: 'x' }, 'pass', 'token_type', 'token_type'],
  ['Keycloak ID', 'JWT', { typ: 'ID', azp: 'c', jti: 'j' }, 'token_type', 'token_type', 'pass'],
  ['Keycloak refresh', 'JWT', { typ: 'Refresh' }, 'token_type', 'token_type', 'token_type'],
  ['Keycloak offline', 'JWT', { typ: 'Offline' }, 'token_type', 'token_type', 'token_type'],
  ['Cognito access', undefined, { token_use: 'access', client_id: 'c' }, 'pass', 'token_type', 'token_type'],
  ['Cognito ID', undefined, { token_use: 'id' }, 'token_type', 'token_type', 'pass'],
  ['a login with nonce', 'JWT', { nonce: 'n' }, 'token_type', 'token_type', 'pass'],
  ['a login with at_hash', undefined, { at_hash: 'h' }, 'token_type', 'token_type', 'pass'],
  ['an ID token without iat', 'JWT', { nonce: 'n', iat: undefined }, 'token_type', 'token_type', 'token_claims'],
  ['a token with scope', 'JWT', { scope: 'x' }, 'pass', 'token_type', 'token_type'],
  ['a logout token', 'logout+jwt', { events: {} }, 'token_type', 'token_type', 'token_type'],
  ['a logout token of old', 'JWT', { events: {} }, 'token_type', 'token_type', 'token_type'],
  ['a DPoP proof', 'dpop+jwt', {}, 'token_type', 'token_type', 'token_type'],
  ['a request object', 'oauth-authz-req+jwt', {}, 'token_type', 'token_type', 'token_type'],
  ['an introspection answer', 'token-introspection+jwt', {}, 'token_type', 'token_type', 'token_type'],
  ['a security event', 'secevent+jwt', {}, 'token_type', 'token_type', 'token_type'],
];

for (const [what, typ, claims, asAccess, asStrict, asLogin] of tokens) {
  test(`told apart: ${what}`, async () => {
    const token = sign(claims, typ);
    assert.equal(await access.judge(token), asAccess);
    assert.equal(await strict.judge(token), asStrict);
    assert.equal(await login.judge(token), asLogin);
  });
}

test('an ID token for several says for which of them it is', async () => {
  const several = { nonce: 'n', aud: ['orders', 'web'] };
  assert.equal(await login.judge(sign(several, 'JWT')), 'token_claims');
  assert.equal(await login.judge(sign({ ...several, azp: 'web' }, 'JWT')), 'pass');
  assert.equal(await login.judge(sign({ nonce: 'n', aud: ['orders'] }, 'JWT')), 'pass');
});

test('names of credentials, sessions and clients are texts', async () => {
  for (const name of ['jti', 'sid', 'client_id', 'azp']) {
    for (const value of [1, null, ['x'], {}, true]) {
      assert.equal(await access.judge(sign({ [name]: value }, 'at+jwt')), 'token_claims', name);
    }
  }
});

test('typ keeps to the profile', () => {
  assert.deepEqual(identity({ profile: 'rfc9068', typ: ['at+jwt'] }).issues, []);
  assert.deepEqual(identity({ profile: 'rfc9068', typ: ['at+jwt', 'JWT'] }).issues, [
    'typ.1 is not of the profile, which has "at+jwt", "application/at+jwt"',
  ]);
  assert.deepEqual(identity({ profile: 'id_token', typ: ['at+jwt'] }).issues, [
    'typ.0 is not of the profile, which has "JWT", ""',
  ]);
  assert.deepEqual(identity({ profile: 'opaque' }).issues, ['profile must be one of access_token, rfc9068, id_token']);
});
