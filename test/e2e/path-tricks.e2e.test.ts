// Bytes that no client would write, through the real Envoy with the shipped bootstrap: who refuses them, and what is
// left of them upstream.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type RawAnswer, sendBytes, sendHttp2, type TlsEndpoint } from '../support/raw-http.ts';

/** Who answers: Envoy by itself, Portcullis by a denial, or the API because both let the request through. */
type Answerer = 'envoy' | 'portcullis' | 'api';

// What is tried here is for Envoy and the guard: the search for attacks would be there before them.
const guarded = (demo: string): string => replaced(demo, 'protect: { preset: balanced }', 'protect: { preset: off }');

let gateway: Gateway;
let endpoint: TlsEndpoint;
let host: string;
let key: string;
before(async () => {
  // The echo of the API shows what reaches it; what a rule sets from a header may turn out to be empty.
  const mirror = '{ id: mirror, match: { path: /echo, methods: [GET] }, identity: [partners],';
  const headers = 'upstream: { set_headers: { x-note: "{header.x-source}", x-tenant: "{claims.tenant}" } } }';
  const inside = '{ id: inside, match: { path: /inside }, allow: anonymous, require: { address: [10.0.0.0/8] } }';
  gateway = await startGateway({
    config: (demo) =>
      replaced(
        replaced(guarded(demo), '\nrules:\n', `\nrules:\n  - ${mirror} ${headers}\n  - ${inside}\n`),
        'client_address: { from: peer }',
        'client_address: { from: x-forwarded-for, trusted_hops: 1 }',
      ),
  });
  endpoint = { port: gateway.ports.https, ca: gateway.pki.ca };
  host = `localhost:${gateway.ports.https}`;
  key = `X-Api-Key: ${gateway.key}`;
});
after(() => gateway?.stop());

function replaced(text: string, part: string, by: string): string {
  assert.ok(text.includes(part), `the demo has no ${part}`);
  return text.replace(part, by);
}

/** Sends lines as they are, byte for byte: Latin-1 characters are bytes. */
const sendLines = (...lines: readonly string[]): Promise<RawAnswer> =>
  sendBytes(endpoint, Buffer.from([...lines, '', ''].join('\r\n'), 'latin1'));
