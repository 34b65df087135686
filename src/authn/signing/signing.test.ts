import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { calculateJwkThumbprint, createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { never, openTime, type TestTime } from '../../../test/support/authn.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { aPrincipal } from '../../../test/support/requests.ts';
import { buildIdentityToken, type IdentityTokenOptions } from './identity-token.ts';
import { buildSigning, type Signing } from './index.ts';
import { jwksPage } from './jwks-page.ts';

type KeyPair = ReturnType<typeof generateKeyPairSync>;

const pem = ({ privateKey }: KeyPair): string => privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed25519 = generateKeyPairSync('ed25519');

function signingOf(files: Readonly<Record<string, string>>, issuer = 'https://gateway.example') {
  const { context, issues } = recordIssues(files);
  const signing = buildSigning({ issuer, key_files: Object.keys(files) }, context);
  return { signing, issues };
}

async function published(signing: Signing) {
  const page = jwksPage(signing.publishedKeys).get('jwks.json');
  assert.ok(page);
  const request = { method: 'GET', host: '', path: '', query: '', headers: new Map(), body: new Uint8Array() };
  const { status, body, headers } = await page.handle(request, never);
  assert.equal(status, 200);
  assert.equal(headers[0]?.value, 'application/jwk-set+json');
  const set: JSONWebKeySet = JSON.parse(body);
  return set;
}

for (const [alg, pair] of [
  ['ES256', p256],
  ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ['ES512', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
  ['EdDSA', ed25519],
  ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
] as const) {
  test(`${alg}: what we sign holds under what we publish, and no secret is published`, async () => {
    const { signing, issues } = signingOf({ 'key.pem': pem(pair) });
    assert.deepEqual(issues, []);
    assert.ok(signing);
    const set = await published(signing);
    const [jwk] = set.keys;
    assert.ok(jwk);
    assert.deepEqual([jwk.alg, jwk.use, jwk.kid], [alg, 'sig', await calculateJwkThumbprint(jwk)]);
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) assert.ok(!Object.hasOwn(jwk, secret), secret);
    const { protectedHeader } = await jwtVerify(await signing.sign({ sub: 'a' }), createLocalJWKSet(set));
    assert.deepEqual(protectedHeader, { alg, kid: jwk.kid, typ: 'JWT' });
  });
}

test('the first key signs and every key is published, so that keys can be rotated', async () => {
  const before = signingOf({ 'one.pem': pem(p256), 'two.pem': pem(ed25519) }).signing;
  const after = signingOf({ 'two.pem': pem(ed25519), 'one.pem': pem(p256) }).signing;
  assert.ok(before && after);
  for (const signing of [before, after]) {
    for (const other of [before, after]) {
      await jwtVerify(await signing.sign({ sub: 'a' }), createLocalJWKSet(await published(other)));
    }
  }
  const algs = [before, after].map(({ publishedKeys }) => publishedKeys.map(({ alg }) => alg));
  assert.deepEqual(algs, [
    ['ES256', 'EdDSA'],
    ['EdDSA', 'ES256'],
  ]);
});

test('a file that holds no key that may sign is an issue there', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const other = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const none = / holds no private key in PEM that can be read without a passphrase$/;
  const kind = / must be an EC key on P-256, P-384 or P-521, an Ed25519 key, or an RSA key of at least 2048 bits$/;
  const sealed = p256.privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' });
  const publicOnly = p256.publicKey.export({ format: 'pem', type: 'spki' });
  for (const [text, says] of [
    ['', none],
    [sealed.toString(), none],
    [publicOnly.toString(), none],
    [pem(weak), kind],
    [pem(other), kind],
  ] as const) {
    const { signing, issues } = signingOf({ 'key.pem': text });
    assert.deepEqual(signing?.publishedKeys, []);
    assert.deepEqual(issuesOfTokensWith(signing), [], 'what signs is there, though it cannot be read');
    assert.equal(issues.length, 1);
    assert.match(issues[0] ?? '', says);
  }
  assert.deepEqual(signingOf({ 'a.pem': pem(p256), 'b.pem': pem(p256) }).issues, [
    'key_files.1 holds the key of an earlier file',
  ]);
  assert.deepEqual(signingOf({ 'a.pem': pem(p256) }, 'a b').issues, ['issuer must be visible ASCII without blanks']);
});

