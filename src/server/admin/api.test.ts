import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openTime } from '../../../test/support/authn.ts';
import type { AdminAct } from '../../core/administration.ts';
import { silentLog } from '../../core/ports.ts';
import type { Revocation } from '../../core/revocation.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import { waitFor } from '../../envoy/condition.ts';
import { listenAdmin } from '../admin.ts';
import { openAdminApi } from './api.ts';
import { revocationRoutes } from './revocations.ts';

const token = 'correct-horse-battery-staple-0123456789';
const startMs = Date.UTC(2026, 0, 15);
const dayMs = 86_400_000;

interface Parts {
  readonly token?: string | undefined;
  readonly revoke?: (revocation: Revocation) => Promise<void>;
}

async function open(context: TestContext, parts: Parts = { token }) {
  const time = openTime(startMs);
  const revoked: Revocation[] = [];
  const acts: AdminAct[] = [];
  const errors: unknown[] = [];
  const log = { ...silentLog, error: (fields: object) => void errors.push(fields) };
  const routes = revocationRoutes({
    revocations: {
      list: () => revoked,
      revoke:
        parts.revoke ??
        (async (one) => {
          revoked.push(one);
        }),
    },
    shared: true,
    identities: () =>
      new Map([
        ['users', 'jwt'],
        ['partners', 'api_key'],
      ]),
    keepMs: () => 30 * dayMs,
    clock: time.clock,
  });
  const audit = { administered: (act: AdminAct) => void acts.push(act) };
  const admin = await listenAdmin('127.0.0.1:0', {
    readiness: () => ({ missing: [], reload: undefined }),
    metrics: () => '',
    config: () => ({}),
    api: openAdminApi({ routes, token: () => parts.token, audit, log }),
    log,
  });
  context.after(() => admin.close());
  const url = `http://${admin.address}/revocations`;
  const post = async (body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(url, {
      method: 'POST',
      body: text,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    });
    return { status: answer.status, headers: answer.headers, json: JSON.parse(await answer.text()) };
  };
  return { address: admin.address, url, post, revoked, acts, errors };
}

const alice = { kind: 'principal', identity: 'users', value: 'alice' };

test('what is revoked is said back, kept, and written down', async (context) => {
  const { post, revoked, acts } = await open(context);
  const before = '2026-01-14T12:00:00Z';
  const { status, headers, json } = await post({ ...alice, before, for: '2d' });
  assert.equal(status, 201);
  assert.equal(headers.get('content-type'), 'application/json');
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.deepEqual(json, {
    ...alice,
    before: '2026-01-14T12:00:00.000Z',
    until: '2026-01-17T00:00:00.000Z',
    shared: true,
  });
  assert.deepEqual(revoked, [
    { kind: 'principal', source: 'users', value: 'alice', beforeMs: Date.parse(before), untilMs: startMs + 2 * dayMs },
  ]);
  const [act] = acts;
  assert.equal(act?.peer?.address, '127.0.0.1');
  assert.deepEqual(
    { ...act, peer: undefined },
    {
      operation: 'POST /revocations',
      activity: 'create',
      actor: 'admin',
      peer: undefined,
      status: 201,
      refusal: undefined,
      object: { type: 'principal', name: 'users/alice' },
    },
  );
});

test('without an end a revocation is kept as configured, and for good where credentials do not end', async (context) => {
  const { post, revoked } = await open(context);
  await post(alice);
  const { json } = await post({ kind: 'credential', identity: 'partners', value: 'k1' });
  await post({ ...alice, until: '2026-01-16' });
  assert.equal(json.until, null);
  assert.deepEqual(
    revoked.map(({ untilMs }) => untilMs),
    [startMs + 30 * dayMs, undefined, startMs + dayMs],
  );
});