const get = (target: string, ...lines: readonly string[]): Promise<RawAnswer> =>
  sendLines(`GET ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...lines);

function answererOf({ head }: RawAnswer): Answerer {
  if (/^x-endpoint: /m.test(head)) return 'api';
  return /^x-decision-id: /m.test(head) ? 'portcullis' : 'envoy';
}

const verdict = (answer: RawAnswer): readonly [number, Answerer] => [answer.status, answererOf(answer)];

/** The request headers that reached the API behind /echo. */
function received(answer: RawAnswer): Readonly<Record<string, readonly string[]>> {
  assert.deepEqual(verdict(answer), [200, 'api']);
  return JSON.parse(answer.body).headers;
}

const targets: readonly (readonly [target: string, status: number, by: Answerer])[] = [
  // Two slashes at the beginning are no host.
  ['//admin/people', 400, 'portcullis'],
  ['//x/people?a=1', 400, 'portcullis'],
  ['//localhost/echo', 400, 'portcullis'],
  ['/healthz//echo', 400, 'portcullis'],
  // Dot segments are resolved before anybody decides: what is protected stays so.
  ['/healthz/../echo', 401, 'portcullis'],
  ['/healthz/%2e%2e/echo', 401, 'portcullis'],
  ['/healthz/.%2E/echo', 401, 'portcullis'],
  ['/./echo', 401, 'portcullis'],
  ['/../../../echo', 401, 'portcullis'],
  ['/healthz/..\\echo', 401, 'portcullis'],
  ['/healthz/..;/echo', 401, 'portcullis'],
  ['/..;/echo', 401, 'portcullis'],
  ['/.;/echo', 401, 'portcullis'],
  ['/healthz/..', 200, 'api'],
  ['/healthz/../nowhere', 403, 'portcullis'],
  ['/%65cho', 401, 'portcullis'],
  // Escaped slashes.
  ['/healthz/%2e%2e%2fecho', 400, 'envoy'],
  ['/healthz/%2e%2e%5cecho', 400, 'envoy'],
  ['/orders%2F1', 400, 'envoy'],
  ['/orders%2f1', 400, 'envoy'],
  ['/orders%5c1', 400, 'envoy'],
  ['/orders%252f1', 400, 'portcullis'],
  // The query takes no part.
  ['/healthz?x=1', 200, 'api'],
  ['/echo?x=/healthz', 401, 'portcullis'],
  ['/echo?.css', 401, 'portcullis'],
  // Fragments and parameters.
  ['/healthz#/echo', 400, 'envoy'],
  ['/healthz?a#b', 400, 'envoy'],
  ['/healthz%23/x', 400, 'portcullis'],
  ['/echo;x=y/action', 400, 'portcullis'],
  // No path at all.
  ['echo', 400, 'envoy'],
  ['*', 400, 'envoy'],
  ['', 400, 'envoy'],
  ['https:echo', 400, 'envoy'],
  // Absolute forms: their host counts.
  ['http://localhost/healthz', 200, 'api'],
  ['https://localhost/echo', 401, 'portcullis'],
  ['http://elsewhere.example/healthz', 404, 'envoy'],
  // Characters that no path has.
  ['/healthz%00', 400, 'envoy'],
  ['/healthz\0', 400, 'envoy'],
  ['/\xff', 400, 'envoy'],
  ['/healthz%zz', 400, 'portcullis'],
  ['/healthz%ff', 400, 'portcullis'],
  ['/healthz/', 403, 'portcullis'],
  ['/HEALTHZ', 403, 'portcullis'],
  [`/${'a'.repeat(9000)}`, 400, 'portcullis'],
];

for (const [target, status, by] of targets) {
  test(`GET ${target.slice(0, 40)} is ${status} by ${by}`, async () => {
    assert.deepEqual(verdict(await get(target)), [status, by]);
  });
}

test('methods that have no path are refused', async () => {
  const at = (line: string): Promise<RawAnswer> => sendLines(line, `Host: ${host}`, 'Connection: close');
  assert.deepEqual(verdict(await at('OPTIONS * HTTP/1.1')), [404, 'envoy']);
  assert.deepEqual(verdict(await at(`CONNECT ${host} HTTP/1.1`)), [404, 'envoy']);
  assert.deepEqual(verdict(await at('CONNECT /healthz HTTP/1.1')), [400, 'envoy']);
});

test('a host is one host', async () => {
  const at = async (...hosts: readonly string[]) =>
    verdict(await sendLines('GET /healthz HTTP/1.1', ...hosts.map((one) => `Host: ${one}`), 'Connection: close'));
  assert.deepEqual(await at('LocalHost.:1'), [200, 'api']);
  assert.deepEqual(await at(), [400, 'envoy']);
  assert.deepEqual(await at(''), [404, 'envoy']);
  assert.deepEqual(await at('localhost:'), [400, 'portcullis']);
  assert.deepEqual(await at('localhost:99999'), [400, 'portcullis']);
  assert.deepEqual(await at('a,b;for=1.2.3.4'), [404, 'envoy']);
  assert.deepEqual(await at('localhost@elsewhere.example'), [404, 'envoy']);
  for (const second of ['elsewhere.example', 'localhost']) {
    const [status, by] = await at('localhost', second);
    assert.ok((status === 400 || status === 404) && by !== 'api', `two hosts are ${status} by ${by}`);
  }
});

test('over HTTP/2 the pseudo headers count, in whatever case and beside whatever host header', async () => {
  const at = async (path: string, more: Readonly<Record<string, string>> = {}) =>
    verdict(
      await sendHttp2(endpoint, { ':method': 'GET', ':scheme': 'https', ':authority': host, ':path': path, ...more }),
    );
  assert.deepEqual(await at('/healthz', { ':scheme': 'htTps' }), [200, 'api']);
  assert.deepEqual(await at('/healthz', { ':scheme': 'file' }), [400, 'portcullis']);
  assert.deepEqual(await at('//echo'), [400, 'portcullis']);
  assert.deepEqual(await at('/healthz/../echo'), [401, 'portcullis']);
  assert.deepEqual(await at('/healthz#/echo'), [400, 'envoy']);
  // Envoy resets the stream, and takes its time to end the connection.
  const reset = await Promise.all([at('echo'), at('*'), at(''), at('/healthz', { x_user: 'evil' })]);
  for (const answer of reset) assert.deepEqual(answer, [0, 'envoy']);
  const echo = { ':method': 'GET', ':scheme': 'https', ':authority': host, ':path': '/echo', 'x-api-key': gateway.key };
  const { host: seen } = received(await sendHttp2(endpoint, { ...echo, host: 'elsewhere.example' }));
  assert.deepEqual(seen, [host]);
});

test('what we own is never the client’s', async () => {
  const sent = ['X-User: evil', 'X-User: worse', 'X-USER-SOURCE: users', 'X-Decision-Id: mine', 'X-Tenant: evil'];
  const headers = received(await get('/echo', key, ...sent));
  assert.deepEqual(headers['x-user']?.length, 1);
  assert.notEqual(headers['x-user']?.[0], 'evil');
  assert.deepEqual(headers['x-user-source'], ['partners']);
  assert.match(headers['x-decision-id']?.join() ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(headers['x-tenant'], undefined, 'a claim that is absent leaves nothing of the client’s');
  assert.equal(headers['x-api-key'], undefined, 'the credential ends at the gateway');
});

test('the connection header takes none of ours away', async () => {
  const names = 'Connection: close, X-User, X-User-Source, X-Decision-Id, X-Note';
  const sent = [`Host: ${host}`, names, key, 'X-User: evil', 'X-Source: fine'];
  const headers = received(await sendLines('GET /echo HTTP/1.1', ...sent));
  for (const name of ['x-user', 'x-user-source', 'x-decision-id', 'x-note'])
    assert.equal(headers[name]?.length, 1, name);
  assert.notEqual(headers['x-user']?.[0], 'evil');
});

test('a header that we set to nothing overwrites too', async () => {
  const headers = received(await get('/echo', key, 'X-Source:', 'X-Note: evil'));
  assert.deepEqual(headers['x-note'] ?? [''], ['']);
});

test('header lines that could be read in two ways are refused, or are one line for all', async () => {
  const refused: readonly (readonly [line: string, by: Answerer])[] = [
    ['X_User: evil', 'envoy'],
    ['X-User_Source: evil', 'envoy'],
    ['X-User : evil', 'envoy'],
    ['X-Note: a\0b', 'envoy'],
    ['X-Note: a\xff', 'portcullis'],
    ['X-Note: \xc0\xaf', 'portcullis'],
  ];
  for (const [line, by] of refused) assert.deepEqual(verdict(await get('/echo', key, line)), [400, by], line);
  const smuggled = ['Content-Length: 5', 'Transfer-Encoding: chunked'];
  assert.deepEqual(verdict(await get('/echo', key, ...smuggled)), [400, 'envoy']);
  for (const line of ['X-Foo: a\r\n X-User: evil', 'X-Foo: a\rX-User: evil', 'X-Foo: a\nX-User: evil']) {
    assert.doesNotMatch(received(await get('/echo', key, line))['x-user']?.join() ?? '', /evil/);
  }
});

test('two credentials are never one of them', async () => {
  assert.deepEqual(verdict(await get('/echo', key, key)), [400, 'portcullis']);
  const tokens = ['Authorization: Bearer a', 'Authorization: Bearer b'];
  assert.deepEqual(verdict(await get('/orders', ...tokens)), [400, 'portcullis']);
  assert.deepEqual(verdict(await get('/orders', key, 'Authorization: Bearer a')), [400, 'portcullis']);
});

test('headers about another request change nothing', async () => {
  const paths = ['X-Envoy-Original-Path', 'X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Uri'].map(
    (name) => `${name}: /healthz`,
  );
  const others = [
    'X-Forwarded-Method: GET',
    'X-Forwarded-Proto: http',
    'X-Envoy-Internal: true',
    'X-HTTP-Method-Override: GET',
  ];
  for (const line of [...paths, ...others, 'User-Agent: GoogleHC/1.0', 'User-Agent: kube-probe/1.33']) {
    assert.deepEqual(verdict(await get('/echo', line)), [401, 'portcullis'], line);
  }
  const headers = received(await get('/echo', key, ...paths, ...others));
  assert.deepEqual(headers['x-forwarded-proto'], ['https']);
  assert.equal(headers['x-envoy-internal'], undefined);
  assert.equal(headers['x-envoy-original-path'], undefined);
});

test('a forwarded address does not count: our own Envoy appends the one that does', async () => {
  const forwarded = [
    '10.1.2.3',
    '10.1.2.3, 10.1.2.3',
    'not-an-ip',
    'unknown',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
    '10.1.2.3,',
  ];
  for (const value of forwarded) {
    assert.deepEqual(verdict(await get('/inside', `X-Forwarded-For: ${value}`)), [403, 'portcullis'], value);
  }
  const twice = ['X-Forwarded-For: 10.1.2.3', 'X-Forwarded-For: 10.1.2.3'];
  assert.deepEqual(verdict(await get('/inside', ...twice)), [403, 'portcullis']);
  for (const line of ['X-Real-IP: 10.1.2.3', 'Forwarded: for=10.1.2.3', 'X-Envoy-External-Address: 10.1.2.3']) {
    assert.deepEqual(verdict(await get('/inside', line)), [403, 'portcullis'], line);
  }
});
