import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, before, test } from 'node:test';
import { SetupProblem } from '../envoy/problem.ts';
import { type IdentityProvider, startIdentityProvider } from './identity-provider.ts';
import { fromCheckout } from './packages.ts';
import { accountNames, accounts, isAccount } from './provider/accounts.ts';
import { namedUserGrant, requestToken } from './token.ts';

let idp: IdentityProvider;
before(async () => {
  idp = await startIdentityProvider(0);
});
after(() => idp?.close());

const part = (token: string, at: number) => JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString());
const read = async (path: string) => JSON.parse(await (await fetch(`${idp.issuer}${path}`)).text());
const keys = async () => (await read('/jwks')).keys;

for (const name of accountNames) {
  test(`${name} gets a JWT access token with the roles`, async () => {
    const token = await requestToken(idp, name);
    const [header, payload, signature] = token.split('.');
    const { sub, roles, aud, iss, exp } = part(token, 1);
    assert.deepEqual({ sub, roles, aud, iss }, { sub: name, roles: accounts[name], aud: 'orders', iss: idp.issuer });
    assert.ok(exp * 1000 > Date.now());
    const { alg, typ, kid } = part(token, 0);
    assert.deepEqual({ alg, typ }, { alg: 'ES256', typ: 'at+jwt' });
    const jwk = (await keys()).find((key: { kid: string }) => key.kid === kid);
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const signed = Buffer.from(`${header}.${payload}`);
    const good = verify(
      'sha256',
      signed,
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature ?? '', 'base64url'),
    );
    assert.equal(good, true);
  });
}

test('the key set holds public keys alone', async () => {
  for (const key of await keys()) assert.equal(key.d, undefined);
});

test('discovery leads to the key set', async () => {
  const metadata = await read('/.well-known/openid-configuration');
  assert.equal(metadata.issuer, idp.issuer);
  assert.equal(metadata.jwks_uri, `${idp.issuer}/jwks`);
});

test('nobody else gets a token', async () => {
  await assert.rejects(requestToken(idp, 'mallory'), /invalid_grant/);
  await assert.rejects(requestToken(idp, 'toString'), /invalid_grant/);
  await assert.rejects(requestToken({ ...idp, clientSecret: 'guess' }, 'alice'), /invalid_client/);
  const anonymous = { method: 'POST', body: new URLSearchParams({ grant_type: namedUserGrant, account: 'alice' }) };
  assert.equal((await fetch(`${idp.issuer}/token`, anonymous)).status, 400);
  assert.equal(isAccount('constructor'), false);
});

test('it can go away and come back with the same keys', async () => {
  const before = await keys();
  await idp.close();
  await assert.rejects(requestToken(idp, 'alice'), SetupProblem);
  await idp.reopen();
  assert.deepEqual(await keys(), before);
});

test('a package that is missing says where the demo runs', async () => {
  const missing = () => fromCheckout(() => import(`no-such-package-${1}`));
  await assert.rejects(missing(), (error: unknown) => error instanceof SetupProblem && /checkout/.test(error.message));
  const bug = () => fromCheckout(async () => Promise.reject(new TypeError('a bug')));
  await assert.rejects(bug(), TypeError);
});