test('a key file that is not there is told once, not by every rule that signs', () => {
  const { context, issues } = recordIssues();
  const signing = buildSigning({ issuer: 'https://gateway.example', key_files: ['gone.pem'] }, context);
  assert.deepEqual(issues, ['key_files.0 cannot read gone.pem']);
  assert.deepEqual(issuesOfTokensWith(signing), []);
  assert.deepEqual(issuesOfTokensWith(buildSigning(null, context)), [], 'its shape is bad');
});

function issuesOfTokensWith(keys: Signing | undefined): readonly string[] {
  const { context, issues } = recordIssues();
  buildIdentityToken({ audience: 'a' }, keys, context, openTime().clock);
  return issues;
}

const { signing } = signingOf({ 'key.pem': pem(p256) });

function tokens(options: Partial<IdentityTokenOptions> = {}, time: TestTime = openTime()) {
  const { context, issues } = recordIssues();
  const token = buildIdentityToken({ audience: 'orders', ...options }, signing, context, time.clock);
  return { token, issues, time };
}

async function claimsOf(value: string, time: TestTime) {
  assert.ok(signing);
  const { payload } = await jwtVerify(value.replace(/^Bearer /, ''), createLocalJWKSet(await published(signing)), {
    issuer: 'https://gateway.example',
    audience: 'orders',
    currentDate: new Date(time.clock.nowMs()),
  });
  return payload;
}

test('the upstream learns who calls, and what of the claims was chosen', async () => {
  const { token, issues, time } = tokens({ claims: ['tenant', 'realm.level', 'absent', '__proto__'] });
  assert.deepEqual(issues, []);
  const claims = JSON.parse('{"tenant":"acme","realm":{"level":3},"iss":"evil","__proto__":"p","email":"a@b"}');
  const principal = aPrincipal({ roles: ['editor'], scopes: ['a', 'b'], claims });
  const { name, value } = await token.issue(principal);
  assert.equal(name, 'x-identity-token');
  const { iat, exp, jti, ...said } = await claimsOf(value, time);
  assert.deepEqual(Object.entries(said).toSorted(), [
    ['__proto__', 'p'],
    ['aud', 'orders'],
    ['iss', 'https://gateway.example'],
    ['realm.level', 3],
    ['roles', ['editor']],
    ['scope', 'a b'],
    ['source', 'users'],
    ['sub', 'alice'],
    ['tenant', 'acme'],
  ]);
  assert.equal(Number(exp) - Number(iat), 60);
  assert.match(jti ?? '', /^[0-9a-f-]{36}$/);
});

test('a token is signed once for a while, and always lasts for half of its life', async () => {
  const { token, time } = tokens({ lifetime: '60s' });
  const first = await token.issue(aPrincipal());
  assert.deepEqual(await token.issue(aPrincipal()), first);
  assert.notDeepEqual(await token.issue(aPrincipal({ id: 'bob' })), first);
  assert.notDeepEqual(await token.issue(aPrincipal({ roles: ['admin'] })), first);
  time.advance(29_000);
  assert.deepEqual(await token.issue(aPrincipal()), first);
  time.advance(2000);
  const second = await token.issue(aPrincipal());
  assert.notDeepEqual(second, first);
  await claimsOf(second.value, time);
});

test('a token never outlives the credential that it stands for', async () => {
  const { token, time } = tokens({ lifetime: '1h' });
  const expiresMs = time.clock.nowMs() + 20_000;
  const { exp } = await claimsOf((await token.issue(aPrincipal({ expiresMs }))).value, time);
  assert.equal(exp, expiresMs / 1000);
});

test('in the place of the caller’s own credential it is a bearer token', async () => {
  const { token, time } = tokens({ header: 'Authorization' });
  const { name, value } = await token.issue(aPrincipal());
  assert.equal(name, 'authorization');
  assert.match(value, /^Bearer /);
  await claimsOf(value, time);
});

test('options that cannot hold are issues', () => {
  assert.deepEqual(tokens({ lifetime: '1s' }).issues, ['lifetime must be from 5s to 1h']);
  assert.deepEqual(tokens({ claims: ['email', 'sub'] }).issues, ['claims.1 "sub" is said by the token itself']);
  assert.deepEqual(issuesOfTokensWith(undefined), [' needs keys to sign with: set `signing` at the top of the config']);
});
