import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { authnDeps, never, openTime } from '../../../test/support/authn.ts';
import {
  bound,
  challenge,
  jkt,
  key,
  openPossession,
  outcome,
  shown,
  token,
  x5t,
} from '../../../test/support/possession.ts';
import { athOf, makeProof, publicJwkOf, thumbprintOf } from '../../../test/support/proofs.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { aRequest } from '../../../test/support/requests.ts';
import { base64url, makeKey, signRaw } from '../../../test/support/tokens.ts';
import type { Json } from '../../core/json.ts';
import { buildPossession } from './index.ts';

test('the proof of RFC 9449 section 7.1 holds at its time, and at no other', async () => {
  const parts = [
    'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo',
    'RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqd',
    'GkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdX',
    'JjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP',
    '86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA',
  ];
  const proof = parts.join('');
  const claims = { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } };
  const target = { claims, host: 'resource.example.org', path: '/protectedresource?a=b' };
  const at = (offsetMs: number) => openPossession({ dpop: {} }, openTime(1_562_262_618_000 + offsetMs));
  assert.equal(outcome(await at(0).judge(proof, target)), 'pass dpop');
  assert.equal(outcome(await at(70_000).judge(proof, target)), 'pass dpop');
  assert.equal(outcome(await at(70_001).judge(proof, target)), 'proof_expired old');
  assert.equal(outcome(await at(-10_000).judge(proof, target)), 'pass dpop');
  assert.equal(outcome(await at(-10_001).judge(proof, target)), 'proof_expired future');
  for (const [change, wanted] of [
    [{ host: 'resource.example.com' }, 'proof_mismatch htu'],
    [{ path: '/protectedresource/' }, 'proof_mismatch htu'],
    [{ method: 'POST' }, 'proof_mismatch htm'],
    [{ claims: bound }, 'proof_mismatch key'],
  ] as const) {
    assert.equal(outcome(await at(0).judge(proof, { ...target, ...change })), wanted);
  }
  assert.equal(outcome(await at(0).judge(proof.replace(/.{4}$/, 'AAAA'), target)), 'proof_signature signature');
});

test('the proof of RFC 9449 section 5, for a token endpoint, is none for a resource', async () => {
  const parts = [
    'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo',
    'RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqd',
    'GkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYy',
    'MjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg',
  ];
  const { judge } = openPossession({ dpop: {} }, openTime(1_562_262_616_000));
  const target = { host: 'server.example.com', path: '/token', method: 'POST' };
  assert.equal(outcome(await judge(parts.join(''), target)), 'proof_malformed ath');
});

test('every algorithm of the table can sign proofs, where it is allowed', async () => {
  for (const alg of ['ES256', 'ES384', 'ES512', 'PS256', 'RS256', 'EdDSA', 'Ed25519']) {
    const own = makeKey(alg);
    const claims = { cnf: { jkt: thumbprintOf(own) } };
    const { judge, proof } = openPossession({ dpop: { algorithms: [alg] } });
    assert.equal(outcome(await judge(proof({}, {}, own), { claims })), 'pass dpop', alg);
    const other = openPossession({ dpop: { algorithms: [alg === 'ES256' ? 'ES384' : 'ES256'] } });
    assert.equal(outcome(await other.judge(other.proof({}, {}, own), { claims })), 'proof_malformed alg', alg);
  }
  const rsa = makeKey('RS256');
  const usual = openPossession({ dpop: {} });
  assert.equal(outcome(await usual.judge(usual.proof({}, {}, rsa))), 'proof_malformed alg');
});

