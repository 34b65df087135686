import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { sendJson } from '../../test/support/introspection-server.ts';
import { alice, openOpaqueIdentity as open, reasonOf, seconds, secret } from '../../test/support/opaque-identity.ts';
import { aRequest } from '../../test/support/requests.ts';
import { makeKey, signToken } from '../../test/support/tokens.ts';

const thumbprint = 'A'.repeat(43);

test('an active token is a principal with what the provider says of it', async (context) => {
  const { server, present, authenticator } = await open(context);
  server.know({ t1: { ...alice, iss: 'https://idp.example', jti: 'j1', sid: 's1', client_id: 'app' } });
  const verdict = await present('t1');
  assert.ok(verdict.kind === 'pass');
  const { claims, roles, scopes, memberships, ...rest } = verdict.value.principal;
  assert.deepEqual(rest, {
    source: 'opaque',
    id: 'alice',
    key: 'opaque/alice',
    kind: 'introspection',
    issuer: 'https://idp.example',
    credentialId: 'j1',
    sessionId: 's1',
    issuedMs: alice.iat * 1000,
    expiresMs: alice.exp * 1000,
    boundBy: undefined,
  });
  assert.deepEqual([[...roles], [...scopes], memberships.groups.size], [['reader'], ['a', 'b'], 0]);
  assert.ok(Object.isFrozen(claims) && Object.getPrototypeOf(claims) === null && claims['client_id'] === 'app');
  assert.deepEqual(verdict.detail, { identity: 'opaque', from: 'provider' });
  server.know({ t2: { ...alice, jti: 't2' } });
  const named = await present('t2');
  assert.ok(named.kind === 'pass');
  assert.equal(named.value.principal.credentialId, undefined);
  assert.equal(authenticator.ready(), true);
});

test('the question is a form that holds the token, and says who asks (RFC 7662 section 2.1)', async (context) => {
  const { server, reasonFor } = await open(context);
  await reasonFor('mF_9.B5f-4.1JqM~+/==');
  const [{ path, method, headers, form } = assert.fail()] = server.questions;
  assert.deepEqual([path, method], ['/introspect', 'POST']);
  assert.deepEqual(Object.fromEntries(form), { token: 'mF_9.B5f-4.1JqM~+/==', token_type_hint: 'access_token' });
  assert.equal(headers.authorization, `Basic ${btoa(`gateway:${encodeURIComponent(secret).replaceAll('-', '%2D')}`)}`);
  assert.match(headers['content-type'] ?? '', /^application\/x-www-form-urlencoded/);
  assert.equal(headers.accept, 'application/json');
});

test('what cannot be a token of the provider never goes out', async (context) => {
  const { server, reasonFor, authenticator } = await open(context, { issuer: 'https://idp.example' });
  const foreign = signToken(makeKey('ES256'), { iss: 'https://other.example', sub: 'x' });
  const cases = [
    ['tök', 'credential_malformed'],
    ['a"b', 'credential_malformed'],
    ['=', 'credential_malformed'],
    ['a=b', 'credential_malformed'],
    ['pck_abc_0123456789', 'credential_malformed'],
    ['x'.repeat(17 * 1024), 'credential_malformed'],
    ['a b', 'credential_malformed'],
    ['a,Bearer b', 'credential_ambiguous'],
    [foreign, 'token_issuer'],
  ] as const;
  for (const [token, reason] of cases) {
    assert.equal(await reasonFor(token), reason, token.slice(0, 20));
    assert.equal(authenticator.recognises(aRequest({ headers: { authorization: `Bearer ${token}` } })), false);
  }
  assert.equal(server.questions.length, 0);
});

test('a JWT is left to other identities, and asked about where there is none', async (context) => {
  const { server, reasonFor, authenticator } = await open(context, { issuer: 'https://idp.example' });
  const token = signToken(makeKey('ES256'), { iss: 'https://idp.example', sub: 'alice' });
  server.know({ [token]: alice, opaque: alice });
  const recognises = (text: string): boolean =>
    authenticator.recognises(aRequest({ headers: { authorization: `Bearer ${text}` } }));
  assert.deepEqual([recognises(token), recognises('opaque')], [false, true]);
  assert.equal(await reasonFor(token), 'pass');
});