test('what is revoked is listed, all or by what it is', async (context) => {
  const { post, url, acts } = await open(context);
  await post(alice);
  await post({ kind: 'session', identity: 'users', value: 's&1' });
  const get = async (query: string) => {
    const answer = await fetch(url + query, { headers: { authorization: `bearer ${token}` } });
    return { status: answer.status, json: JSON.parse(await answer.text()) };
  };
  const all = await get('');
  assert.equal(all.json.total, 2);
  assert.deepEqual(all.json.revocations[0], { ...alice, before: null, until: '2026-02-14T00:00:00.000Z' });
  assert.equal((await get('?kind=session&identity=users&value=s%261')).json.total, 1);
  assert.equal((await get('?identity=partners')).json.total, 0);
  const odd = await get('?sort=value');
  assert.deepEqual([odd.status, odd.json.code], [422, 'request_invalid']);
  assert.deepEqual([acts.at(-1)?.activity, acts.at(-1)?.refusal], ['read', 'request_invalid']);
});

test('no token is configured: nothing is done, and the answer says what to set', async (context) => {
  const { post, url, revoked, acts } = await open(context, { token: undefined });
  const { status, json, headers } = await post(alice);
  assert.equal(status, 403);
  assert.equal(headers.get('content-type'), 'application/problem+json');
  assert.equal(json.code, 'admin_token_unset');
  assert.match(json.detail, /listen\.admin\.token_file/);
  assert.equal((await fetch(url)).status, 403);
  assert.deepEqual([revoked, acts.map(({ refusal }) => refusal)], [[], ['admin_token_unset', 'admin_token_unset']]);
});

test('without the token nothing is done, and what was presented is nowhere', async (context) => {
  const { post, url, revoked, acts } = await open(context);
  for (const authorization of ['', 'Basic YTpi', 'Bearer', `Bearer  ${token} x`, `Token ${token}`]) {
    const { status, json, headers } = await post(alice, { authorization });
    assert.deepEqual([status, json.code], [401, 'admin_token_missing'], authorization);
    assert.equal(headers.get('www-authenticate'), 'Bearer realm="portcullis-admin"');
  }
  for (const wrong of ['s3cret-guess', token.slice(1), `${token}0`, token.toUpperCase()]) {
    const { status, json, headers } = await post(alice, { authorization: `Bearer ${wrong}` });
    assert.deepEqual([status, json.code], [401, 'admin_token_wrong']);
    assert.match(headers.get('www-authenticate') ?? '', /error="invalid_token"/);
  }
  assert.equal((await fetch(url)).status, 401);
  assert.deepEqual(revoked, []);
  assert.equal(acts.length, 10);
  assert.ok(acts.every(({ actor, refusal }) => actor === undefined && refusal !== undefined));
  assert.ok(!JSON.stringify(acts).includes('s3cret'));
});

test('browsers are refused, whatever they bring', async (context) => {
  const { post, url, revoked } = await open(context);
  const { status, json, headers } = await post(alice, { origin: 'https://evil.example' });
  assert.deepEqual([status, json.code], [403, 'browser_refused']);
  assert.equal(headers.get('access-control-allow-origin'), null);
  const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } });
  assert.equal(preflight.status, 405);
  assert.equal(preflight.headers.get('access-control-allow-origin'), null);
  assert.deepEqual(revoked, []);
});

test('other methods are 405 with those that there are, other paths 404', async (context) => {
  const { url } = await open(context);
  for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD']) {
    const answer = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } });
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'GET, POST'], method);
  }
  for (const path of ['/', '/x', '2']) assert.equal((await fetch(url + path, { method: 'POST' })).status, 404);
});