test('every flaw of a proof has its own word', async () => {
  const { judge, proof, sound } = openPossession({ dpop: {} });
  const other = makeKey('ES256');
  const secret = { ...publicJwkOf(key), d: base64url('secret') };
  const flaws: readonly (readonly [proof: string | readonly string[] | undefined, wanted: string])[] = [
    [undefined, 'proof_missing'],
    [[proof(), proof()], 'proof_malformed several'],
    [`${proof()},${proof()}`, 'proof_malformed compact_form'],
    [` ${proof()}`, 'proof_malformed compact_form'],
    ['', 'proof_malformed compact_form'],
    ['a.b', 'proof_malformed compact_form'],
    ['a.b.c.d.e', 'proof_malformed compact_form'],
    ['x'.repeat(20_000), 'proof_malformed length'],
    [signRaw(key, '{"typ":"dpop+jwt","typ":"dpop+jwt"}', '{}'), 'proof_malformed header_duplicate_member'],
    [
      signRaw(key, JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwkOf(key) }), '{"jti":"a","jti":"b"}'),
      'proof_malformed claims_duplicate_member',
    ],
    [proof({}, { typ: 'JWT' }), 'proof_malformed typ'],
    [proof({}, { typ: 'DPoP+JWT' }), 'proof_malformed typ'],
    [proof({}, { typ: undefined }), 'proof_malformed typ'],
    [proof({}, { alg: 'none' }), 'proof_malformed alg'],
    [proof({}, { alg: 'HS256' }), 'proof_malformed alg'],
    [proof({}, { alg: undefined }), 'proof_malformed alg'],
    [proof({}, { alg: 'ES384' }), 'proof_malformed jwk_alg'],
    [proof({}, { crit: ['exp'] }), 'proof_malformed header_crit'],
    [proof({}, { b64: false }), 'proof_malformed header_b64'],
    [proof({}, { jwk: undefined }), 'proof_malformed jwk_not_an_object'],
    [proof({}, { jwk: [publicJwkOf(key)] }), 'proof_malformed jwk_not_an_object'],
    [proof({}, { jwk: secret }), 'proof_malformed jwk_private'],
    [proof({}, { jwk: { kty: 'oct', k: 'AAAA' } }), 'proof_malformed jwk_symmetric'],
    [proof({}, { jwk: { ...publicJwkOf(key), use: 'enc' } }), 'proof_malformed jwk_use'],
    [proof({}, { jwk: { ...publicJwkOf(key), x: 'AAAA' } }), 'proof_malformed jwk_invalid'],
    [proof({}, { jwk: { ...publicJwkOf(key), crv: 'secp256k1' } }), 'proof_malformed jwk_crv'],
    ...['jti', 'htm', 'htu', 'iat', 'ath'].map(
      (name) => [proof({ [name]: undefined }), `proof_malformed ${name}`] as const,
    ),
    ...['jti', 'htm', 'htu', 'ath', 'nonce'].map((name) => [proof({ [name]: 1 }), `proof_malformed ${name}`] as const),
    [proof({ jti: '' }), 'proof_malformed jti'],
    [proof({ jti: 'x'.repeat(513) }), 'proof_malformed jti'],
    [proof({ iat: '1' }), 'proof_malformed iat'],
    [proof({ iat: -1 }), 'proof_malformed iat'],
    [proof({}, { jwk: publicJwkOf(other) }), 'proof_signature signature'],
    [makeProof(other, { claims: sound }), 'proof_mismatch key'],
    [proof({ htm: 'POST' }), 'proof_mismatch htm'],
    [proof({ htm: 'get' }), 'proof_mismatch htm'],
    [proof({ htu: 'https://api.example.com/orders/1' }), 'proof_mismatch htu'],
    [proof({ htu: 'http://api.example.com/orders' }), 'proof_mismatch htu'],
    [proof({ htu: 'https://api.example.com:8443/orders' }), 'proof_mismatch htu'],
    [proof({ htu: '/orders' }), 'proof_mismatch htu'],
    [proof({ ath: athOf('another token') }), 'proof_mismatch ath'],
    [proof({ ath: '' }), 'proof_mismatch ath'],
    [proof({ iat: sound.iat - 71 }), 'proof_expired old'],
    [proof({ iat: sound.iat + 11 }), 'proof_expired future'],
    [proof({ exp: sound.iat - 11 }), 'proof_expired old'],
    [proof({ nbf: sound.iat + 11 }), 'proof_expired future'],
    [proof({ exp: 'soon' }), 'proof_malformed exp'],
    [proof({ nbf: -1 }), 'proof_malformed nbf'],
  ];
  for (const [text, wanted] of flaws) {
    const verdict = await judge(text);
    assert.equal(outcome(verdict), wanted);
    const error = wanted.endsWith(' key') ? 'invalid_token' : 'invalid_dpop_proof';
    assert.match(challenge(verdict), new RegExp(`^DPoP realm="portcullis", algs="PS256 [^"]*", error="${error}"$`));
    assert.ok(!JSON.stringify(verdict).includes(String(text).slice(-40)) || String(text).length < 40, wanted);
  }
  assert.equal(outcome(await judge(proof())), 'pass dpop');
});

test('htu is compared in normal form, without query and fragment', async () => {
  const { judge, proof } = openPossession({ dpop: {} });
  for (const htu of [
    'HTTPS://API.example.com:443/orders',
    'https://api.example.com/orders?x=y#z',
    'https://api.example.com/%6Frders',
  ]) {
    assert.equal(outcome(await judge(proof({ htu }), { path: '/orders?page=2' })), 'pass dpop', htu);
  }
  assert.equal(
    outcome(await judge(proof({ htu: 'https://localhost:8443/orders' }), { host: 'localhost:8443' })),
    'pass dpop',
  );
});

test('clients may know us by another URL than Envoy does', async () => {
  const { judge, proof } = openPossession({ dpop: { base_url: 'https://public.example/v1/' } });
  const internal = { host: '10.0.0.1:8080' };
  assert.equal(outcome(await judge(proof({ htu: 'https://public.example/v1/orders' }), internal)), 'pass dpop');
  assert.equal(outcome(await judge(proof({ htu: 'https://10.0.0.1:8080/orders' }), internal)), 'proof_mismatch htu');
});