test('what the provider says is judged like the claims of a token, with reasons of its own', async (context) => {
  const { server, reasonFor } = await open(context, {
    issuer: 'https://idp.example',
    max_age: '1h',
    required_claims: ['scope'],
  });
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ active: false }, 'token_inactive'],
    [{ active: false, sub: 'alice', aud: 'orders' }, 'token_inactive'],
    [{ iss: 'https://idp.example' }, 'pass'],
    [{ iss: 'https://idp.example/' }, 'token_issuer'],
    [{ iss: ['https://idp.example'] }, 'token_claims'],
    [{ exp: seconds - 31 }, 'token_expired'],
    [{ exp: `${seconds + 300}` }, 'token_claims'],
    [{ exp: 1e300 }, 'token_claims'],
    [{ exp: undefined }, 'pass'],
    [{ nbf: seconds + 31 }, 'token_not_yet_valid'],
    [{ nbf: true }, 'token_claims'],
    [{ iat: seconds - 4000 }, 'token_expired'],
    [{ iat: undefined }, 'token_claims'],
    [{ aud: undefined }, 'token_claims'],
    [{ aud: ['billing', 'orders'] }, 'pass'],
    [{ aud: 'billing' }, 'token_audience'],
    [{ aud: { orders: true } }, 'token_claims'],
    [{ sub: 7 }, 'token_claims'],
    [{ sub: '' }, 'token_claims'],
    [{ sub: 'a\nb' }, 'token_claims'],
    [{ sub: undefined }, 'token_claims'],
    [{ username: 7 }, 'token_claims'],
    [{ client_id: ['app'] }, 'token_claims'],
    [{ scope: 7 }, 'token_claims'],
    [{ scope: undefined }, 'token_claims'],
    [{ roles: { admin: true } }, 'token_claims'],
    [{ jti: 7 }, 'token_claims'],
    [{ token_type: 'Bearer' }, 'pass'],
    [{ token_type: 'mac' }, 'token_type'],
    [{ token_type: 7 }, 'token_claims'],
    [{ typ: 'Refresh' }, 'token_type'],
    [{ token_use: 'refresh_token' }, 'token_type'],
    [{ token_use: 'access_token', typ: 'Bearer' }, 'pass'],
    [{ cnf: 'x' }, 'token_claims'],
    [{ cnf: { jkt: thumbprint } }, 'proof_missing'],
    [{ cnf: { 'x5t#S256': thumbprint } }, 'certificate_mismatch'],
  ];
  const tokens = cases.map(([change], index) => [`t${index}`, { ...alice, ...change }] as const);
  server.know(Object.fromEntries(tokens));
  for (const [index, [change, reason]] of cases.entries()) {
    assert.equal(await reasonFor(`t${index}`), reason, JSON.stringify(change));
    assert.equal(await reasonFor(`t${index}`), reason, `remembered: ${JSON.stringify(change)}`);
  }
  // What has expired is not remembered.
  assert.equal(server.questions.length, cases.length + 1);
});

test('a client that calls for itself is a principal that no user can be', async (context) => {
  const { server, present, reasonFor } = await open(context, { audience: 'any' });
  const { sub: _, aud: __, ...nobody } = alice;
  server.know({
    machine: { ...nobody, client_id: 'reports' },
    nobody,
    pretender: { ...nobody, sub: 'client:reports', client_id: 'app' },
    list: { ...nobody, sub: 'alice', aud: [7] },
  });
  const verdict = await present('machine');
  assert.ok(verdict.kind === 'pass');
  assert.equal(verdict.value.principal.id, 'client:reports');
  assert.equal(await reasonFor('nobody'), 'token_claims');
  assert.equal(await reasonFor('pretender'), 'token_claims');
  assert.equal(await reasonFor('list'), 'token_claims');
});

