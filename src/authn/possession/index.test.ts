import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { authnDeps, never, openTime } from '../../../test/support/authn.ts';
import { athOf, makeProof, publicJwkOf, thumbprintOf } from '../../../test/support/proofs.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { anAttributes, aRequest } from '../../../test/support/requests.ts';
import { base64url, makeKey, signRaw } from '../../../test/support/tokens.ts';
import type { PresentedCertificate } from '../../core/certificate.ts';
import type { Json } from '../../core/json.ts';
import type { Claims } from '../../core/principal.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import type { AuthnDeps } from '../authenticator.ts';
import { buildPossession } from './index.ts';

const key = makeKey('ES256');
const token = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU';
const jkt = thumbprintOf(key);
const bound = { cnf: { jkt } };
const x5t = 'A'.repeat(43);
const shown = (thumbprint: string | undefined): PresentedCertificate => ({
  kind: 'present',
  certificate: {
    thumbprint,
    subject: '',
    uris: [],
    dnsNames: [],
    emails: [],
    issuedMs: undefined,
    expiresMs: undefined,
  },
});

interface Setting {
  readonly dpop?: unknown;
  readonly certificate?: PresentedCertificate;
  readonly deps?: Partial<AuthnDeps>;
}

function open({ dpop, certificate, deps }: Setting = {}, time = openTime()) {
  const { context, issues } = recordIssues();
  const certificates = () => certificate ?? ({ kind: 'absent' } as const);
  const possession = buildPossession('users', dpop, context, { ...authnDeps(time), certificates, ...deps });
  assert.deepEqual(issues, []);
  const iat = time.clock.nowMs() / 1000;
  const sound = { htm: 'GET', htu: 'https://api.example.com/orders', iat, ath: athOf(token) };
  const request = (proof: string | readonly string[] | undefined, sketch = {}) =>
    aRequest({ attributes: anAttributes({ headers: proof === undefined ? {} : { dpop: proof }, ...sketch }) });
  return {
    time,
    possession,
    sound,
    proof: (claims: object = {}, header: object = {}, by = key) =>
      makeProof(by, { header: { ...header }, claims: { ...sound, ...claims } }),
    request,
    judge: async (proof: string | readonly string[] | undefined, { claims = bound, ...sketch }: Sketch = {}) =>
      possession.verify({ scheme: 'dpop', token, claims, request: request(proof, sketch) }, never),
    bearer: async (claims: Sketch['claims'], proof?: string) =>
      possession.verify({ scheme: 'bearer', token, claims: claims ?? {}, request: request(proof) }, never),
  };
}

interface Sketch {
  readonly claims?: Claims;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
}

type Judged = Awaited<ReturnType<ReturnType<typeof open>['judge']>>;
const outcome = (verdict: Judged): string => {
  if (verdict.kind === 'pass') return `pass ${verdict.value.boundBy}`;
  if (verdict.kind === 'abstain') return 'abstain';
  return [verdict.reason, verdict.detail['problem'] ?? verdict.detail['claim']].filter(Boolean).join(' ');
};
const challenge = (verdict: Judged): string =>
  verdict.kind === 'reject' ? (verdict.headers.find(({ name }) => name === 'www-authenticate')?.value ?? '') : '';

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
  const at = (offsetMs: number) => open({ dpop: {} }, openTime(1_562_262_618_000 + offsetMs));
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
  const { judge } = open({ dpop: {} }, openTime(1_562_262_616_000));
  const target = { host: 'server.example.com', path: '/token', method: 'POST' };
  assert.equal(outcome(await judge(parts.join(''), target)), 'proof_malformed ath');
});

test('every algorithm of the table can sign proofs, where it is allowed', async () => {
  for (const alg of ['ES256', 'ES384', 'ES512', 'PS256', 'RS256', 'EdDSA', 'Ed25519']) {
    const own = makeKey(alg);
    const claims = { cnf: { jkt: thumbprintOf(own) } };
    const { judge, proof } = open({ dpop: { algorithms: [alg] } });
    assert.equal(outcome(await judge(proof({}, {}, own), { claims })), 'pass dpop', alg);
    const other = open({ dpop: { algorithms: [alg === 'ES256' ? 'ES384' : 'ES256'] } });
    assert.equal(outcome(await other.judge(other.proof({}, {}, own), { claims })), 'proof_malformed alg', alg);
  }
  const rsa = makeKey('RS256');
  const usual = open({ dpop: {} });
  assert.equal(outcome(await usual.judge(usual.proof({}, {}, rsa))), 'proof_malformed alg');
});

test('every flaw of a proof has its own word', async () => {
  const { judge, proof, sound } = open({ dpop: {} });
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
  const { judge, proof } = open({ dpop: {} });
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
  const { judge, proof } = open({ dpop: { base_url: 'https://public.example/v1/' } });
  const internal = { host: '10.0.0.1:8080' };
  assert.equal(outcome(await judge(proof({ htu: 'https://public.example/v1/orders' }), internal)), 'pass dpop');
  assert.equal(outcome(await judge(proof({ htu: 'https://10.0.0.1:8080/orders' }), internal)), 'proof_mismatch htu');
});

test('a proof is taken once, for as long as it could be taken again', async () => {
  const setting = { dpop: {} };
  const time = openTime();
  const { state } = authnDeps(time);
  const [one, other] = [open({ ...setting, deps: { state } }, time), open({ ...setting, deps: { state } }, time)];
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
  const { judge, proof } = open({ dpop: {} });
  const text = proof();
  const outcomes = await Promise.all(Array.from({ length: 20 }, async () => outcome(await judge(text))));
  assert.deepEqual(outcomes.toSorted().slice(0, 2), ['pass dpop', 'proof_replayed']);
});

