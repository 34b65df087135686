import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authnDeps, never, openTime } from '../../../test/support/authn.ts';
import { athOf, makeProof, thumbprintOf } from '../../../test/support/proofs.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { aRequest, type Headers } from '../../../test/support/requests.ts';
import { jwksOf, makeKey, signToken } from '../../../test/support/tokens.ts';
import { jwt } from '../jwt.ts';

const time = openTime();
const [issuerKey, clientKey] = [makeKey('ES256'), makeKey('ES256')];
const iat = time.clock.nowMs() / 1000;
const claims = { iss: 'https://idp.example', sub: 'alice', aud: 'orders', exp: iat + 60 };
const bound = signToken(issuerKey, { ...claims, cnf: { jkt: thumbprintOf(clientKey) } });
const proofFor = (token: string): string =>
  makeProof(clientKey, { claims: { htm: 'GET', htu: 'https://api.example.com/orders', iat, ath: athOf(token) } });

function build(options: object) {
  const { context, issues } = recordIssues();
  const keys = { issuer: claims.iss, audience: ['orders'], algorithms: ['ES256'], jwks: { inline: jwksOf(issuerKey) } };
  const authenticator = jwt.build('users', { ...keys, ...options }, context, authnDeps(time));
  assert.deepEqual(issues, []);
  return authenticator;
}

async function outcome(options: object, headers: Headers) {
  const verdict = await build(options).authenticate(aRequest({ headers }), never);
  if (verdict.kind === 'pass') return [verdict.value.principal.id, verdict.value.principal.boundBy];
  return verdict.kind === 'reject' ? [verdict.reason, verdict.headers[0]?.value] : [verdict.kind];
}

const algs = 'PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519';

test('a bound token passes with its proof, and the principal says so', async () => {
  for (const scheme of ['DPoP', 'dpop', 'DPOP']) {
    const headers = { authorization: `${scheme} ${bound}`, dpop: proofFor(bound) };
    assert.deepEqual(await outcome({ dpop: {} }, headers), ['alice', 'dpop']);
  }
  const free = signToken(issuerKey, claims);
  assert.deepEqual(await outcome({ dpop: {} }, { authorization: `Bearer ${free}` }), ['alice', undefined]);
});

test('a rule in shadow mode takes nobody’s proof away', async () => {
  const users = build({ dpop: {} });
  const headers = { authorization: `DPoP ${bound}`, dpop: proofFor(bound) };
  assert.equal((await users.watch?.(aRequest({ headers }), never))?.kind, 'pass');
  assert.equal((await users.authenticate(aRequest({ headers }), never)).kind, 'pass');
  assert.equal((await users.watch?.(aRequest({ headers }), never))?.kind, 'reject');
});

test('a bound token passes nowhere as a bearer token', async () => {
  const headers = { authorization: `Bearer ${bound}`, dpop: proofFor(bound) };
  assert.deepEqual(await outcome({}, headers), ['proof_missing', 'Bearer realm="portcullis", error="invalid_token"']);
  assert.deepEqual(await outcome({ dpop: {} }, headers), [
    'proof_missing',
    `Bearer realm="portcullis", error="invalid_token", DPoP realm="portcullis", algs="${algs}"`,
  ]);
});

test('without the option the scheme is one of others', async () => {
  const headers = { authorization: `DPoP ${bound}`, dpop: proofFor(bound) };
  assert.deepEqual(await outcome({}, headers), ['credential_malformed', 'Bearer realm="portcullis"']);
  assert.equal(build({}).recognises(aRequest({ headers })), false);
  assert.equal(build({}).describe(aRequest({ headers })), 'a credential of another scheme');
  assert.equal(build({ dpop: {} }).recognises(aRequest({ headers })), true);
  assert.equal(build({ dpop: {} }).describe(aRequest({ headers })), 'a JWT of its issuer');
});

test('what is wrong with the token is told in the scheme that it came with', async () => {
  const expired = signToken(issuerKey, { ...claims, exp: iat - 60, cnf: { jkt: thumbprintOf(clientKey) } });
  for (const [token, reason] of [
    [expired, 'token_expired'],
    [`${bound.slice(0, -6)}AAAAAA`, 'token_signature'],
    ['junk', 'token_malformed'],
  ] as const) {
    const headers = { authorization: `DPoP ${token}`, dpop: proofFor(token) };
    const challenge = `DPoP realm="portcullis", algs="${algs}", error="invalid_token"`;
    assert.deepEqual(await outcome({ dpop: {} }, headers), [reason, challenge]);
  }
});

test('several tokens are ambiguous, whatever their schemes', async () => {
  for (const authorization of [`DPoP ${bound},DPoP ${bound}`, `Bearer a,DPoP ${bound}`, `DPoP ${bound}, Bearer a`]) {
    assert.equal((await outcome({ dpop: {} }, { authorization }))[0], 'credential_ambiguous');
    assert.equal((await outcome({}, { authorization }))[0], 'credential_ambiguous');
  }
  for (const authorization of ['DPoP', 'DPoP ', 'DPoP a b', `DPoP ${'a'.repeat(20_000)}`]) {
    assert.equal((await outcome({ dpop: {} }, { authorization }))[0], 'credential_malformed');
  }
});

test('both ways in are offered, and proofs go no further', () => {
  const { challenge, moreChallenges, companions } = build({ dpop: { algorithms: ['ES256'] } });
  assert.deepEqual([challenge.scheme, ...moreChallenges.map(({ scheme }) => scheme)], ['Bearer', 'DPoP']);
  assert.deepEqual(companions, [{ in: 'header', name: 'dpop' }]);
  assert.deepEqual([build({}).moreChallenges, build({}).companions], [[], [{ in: 'header', name: 'dpop' }]]);
});
