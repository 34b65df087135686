import assert from 'node:assert/strict';
import { createHmac, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { authnDeps, never, openTime } from '../../test/support/authn.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aRequest } from '../../test/support/requests.ts';
import { base64url, jwksOf, makeKey, signRaw, signToken } from '../../test/support/tokens.ts';
import type { Identified } from '../core/identified.ts';
import { noMemberships } from '../core/principal.ts';
import type { Verdict } from '../core/verdict.ts';
import { algorithmNames } from './algorithms.ts';
import { jwt } from './jwt.ts';
import type { KeyLookup } from './provider-side/key-sets/key-set.ts';

const issuer = 'https://idp.example';
const time = openTime();
const now = time.clock.nowMs() / 1000;
const rsa = makeKey('RS256', 'rsa');
const ec = makeKey('ES256', 'ec');
const stranger = makeKey('ES256', 'ec');
const good = {
  iss: issuer,
  sub: 'alice',
  aud: 'orders',
  exp: now + 300,
  iat: now,
  roles: ['reader'],
  scope: 'a b',
  jti: 'j1',
};

function build(options: Readonly<Record<string, unknown>> = {}) {
  const { context, issues } = recordIssues();
  const authenticator = jwt.build(
    'users',
    {
      issuer,
      audience: ['orders', 'billing'],
      algorithms: ['RS256', 'ES256'],
      jwks: { inline: jwksOf(rsa, ec) },
      ...options,
    },
    context,
    authnDeps(time),
  );
  assert.deepEqual(issues, []);
  return authenticator;
}

const users = build();
const present = async (
  authorization: string | readonly string[],
  authenticator = users,
): Promise<Verdict<Identified>> => authenticator.authenticate(aRequest({ headers: { authorization } }), never);
const reasonOf = (verdict: Verdict<Identified>): string =>
  verdict.kind === 'reject' || verdict.kind === 'fail' ? verdict.reason : verdict.kind;
const reasonFor = async (token: string, authenticator = users): Promise<string> =>
  reasonOf(await present(`Bearer ${token}`, authenticator));

test('a good token is a principal with what its claims say', async () => {
  const verdict = await present(`bEaReR  ${signToken(ec, good)}`);
  assert.equal(verdict.kind, 'pass');
  if (verdict.kind !== 'pass') return;
  const { claims, roles, scopes, ...rest } = verdict.value.principal;
  assert.deepEqual(rest, {
    source: 'users',
    id: 'alice',
    key: 'users/alice',
    kind: 'jwt',
    issuer,
    credentialId: 'j1',
    sessionId: undefined,
    issuedMs: now * 1000,
    expiresMs: (now + 300) * 1000,
    boundBy: undefined,
    memberships: noMemberships,
  });
  assert.deepEqual([...roles], ['reader']);
  assert.deepEqual([...scopes], ['a', 'b']);
  assert.equal(claims['exp'], now + 300);
  assert.equal(Object.getPrototypeOf(claims), null);
});

test('every algorithm of the table verifies its own signatures and no other', async () => {
  for (const alg of algorithmNames) {
    const key = makeKey(alg);
    const own = build({ algorithms: [alg], jwks: { inline: jwksOf(key) } });
    assert.equal(await reasonFor(signToken(key, good), own), 'pass', alg);
    assert.equal(await reasonFor(signToken({ ...makeKey(alg), kid: key.kid }, good), own), 'token_signature', alg);
    const accepted = alg === 'RS256' || alg === 'ES256';
    assert.equal(await reasonFor(signToken(key, good)), accepted ? 'token_key_unknown' : 'token_algorithm', alg);
  }
});

// Rows 26 to 33 of the pitfalls, and what a lenient library lets through: [name, token, reason].
const header = JSON.stringify({ alg: 'ES256', kid: 'ec', typ: 'at+jwt' });
const unsigned = (head: object): string => `${base64url(JSON.stringify(head))}.${base64url(JSON.stringify(good))}.`;
const hmacWith = (secret: string | Buffer, head: object = { alg: 'HS256', kid: 'rsa', typ: 'at+jwt' }): string => {
  const input = `${base64url(JSON.stringify(head))}.${base64url(JSON.stringify(good))}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
};
const pem = createPublicKey(rsa.privateKey).export({ type: 'spki', format: 'pem' }).toString();
const claimsText = (insert: string): string => `${JSON.stringify(good).slice(0, -1)},${insert}}`;
const withHead = (insert: string): string => signRaw(ec, `${header.slice(0, -1)},${insert}}`, JSON.stringify(good));
const [headPart, claimsPart, signaturePart] = signToken(ec, good).split('.');

const crafted: readonly (readonly [string, string, string])[] = [
  ['alg none', unsigned({ alg: 'none' }), 'token_malformed'],
  ['alg none with a signature', `${unsigned({ alg: 'none' })}AAAA`, 'token_algorithm'],
  ['alg nOnE', `${unsigned({ alg: 'nOnE' })}AAAA`, 'token_algorithm'],
  ['empty signature', `${headPart}.${claimsPart}.`, 'token_malformed'],
  ['no alg', signToken(ec, good, { alg: undefined }), 'token_algorithm'],
  ['alg that is no text', signToken(ec, good, { alg: ['ES256'] }), 'token_malformed'],
  ['alg of a prototype', signToken(ec, good, { alg: 'toString' }), 'token_algorithm'],
  ['HS256 over the public PEM', hmacWith(pem), 'token_algorithm'],
  ['HS256 over the PEM with a newline before it', hmacWith(`\n${pem}`), 'token_algorithm'],
  ['HS256 over an empty secret', hmacWith(''), 'token_algorithm'],
  ['HS256 without kid', hmacWith(pem, { alg: 'HS256' }), 'token_algorithm'],
  ['a key of another type', signToken({ ...rsa, kid: 'ec' }, good), 'token_algorithm'],
  ['own key in jwk', signToken(stranger, good, { jwk: stranger.jwk }), 'token_signature'],
  [
    'own key behind jku',
    signToken(stranger, good, { kid: 'evil', jku: 'http://127.0.0.1:1/jwks' }),
    'token_key_unknown',
  ],
  ['own certificate', signToken(stranger, good, { x5c: ['MIIB'], x5u: 'http://127.0.0.1:1/x' }), 'token_signature'],
  ['kid as a path', signToken(stranger, good, { kid: '../../dev/null' }), 'token_key_unknown'],
  ['kid as a query', signToken(stranger, good, { kid: "x' UNION SELECT 'k" }), 'token_key_unknown'],
  ['kid of a prototype', signToken(stranger, good, { kid: '__proto__' }), 'token_key_unknown'],
  ['kid that is no text', signToken(ec, good, { kid: 1 }), 'token_malformed'],
  ['typ that is no text', signToken(ec, good, { typ: null }), 'token_malformed'],
  ['crit bork', withHead('"crit":["bork"]'), 'token_malformed'],
  ['crit cnf', withHead('"crit":["cnf"],"cnf":{}'), 'token_malformed'],
  ['crit empty', withHead('"crit":[]'), 'token_malformed'],
  ['b64 false without crit', withHead('"b64":false'), 'token_malformed'],
  ['b64 true', withHead('"b64":true'), 'token_malformed'],
  ['zip', withHead('"zip":"DEF"'), 'token_malformed'],
  ['enc', withHead('"enc":"A256GCM"'), 'token_malformed'],
  [
    'a JWE of five parts',
    `${base64url('{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483648}')}.a.b.c.d`,
    'token_malformed',
  ],
  ['iss as a list', signToken(ec, { ...good, iss: ['https://evil', issuer] }), 'token_issuer'],
  ['iss of another', signToken(ec, { ...good, iss: `${issuer}/` }), 'token_issuer'],
  ['no iss', signToken(ec, { ...good, iss: undefined }), 'token_issuer'],
  ['aud as an object', signToken(ec, { ...good, aud: { orders: true } }), 'token_claims'],
  ['aud with a number', signToken(ec, { ...good, aud: ['orders', 1] }), 'token_claims'],
  ['no aud', signToken(ec, { ...good, aud: undefined }), 'token_claims'],
  ['aud of another', signToken(ec, { ...good, aud: ['ordersx'] }), 'token_audience'],
  ['aud empty', signToken(ec, { ...good, aud: [] }), 'token_audience'],
  ['exp as text', signToken(ec, { ...good, exp: '9999999999' }), 'token_claims'],
  ['exp 1e400', signRaw(ec, header, JSON.stringify(good).replace(String(good.exp), '1e400')), 'token_malformed'],
  ['exp 1e999', signRaw(ec, header, JSON.stringify(good).replace(String(good.exp), '1e999')), 'token_malformed'],
  ['a number that a double rounds', signRaw(ec, header, claimsText('"x":9007199254740993.0')), 'token_malformed'],
  [
    'JSON 200,000 deep',
    signRaw(ec, header, claimsText(`"x":${'['.repeat(2e5)}${']'.repeat(2e5)}`)),
    'credential_malformed',
  ],
  ['exp 1e18', signToken(ec, { ...good, exp: 1e18 }), 'token_malformed'],
  ['exp beyond all years', signToken(ec, { ...good, exp: 253_402_300_800 }), 'token_claims'],
  ['exp negative', signToken(ec, { ...good, exp: -1 }), 'token_claims'],
  ['no exp', signToken(ec, { ...good, exp: undefined }), 'token_claims'],
  ['expired', signToken(ec, { ...good, exp: now - 30 }), 'token_expired'],
  ['nbf in the future', signToken(ec, { ...good, nbf: now + 31 }), 'token_not_yet_valid'],
  ['nbf as text', signToken(ec, { ...good, nbf: '0' }), 'token_claims'],
  ['iat in the future', signToken(ec, { ...good, iat: now + 31 }), 'token_not_yet_valid'],
  ['iat as null', signToken(ec, { ...good, iat: null }), 'token_claims'],
  ['sub as a number', signToken(ec, { ...good, sub: 7 }), 'token_claims'],
  ['no sub', signToken(ec, { ...good, sub: undefined }), 'token_claims'],
  ['sub empty', signToken(ec, { ...good, sub: '' }), 'token_claims'],
  ['sub with a line break', signToken(ec, { ...good, sub: 'alice\r\nx-role: admin' }), 'token_claims'],
  ['sub with NUL', signToken(ec, { ...good, sub: 'alice\u0000' }), 'token_claims'],
  ['sub with blanks around it', signToken(ec, { ...good, sub: ' alice' }), 'token_claims'],
  ['sub too long', signToken(ec, { ...good, sub: 'a'.repeat(257) }), 'token_claims'],
  ['roles as an object', signToken(ec, { ...good, roles: { admin: true } }), 'token_claims'],
  ['roles with a list in them', signToken(ec, { ...good, roles: ['reader', ['admin']] }), 'token_claims'],
  ['roles with a line break', signToken(ec, { ...good, roles: ['reader\n'] }), 'token_claims'],
  ['scope as a number', signToken(ec, { ...good, scope: 1 }), 'token_claims'],
  [
    'alg twice in the header',
    signRaw(ec, '{"alg":"none","alg":"ES256","kid":"ec","typ":"at+jwt"}', JSON.stringify(good)),
    'token_malformed',
  ],
  ['sub twice', signRaw(ec, header, claimsText('"sub":"admin"')), 'token_malformed'],
  ['sub twice, once escaped', signRaw(ec, header, claimsText('"\\u0073ub":"admin"')), 'token_malformed'],
  ['exp twice', signRaw(ec, header, claimsText('"exp":99999999999')), 'token_malformed'],
  ['__proto__', signRaw(ec, header, claimsText('"__proto__":{"roles":["admin"]}')), 'token_malformed'],
  ['BOM before the claims', signRaw(ec, header, `\ufeff${JSON.stringify(good)}`), 'token_malformed'],
  ['BOM before the header', signRaw(ec, `\ufeff${header}`, JSON.stringify(good)), 'token_malformed'],
  ['lone surrogate in sub', signRaw(ec, header, JSON.stringify(good).replace('alice', '\\ud800')), 'token_malformed'],
  ['bytes that are not UTF-8', signRaw(ec, header, Buffer.from([0x7b, 0xff, 0x7d])), 'token_malformed'],
  ['depth', signRaw(ec, header, claimsText(`"x":${'['.repeat(5000)}${']'.repeat(5000)}`)), 'token_malformed'],
  ['claims that are a list', signRaw(ec, header, '[]'), 'token_malformed'],
  ['header that is a text', signRaw(ec, '"x"', JSON.stringify(good)), 'token_malformed'],
  ['padding', `${headPart}=.${claimsPart}.${signaturePart}`, 'token_malformed'],
  [
    'a second spelling of the signature',
    `${headPart}.${claimsPart}.${signaturePart?.slice(0, -1)}B`,
    'token_malformed',
  ],
  ['typ AT+JWT', signToken(ec, good, { typ: 'AT+JWT' }), 'token_type'],
  ['typ of a logout token', signToken(ec, good, { typ: 'logout+jwt' }), 'token_type'],
  ['an ID token', signToken(ec, { ...good, nonce: 'n' }, { typ: 'JWT' }), 'token_type'],
  ['an ID token without typ', signToken(ec, { ...good, at_hash: 'h' }, { typ: undefined }), 'token_type'],
  ['a refresh token', signToken(ec, { ...good, typ: 'Refresh' }, { typ: 'JWT' }), 'token_type'],
  ['an ID token by token_use', signToken(ec, { ...good, token_use: 'id' }, { typ: 'JWT' }), 'token_type'],
  [
    'changed claims',
    `${headPart}.${base64url(JSON.stringify({ ...good, sub: 'admin' }))}.${signaturePart}`,
    'token_signature',
  ],
  ['signed by another', signToken(stranger, good), 'token_signature'],
  ['a signature that is too short', `${headPart}.${claimsPart}.AAAA`, 'token_signature'],
  ['10 MB of dots', '.'.repeat(10_000_000), 'credential_malformed'],
  ['16 KiB of dots', '.'.repeat(16 * 1024), 'token_malformed'],
  ['a token of 1 MB', signToken(ec, { ...good, x: 'x'.repeat(1_000_000) }), 'credential_malformed'],
  ['characters outside of base64url', `${headPart}+.${claimsPart}.${signaturePart}`, 'token_malformed'],
  ['no token at all', 'Zm9vYmFy', 'token_malformed'],
];

for (const [name, token, reason] of crafted) {
  test(`refused: ${name}`, async () => {
    const verdict = await present(`Bearer ${token}`);
    assert.equal(reasonOf(verdict), reason);
    if (verdict.kind !== 'reject') return;
    assert.match(verdict.headers[0]?.value ?? '', /^Bearer realm="portcullis", error="invalid_(token|request)"$/);
    assert.ok(!JSON.stringify(verdict).includes(token), 'the token is in the verdict');
  });
}

test('blanks, line breaks and tabs never stand inside a token', async () => {
  for (const gap of [' ', '\n', '\t', '\r\n']) {
    assert.notEqual(await reasonFor(`${headPart}${gap}.${claimsPart}.${signaturePart}`), 'pass');
    assert.notEqual(await reasonFor(`${headPart}.${claimsPart}.${signaturePart}${gap}`), 'pass');
  }
});

test('the clocks may differ by the skew and no more', async () => {
  assert.equal(await reasonFor(signToken(ec, { ...good, exp: now - 29 })), 'pass');
  assert.equal(await reasonFor(signToken(ec, { ...good, nbf: now + 30, iat: now + 30 })), 'pass');
  const strict = build({ clock_skew: '0s' });
  assert.equal(await reasonFor(signToken(ec, { ...good, exp: now }), strict), 'token_expired');
  assert.equal(await reasonFor(signToken(ec, { ...good, nbf: now + 1 }), strict), 'token_not_yet_valid');
});

test('types, age, claims and names are as configured', async () => {
  for (const typ of ['application/at+jwt', 'JWT', undefined]) {
    assert.equal(await reasonFor(signToken(ec, good, { typ })), 'pass');
  }
  assert.equal(await reasonFor(signToken(ec, good, { typ: 'JWT' }), build({ typ: ['at+jwt'] })), 'token_type');
  assert.equal(
    await reasonFor(signToken(ec, { ...good, nonce: 'n' }, { typ: 'jwt' }), build({ typ: ['jwt'] })),
    'token_type',
  );
  const young = build({ max_age: '1m' });
  assert.equal(await reasonFor(signToken(ec, { ...good, iat: now - 90 }), young), 'pass');
  assert.equal(await reasonFor(signToken(ec, { ...good, iat: now - 91 }), young), 'token_expired');
  assert.equal(await reasonFor(signToken(ec, { ...good, iat: undefined }), young), 'token_claims');
  const demanding = build({ required_claims: ['tenant'] });
  assert.equal(await reasonFor(signToken(ec, good), demanding), 'token_claims');
  assert.equal(await reasonFor(signToken(ec, { ...good, tenant: null }), demanding), 'token_claims');
  assert.equal(await reasonFor(signToken(ec, { ...good, tenant: 'acme' }), demanding), 'pass');
});

test('roles and scopes come from the configured claims, also from inside of objects', async () => {
  const keycloak = build({ roles_claim: 'realm_access.roles', scope_claim: 'https://idp.example/scp' });
  const claims = { ...good, roles: ['no'], realm_access: { roles: ['editor'] }, 'https://idp.example/scp': ['x', 'y'] };
  const verdict = await present(`Bearer ${signToken(ec, claims)}`, keycloak);
  assert.ok(verdict.kind === 'pass');
  assert.deepEqual([...verdict.value.principal.roles], ['editor']);
  assert.deepEqual([...verdict.value.principal.scopes], ['x', 'y']);
  const bare = await present(`Bearer ${signToken(ec, { ...good, jti: undefined })}`, keycloak);
  assert.ok(bare.kind === 'pass');
  assert.equal(bare.value.principal.roles.size, 0);
  assert.equal(bare.value.principal.credentialId, undefined);
  const one = await present(`Bearer ${signToken(ec, { ...good, roles: 'reader' })}`);
  assert.ok(one.kind === 'pass');
  assert.deepEqual([...one.value.principal.roles], ['reader']);
});

test('one token is judged anew by every identity and at every time (row 34)', async () => {
  const orders = build({ audience: ['orders'] });
  const billing = build({ audience: ['billing'] });
  const later = openTime();
  const token = signToken(ec, good);
  assert.equal(await reasonFor(token, orders), 'pass');
  assert.equal(await reasonFor(token, billing), 'token_audience');
  const { context } = recordIssues();
  const options = { issuer, audience: ['orders'], algorithms: ['ES256'], jwks: { inline: jwksOf(ec) } };
  const aging = jwt.build('users', options, context, authnDeps(later));
  assert.equal(await reasonFor(token, aging), 'pass');
  later.advance(331_000);
  assert.equal(await reasonFor(token, aging), 'token_expired');
});

test('the Authorization header holds one bearer token or is refused', async () => {
  const token = signToken(ec, good);
  const cases: readonly (readonly [string | readonly string[], string, string | undefined])[] = [
    [[`Bearer ${token}`, `Bearer ${token}`], 'credential_ambiguous', 'invalid_request'],
    [`Bearer ${token},Bearer ${token}`, 'credential_ambiguous', 'invalid_request'],
    [`Basic YTpi, Bearer ${token}`, 'credential_ambiguous', 'invalid_request'],
    [`Bearer ${token}, Basic YTpi`, 'credential_ambiguous', 'invalid_request'],
    ['Basic YTpi', 'credential_malformed', undefined],
    ['Digest username="a b", realm="my realm"', 'credential_malformed', undefined],
    ['', 'credential_malformed', undefined],
    ['Bearer', 'credential_malformed', 'invalid_token'],
    ['Bearer ', 'credential_malformed', 'invalid_token'],
    [`Bearer\t${token}`, 'credential_malformed', 'invalid_token'],
    [`Bearer ${token} x`, 'credential_malformed', 'invalid_token'],
    [token, 'credential_malformed', undefined],
  ];
  for (const [authorization, reason, error] of cases) {
    const verdict = await present(authorization);
    assert.equal(reasonOf(verdict), reason, String(authorization));
    assert.ok(verdict.kind === 'reject');
    const challenge = error === undefined ? 'Bearer realm="portcullis"' : `Bearer realm="portcullis", error="${error}"`;
    assert.deepEqual(verdict.headers, [{ name: 'www-authenticate', value: challenge }], String(authorization));
  }
  assert.equal((await users.authenticate(aRequest(), never)).kind, 'abstain');
});

test('keys that are away are our fault, and so is a bug; neither tells the token', async () => {
  const withSet = (find: () => KeyLookup | Promise<KeyLookup>) => {
    const keySets = { resolve: () => ({ find, ready: () => false }), start() {}, retain() {}, close() {} };
    const options = { issuer, audience: ['orders'], algorithms: ['ES256'], jwks: { url: 'https://idp.example/jwks' } };
    return jwt.build('users', options, recordIssues().context, authnDeps(time, keySets));
  };
  const away = withSet(() => ({ kind: 'unavailable' }));
  assert.equal(await reasonFor(signToken(ec, good), away), 'key_set_unavailable');
  assert.equal(away.ready(), false);
  assert.equal(away.keySets.length, 1);
  const broken = withSet(() => {
    throw new TypeError('secret');
  });
  assert.deepEqual(await present(`Bearer ${signToken(ec, good)}`, broken), {
    kind: 'fail',
    reason: 'internal_error',
    detail: { error: 'TypeError' },
  });
  const unfit = withSet(() => ({ kind: 'found', key: makeKey('RS256').publicKey }));
  assert.equal(await reasonFor(signToken(ec, good), unfit), 'internal_error');
  const odd = withSet(() => Promise.reject('secret'));
  assert.equal(await reasonFor(signToken(ec, good), odd), 'internal_error');
  const controller = new AbortController();
  const late = withSet(() => {
    controller.abort();
    return { kind: 'unavailable' };
  });
  const verdict = await late.authenticate(
    aRequest({ headers: { authorization: `Bearer ${signToken(ec, good)}` } }),
    controller.signal,
  );
  assert.equal(reasonOf(verdict), 'deadline_exceeded');
});

test('a token is recognised by its issuer before anything is proven', () => {
  const recognises = (authorization: string): boolean => users.recognises(aRequest({ headers: { authorization } }));
  assert.equal(recognises(`Bearer ${signToken(stranger, { iss: issuer })}`), true);
  assert.equal(recognises(`Bearer ${signToken(ec, { ...good, iss: 'https://other' })}`), false);
  assert.equal(recognises('Bearer x'), false);
  assert.equal(recognises('Basic x'), false);
});

test('a remembered signature is good under its very key alone, and for its very token', async () => {
  let [asked, current]: [number, KeyLookup] = [0, { kind: 'found', key: ec.publicKey }];
  const find = (): KeyLookup => {
    asked += 1;
    return current;
  };
  const keySets = { resolve: () => ({ find, ready: () => true }), start() {}, retain() {}, close() {} };
  const options = { issuer, audience: ['orders'], algorithms: ['ES256'], jwks: { url: 'https://idp.example/jwks' } };
  const remembering = jwt.build('users', options, recordIssues().context, authnDeps(time, keySets));
  const token = signToken(ec, { ...good, deep: { list: [{ a: 1 }] } });
  const verdicts = [await present(`Bearer ${token}`, remembering), await present(`Bearer ${token}`, remembering)];
  const [first, second] = verdicts.map((verdict) =>
    verdict.kind === 'pass' ? verdict.value.principal.claims : undefined,
  );
  assert.equal(first, second, 'the second one was read from memory');
  assert.throws(
    () => Object.assign(first?.['deep'] ?? {}, { list: [] }),
    TypeError,
    'calls that share claims cannot change them',
  );
  assert.equal(await reasonFor(`${token.slice(0, -4)}AAAA`, remembering), 'token_signature');
  current = { kind: 'found', key: stranger.publicKey };
  assert.equal(await reasonFor(token, remembering), 'token_signature');
  current = { kind: 'unknown' };
  assert.equal(await reasonFor(token, remembering), 'token_key_unknown');
  current = { kind: 'unavailable' };
  assert.equal(await reasonFor(token, remembering), 'key_set_unavailable');
  assert.equal(asked, 6);
});