test('only JSON as it should be is taken', async (context) => {
  const { post, revoked, acts } = await open(context);
  for (const type of [
    '',
    'text/plain',
    'application/json-seq',
    'application/json; charset=latin1',
    'multipart/form-data',
  ]) {
    assert.deepEqual((await post(alice, { 'content-type': type })).json.code, 'media_type_unsupported', type);
  }
  assert.equal((await post(alice, { 'content-encoding': 'gzip' })).status, 415);
  for (const body of [
    '',
    '{',
    '{"kind":"principal","kind":"session"}',
    '{"a":1}x',
    '\ufeff{}',
    '[[[[[[[[[1]]]]]]]]]',
  ]) {
    const { status, json } = await post(body);
    assert.deepEqual([status, json.code], [400, 'body_malformed'], body);
  }
  const large = await post({ ...alice, value: 'x'.repeat(70_000) });
  assert.deepEqual([large.status, large.json.code], [413, 'body_too_large']);
  assert.deepEqual(revoked, []);
  assert.ok(acts.every(({ refusal, actor }) => refusal !== undefined && actor === 'admin'));
  assert.equal((await post(alice, { 'content-type': 'Application/JSON; charset="UTF-8"' })).status, 201);
});

test('a request that says what cannot be is refused with all that is wrong', async (context) => {
  const { post, revoked } = await open(context);
  const { status, json } = await post({ kind: 'user', identity: 'usres', value: '', before: 'soon', forever: true });
  assert.equal(status, 422);
  assert.equal(
    json.detail,
    '"forever" is not known; known are kind, identity, value, before, until, for; ' +
      '"kind" must be one of credential, session, principal; "identity" must be one of users, partners; ' +
      '"value" must be a text of 1 to 1024 characters; "before" must be a time like 2027-01-31T12:00:00Z',
  );
  for (const body of [
    null,
    [],
    'alice',
    {},
    { ...alice, value: 7 },
    { ...alice, value: 'x'.repeat(1025) },
    { ...alice, kind: 'toString' },
    { ...alice, identity: '__proto__' },
    { ...alice, until: '2026-01-15T00:00:00Z' },
    { ...alice, until: '2026-02-30T00:00:00Z' },
    { ...alice, for: '0s' },
    { ...alice, for: '999999999d' },
    { ...alice, for: 30 },
    { ...alice, for: '1d', until: '2027-01-01T00:00:00Z' },
  ]) {
    assert.equal((await post(JSON.stringify(body))).status, 422, JSON.stringify(body).slice(0, 80));
  }
  assert.deepEqual(revoked, []);
});

test('a store that is away is 503 and says so; a bug is 500 and says nothing', async (context) => {
  const away = await open(context, { token, revoke: () => Promise.reject(new StoreUnavailable('the store is away')) });
  const { status, json } = await away.post(alice);
  assert.deepEqual([status, json.code], [503, 'store_unavailable']);
  assert.match(json.detail, /the store is away; it may or may not be done/);
  const buggy = await open(context, { token, revoke: () => Promise.reject(new RangeError('a secret')) });
  const bug = await buggy.post(alice);
  assert.deepEqual([bug.status, bug.json.code], [500, 'internal_error']);
  assert.ok(!JSON.stringify(bug.json).includes('a secret'));
  assert.deepEqual(buggy.errors, [{ error: 'RangeError' }]);
  assert.deepEqual([away.acts[0]?.status, buggy.acts[0]?.refusal], [503, 'internal_error']);
});

/** Sends bytes and resolves with everything that comes back until the connection ends. */
function raw(address: string, text: string): Promise<string> {
  const [host = '', port = ''] = address.split(':');
  const socket = connect(Number(port), host);
  socket.write(text);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  return new Promise((resolve, reject) => {
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

test('a body that does not come is cut off, and written down', async (context) => {
  const { address, acts } = await open(context);
  const head = `POST /revocations HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nauthorization: Bearer ${token}\r\n`;
  assert.match(await raw(address, `${head}content-length: 100\r\n\r\n{`), /^HTTP\/1\.1 408 /);
  await waitFor({ what: 'the attempt is written down', holds: async () => acts.length === 1 });
  assert.equal(acts[0]?.refusal, 'body_incomplete');
  const two = `POST /revocations HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\nauthorization: Bearer ${token}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
  assert.match(await raw(address, two), /^HTTP\/1\.1 401 /);
});