test('another key may use the same jti, and a proof that does not hold uses none up', async () => {
  const other = makeKey('ES256');
  const { judge, proof } = open({ dpop: {} });
  assert.equal(outcome(await judge(proof({ jti: 'a', htm: 'POST' }))), 'proof_mismatch htm');
  assert.equal(outcome(await judge(proof({ jti: 'a' }))), 'pass dpop');
  const claims = { cnf: { jkt: thumbprintOf(other) } };
  assert.equal(outcome(await judge(proof({ jti: 'a' }, {}, other), { claims })), 'pass dpop');
});

test('whoever looks at the same request again sees no replay', async () => {
  const { possession, proof, request } = open({ dpop: {} });
  const same = request(proof());
  const presented = { scheme: 'dpop', token, claims: bound, request: same } as const;
  assert.equal(outcome(await possession.verify(presented, never)), 'pass dpop');
  assert.equal(outcome(await possession.verify(presented, never)), 'pass dpop');
  const replayed = { ...presented, request: aRequest({ attributes: same.attributes }) };
  assert.equal(outcome(await possession.verify(replayed, never)), 'proof_replayed');
});

test('while the store is away no proof passes', async () => {
  const time = openTime();
  const { state } = authnDeps(time);
  const values = { ...state.values, claim: () => Promise.reject(new StoreUnavailable('away')) };
  const { judge, proof } = open({ dpop: {}, deps: { state: { ...state, values } } }, time);
  const verdict = await judge(proof());
  assert.deepEqual([verdict.kind, outcome(verdict)], ['fail', 'replay_store_unavailable']);
  assert.equal(outcome(await judge(proof({ htm: 'POST' }))), 'proof_mismatch htm');
});

test('who is gone uses up no proof', async () => {
  const { possession, proof, request } = open({ dpop: {} });
  const text = proof();
  const presented = () => ({ scheme: 'dpop', token, claims: bound, request: request(text) }) as const;
  assert.equal(outcome(await possession.verify(presented(), AbortSignal.abort())), 'deadline_exceeded');
  assert.equal(outcome(await possession.verify(presented(), never)), 'pass dpop');
});

const nonceIn = (verdict: Judged): string | undefined => {
  const headers = verdict.kind === 'pass' ? verdict.value.response : verdict.kind === 'reject' ? verdict.headers : [];
  return headers.find(({ name }) => name === 'dpop-nonce')?.value;
};

test('a nonce of ours is asked for, handed out, and renewed before it is refused', async () => {
  const time = openTime();
  const { judge, proof } = open({ dpop: { nonce: true, nonce_lifetime: '1m' } }, time);
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
  const [one, other] = [0, 1].map(() => open({ dpop: { nonce: true }, deps: { state } }, time));
  assert.ok(one && other);
  const nonce = nonceIn(await one.judge(one.proof()));
  assert.equal(outcome(await other.judge(other.proof({ nonce }))), 'pass dpop');
  const away = { ...state, values: { ...state.values, claim: () => Promise.reject(new StoreUnavailable('away')) } };
  const cut = open({ dpop: { nonce: true }, deps: { state: away } }, time);
  assert.equal(outcome(await cut.judge(cut.proof({ nonce }))), 'replay_store_unavailable');
  await fc.assert(
    fc.asyncProperty(fc.string(), async (text) => {
      fc.pre(text !== nonce);
      assert.equal(outcome(await one.judge(one.proof({ nonce: text }))), 'proof_nonce');
    }),
    { numRuns: 20 },
  );
});

test('a token that is bound to a key never passes as a bearer token, with a proof or without', async () => {
  for (const dpop of [undefined, {}]) {
    const { bearer, proof } = open({ dpop });
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
  const { bearer, judge, proof } = open({ dpop: {} });
  for (const sent of [undefined, proof(), 'junk']) assert.equal(outcome(await bearer({}, sent)), 'pass undefined');
  assert.equal(outcome(await judge(proof(), { claims: {} })), 'proof_mismatch unbound');
  const { possession } = open();
  const presented = { scheme: 'dpop', token, claims: bound, request: aRequest() } as const;
  assert.equal(outcome(await possession.verify(presented, never)), 'proof_missing');
});

test('a binding that nobody here can confirm is refused', async () => {
  const { bearer, judge, proof } = open({ dpop: {}, certificate: shown(x5t) });
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
  assert.equal(outcome(await open({ certificate: shown(x5t) }).bearer({ cnf })), 'pass mtls');
  for (const certificate of [
    undefined,
    shown(undefined),
    shown('B'.repeat(43)),
    { kind: 'malformed', problem: 'x' } as const,
  ]) {
    const verdict = await open(certificate === undefined ? {} : { certificate }).bearer({ cnf });
    assert.equal(outcome(verdict), 'certificate_mismatch');
    assert.equal(challenge(verdict), 'Bearer realm="portcullis", error="invalid_token"');
  }
  const { judge, proof } = open({ dpop: {}, certificate: shown(x5t) });
  assert.equal(outcome(await judge(proof(), { claims: { cnf } })), 'proof_mismatch unbound');
});

test('a token that is bound to both needs both', async () => {
  const claims = { cnf: { jkt, 'x5t#S256': x5t } };
  const whole = open({ dpop: {}, certificate: shown(x5t) });
  assert.equal(outcome(await whole.judge(whole.proof(), { claims })), 'pass dpop');
  assert.equal(outcome(await whole.bearer(claims)), 'proof_missing');
  const half = open({ dpop: {} });
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
  const { judge, proof } = open({ dpop: {} });
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