test('a token that is bound to a key never passes as a bearer token, with a proof or without', async () => {
  for (const dpop of [undefined, {}]) {
    const { bearer, proof } = openPossession({ dpop });
    for (const sent of [undefined, proof()]) {
      const verdict = await bearer(bound, sent);
      assert.equal(outcome(verdict), 'proof_missing');
      assert.match(
        challenge(verdict),
        /^Bearer realm="portcullis", error="invalid_token"(, DPoP realm="portcullis", algs="[^"]*")?$/,
      );
      assert.equal(challenge(verdict).includes('DPoP'), dpop !== undefined);
    }
  }
});

test('a token without a binding is a bearer token, and no proof makes it another', async () => {
  const { bearer, judge, proof } = openPossession({ dpop: {} });
  for (const sent of [undefined, proof(), 'junk']) assert.equal(outcome(await bearer({}, sent)), 'pass undefined');
  assert.equal(outcome(await judge(proof(), { claims: {} })), 'proof_mismatch unbound');
  const { possession } = openPossession();
  const presented = { scheme: 'dpop', token, claims: bound, request: aRequest() } as const;
  assert.equal(outcome(await possession.verify(presented, never)), 'proof_missing');
});

test('a binding that nobody here can confirm is refused', async () => {
  const { bearer, judge, proof } = openPossession({ dpop: {}, certificate: shown(x5t) });
  const unconfirmable: readonly Json[] = [
    null,
    {},
    [],
    'x',
    { kid: 'a' },
    { jwk: { kty: 'EC' } },
    { jkt: 1 },
    { jkt: '' },
    { jkt: `${jkt}=` },
    { jkt, 'x5t#S256': 'short' },
    { 'x5t#S256': null },
  ];
  for (const cnf of unconfirmable) {
    assert.equal(outcome(await bearer({ cnf })), 'token_claims cnf', JSON.stringify(cnf));
    assert.equal(outcome(await judge(proof(), { claims: { cnf } })), 'token_claims cnf', JSON.stringify(cnf));
  }
});

test('a token that is bound to a certificate passes with that certificate alone', async () => {
  const cnf = { 'x5t#S256': x5t };
  assert.equal(outcome(await openPossession({ certificate: shown(x5t) }).bearer({ cnf })), 'pass mtls');
  for (const certificate of [
    undefined,
    shown(undefined),
    shown('B'.repeat(43)),
    { kind: 'malformed', problem: 'x' } as const,
  ]) {
    const verdict = await openPossession(certificate === undefined ? {} : { certificate }).bearer({ cnf });
    assert.equal(outcome(verdict), 'certificate_mismatch');
    assert.equal(challenge(verdict), 'Bearer realm="portcullis", error="invalid_token"');
  }
  const { judge, proof } = openPossession({ dpop: {}, certificate: shown(x5t) });
  assert.equal(outcome(await judge(proof(), { claims: { cnf } })), 'proof_mismatch unbound');
});

test('a token that is bound to both needs both', async () => {
  const claims = { cnf: { jkt, 'x5t#S256': x5t } };
  const whole = openPossession({ dpop: {}, certificate: shown(x5t) });
  assert.equal(outcome(await whole.judge(whole.proof(), { claims })), 'pass dpop');
  assert.equal(outcome(await whole.bearer(claims)), 'proof_missing');
  const half = openPossession({ dpop: {} });
  assert.equal(outcome(await half.judge(half.proof(), { claims })), 'certificate_mismatch');
});

test('every mistake in the options is an issue in its place', () => {
  const issuesOf = (dpop: unknown) => {
    const { context, issues } = recordIssues();
    buildPossession('users', dpop, context, authnDeps(openTime()));
    return issues.map((issue) => issue.split(' ')[0]);
  };
  assert.deepEqual(issuesOf({}), []);
  assert.deepEqual(issuesOf(null), ['']);
  assert.deepEqual(issuesOf({ algorithms: [] }), ['algorithms']);
  assert.deepEqual(
    issuesOf({
      algorithms: ['HS256', 'none'],
      max_age: '1h',
      clock_skew: '-1s',
      nonce: 'yes',
      nonce_lifetime: '1s',
      base_url: 'api',
    }),
    ['nonce', 'nonce_lifetime', 'nonce_lifetime', 'algorithms.0', 'algorithms.1', 'max_age', 'clock_skew', 'base_url'],
  );
});

test('no junk is a proof', async () => {
  const { judge, proof } = openPossession({ dpop: {} });
  const good = proof();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc
          .tuple(fc.nat(good.length - 1), fc.constantFrom(...'aZ0_-.=, '))
          .map(([at, character]) => `${good.slice(0, at)}${character}${good.slice(at + 1)}`),
      ),
      async (text) => {
        fc.pre(text !== good);
        const verdict = await judge(text);
        assert.ok(verdict.kind === 'reject', JSON.stringify(verdict));
      },
    ),
    { numRuns: 300 },
  );
});