test('a token that is bound to a certificate is taken with that certificate alone (RFC 8705 section 3.2)', async (context) => {
  const ends = { issuedMs: undefined, expiresMs: undefined };
  const shown = { thumbprint, subject: '', uris: [], dnsNames: [], emails: [], ...ends };
  const { server, present } = await open(context, {}, () => ({ kind: 'present', certificate: shown }));
  const other = `${thumbprint.slice(1)}E`;
  server.know({ own: { ...alice, cnf: { 'x5t#S256': thumbprint } }, other: { ...alice, cnf: { 'x5t#S256': other } } });
  const verdict = await present('own');
  assert.ok(verdict.kind === 'pass');
  assert.equal(verdict.value.principal.boundBy, 'mtls');
  assert.equal(reasonOf(await present('other')), 'certificate_mismatch');
});

test('what is no answer is a failure of ours, whatever it looks like', async (context) => {
  const { server, reasonFor, calls, logged, time } = await open(context, { timeout: '500ms' });
  const json = { 'content-type': 'application/json' };
  const raw =
    (body: string, headers: Readonly<Record<string, string>> = json, status = 200) =>
    (response: ServerResponse) =>
      void response.writeHead(status, headers).end(body);
  const stagings: readonly ((response: ServerResponse) => void)[] = [
    raw('{"active":"true"}'),
    raw('{"active":1}'),
    raw('{"active":null}'),
    raw('{"sub":"alice"}'),
    raw('{"active":false,"active":true}'),
    raw('{"active":true,"sub":"alice","sub":"bob"}'),
    raw('{"active":true,"__proto__":{"sub":"alice"}}'),
    raw('[true]'),
    raw('true'),
    raw(''),
    raw('{"active":true'),
    raw('{"active":true}', { 'content-type': 'text/html' }),
    raw('<html>', { 'content-type': 'text/html' }),
    raw('{"active":true}', {}),
    raw('{"active":true}', json, 201),
    raw('{"active":true}', json, 500),
    raw('{"error":"invalid_client","active":true}', json, 401),
    raw('{"error":"invalid_client"}', json, 400),
    raw('', json, 403),
    raw('', { location: server.url }, 307),
    raw(`{"active":true,"x":"${'x'.repeat(10 * 1024 ** 2)}"}`),
    (response) =>
      void response.writeHead(200, { ...json, 'content-length': '100' }).write('{"active"', () => response.destroy()),
    (response) => void response.destroy(),
    () => {},
  ];
  for (const [index, staging] of stagings.entries()) {
    time.advance(1000);
    server.stage((_, response) => staging(response));
    assert.equal(await reasonFor(`t${index}`), 'introspection_unavailable', String(index));
    // One that is well lets the next one be asked.
    server.stage((_, response) => sendJson(response, { active: false }));
    assert.equal(await reasonFor(`well${index}`), 'token_inactive');
  }
  assert.deepEqual(
    new Set(calls),
    new Set(['ok', 'error', 'refused', 'timeout'].map((outcome) => `introspection ${outcome}`)),
  );
  assert.ok(logged.length > 10 && !JSON.stringify(logged).includes(secret));
});

test('a token that the provider does not like is no failure of the provider', async (context) => {
  const { server, reasonFor } = await open(context);
  server.stage((_, response) => sendJson(response, { error: 'unsupported_token_type' }, 400));
  assert.equal(await reasonFor('jwt'), 'token_inactive');
  server.stage((_, response) => sendJson(response, { error: 'invalid_request' }, 400));
  for (let index = 0; index < 20; index += 1) assert.equal(await reasonFor(`t${index}`), 'introspection_unavailable');
  server.know({ good: alice });
  assert.equal(await reasonFor('good'), 'pass');
});

test('what it sees is told without a word of it', async (context) => {
  const { authenticator } = await open(context);
  const said = (headers: Readonly<Record<string, string>>): string => authenticator.describe(aRequest({ headers }));
  const jwt = signToken(makeKey('ES256'), { sub: 'x' });
  assert.deepEqual(
    [{}, { authorization: 'Bearer s3cret' }, { authorization: `Bearer ${jwt}` }, { authorization: 'Bearer pck_x' }].map(
      said,
    ),
    [
      'nothing',
      'an opaque token',
      'a JWT, which its provider is asked about where no other identity takes it',
      'an API key',
    ],
  );
});
