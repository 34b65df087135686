import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stringify } from 'yaml';
import { accessLogSchema } from '../../src/access-log/config.ts';
import { mintApiKey } from '../../src/authn/api-key/mint.ts';
import { answerTo } from '../../src/demo/http-answer.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { type CheckClient, type CheckParts, connectCheck } from '../support/check-client.ts';
import { type EventReceiver, startEventReceiver } from '../support/event-receiver.ts';
import type { Ingress } from '../support/ingress.ts';
import { type OtlpGrpcReceiver, startOtlpGrpcReceiver } from '../support/otlp-grpc-receiver.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { openPlanting } from '../support/planting.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { openSinks, type SearchedSink } from '../support/searched-sinks.ts';
import { type AdminPage, type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';
import { jwksOf, makeKey, signToken } from '../support/tokens.ts';
import { startWatchedIngress } from '../support/watched-gateway.ts';

// One place for all secrets and all that we write: every kind of sink in every encoding comes from their tables, so that
// a new one is searched without a word here.
const root = join(import.meta.dirname, '../..');
const issuer = 'https://idp.example';
const { properties: accessLogKeys } = JSON.parse(JSON.stringify(accessLogSchema));
const accessLogSinks = Object.keys(accessLogKeys.sinks.items.anyOf[1].properties);
const key = makeKey('ES256');
const partner = mintApiKey({ owner: 'acme', roles: ['reader'] });
const planting = openPlanting();
const { plant } = planting;

/** A private key in PEM, of which a line in the middle is planted. */
const plantPem = (name: string, pem: string): string => {
  plant(name, pem.split('\n')[1] ?? pem);
  return pem;
};
const newPem = (curve: 'ed25519' | 'P-256'): string => {
  const { privateKey } =
    curve === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: curve });
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
};
const adminToken = plant('admin token', `${plant('part of the admin token')}0123456789abcdef`);
const listToken = plant('token of the list', `${plant('part of the token of the list')}0123456789abcdef`);
// What the rigs give to the sinks that want a token.
plant('token of a sink', 'receiver-token');

const configOf = (otlp: string, redisUrl: string, hook: string, sinks: readonly unknown[]): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: { address: "127.0.0.1:0", token_file: admin.token }, public: "127.0.0.1:0", access_log: "127.0.0.1:0" }
redis: { url: "${redisUrl}" }
identity:
  users:
    jwt: { issuer: "${issuer}", audience: [orders], algorithms: [ES256], jwks: { inline: ${JSON.stringify(jwksOf(key))} } }
  partners: { api_key: { keys_file: keys.yaml } }
  opaque: { introspection: { url: "http://127.0.0.1:1/introspect", audience: [gateway], client: { id: gateway, secret: "\${CLIENT_SECRET}" } } }
roles: { reader: { permissions: ["orders:read"] } }
limits:
  per_session: { key: [client.address, header.x-session], rate: 1000/m }
  per_caller: { key: principal.key, rate: 1000/m }
signing: { issuer: "https://gateway.example", key_files: [signing.pem] }
rules:
  - id: echo
    match: { path: /echo }
    identity: { first_of: [users, partners] }
    limits: [per_session, per_caller]
    parameters: { query: { from: "[0-9-]+" }, headers: { x-trace-me: "[a-z]+" } }
    upstream: { set_headers: { x-internal-token: "\${UPSTREAM_TOKEN}" }, identity_token: { audience: api } }
  - id: watching
    match: { path: "/**" }
    mode: shadow
    identity: [users]
    require: { permission: "orders:write" }
  - id: create
    match: { path: /orders, methods: [POST] }
    identity: [users, partners]
    payload: { schema_file: order.schema.json }
  - { id: asked, match: { path: /opaque }, identity: [opaque] }
  - { id: searched, match: { path: /search }, allow: anonymous, protect: { preset: balanced } }
audit: { signing_key_file: audit.key, sinks: ${JSON.stringify(sinks)} }
access_log: { sinks: ${JSON.stringify(Object.values(accessSinks))} }
bans:
  list: { token_file: list.token }
  webhooks:
    - { url: "${hook}", token_file: hook.token, hmac_secret_file: hook.secret }
    - { url: "${hook}/${plant('path of a hook that refuses')}", hmac_secret_file: hook.secret }
telemetry: { otlp: { endpoint: "${otlp}", metrics_interval: 1s }, sample_root: 1, log_level: debug }
`;
const orderSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  required: ['item'],
  properties: { item: { type: 'string', maxLength: 4, enum: ['lamp'] }, note: { type: 'integer' } },
};

const folder = mkdtempSync(join(tmpdir(), 'portcullis-planted-'));
const accessFile = join(folder, 'access.jsonl');
/** Every kind of sink of the access log. */
const accessSinks = { stdout: 'stdout', file: { file: { path: accessFile } }, otlp: 'otlp' };

const configFile = join(folder, 'portcullis.yaml');
const env = { UPSTREAM_TOKEN: plant('header for the upstream'), CLIENT_SECRET: plant('client secret') };
let sinks: readonly SearchedSink[] = [];
/** The decisions on the requests, in their order. */
const decided: string[] = [];
let redis: RedisServer;
let hook: EventReceiver;
let collector: OtlpReceiver;
let envoyCollector: OtlpGrpcReceiver;
let sidecar: SidecarProcess;
let ingress: Ingress;
let client: CheckClient;
before(async () => {
  redis = await startRedis({ password: plant('password of Redis') });
  hook = await startEventReceiver('webhook');
  collector = await startOtlpReceiver();
  envoyCollector = await startOtlpGrpcReceiver();
  sinks = await openSinks(collector, () => sidecar.stdout());
  const files = {
    'portcullis.yaml': configOf(
      collector.endpoint,
      redis.url,
      hook.url,
      sinks.map(({ entry }) => entry),
    ),
    'keys.yaml': stringify({ keys: [partner.entry] }),
    'order.schema.json': JSON.stringify(orderSchema),
    'admin.token': adminToken,
    'list.token': listToken,
    'hook.token': plant('token of a hook', `${plant('part of the token of a hook')}0123456789abcdef`),
    'hook.secret': plant('secret of a hook', `${plant('part of the secret of a hook')}0123456789abcdef`),
    'audit.key': plantPem('key of the audit', newPem('ed25519')),
    'signing.pem': plantPem('key for identity tokens', newPem('P-256')),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  sidecar = await startSidecarProcess({ config: { file: configFile }, env });
  ingress = await startWatchedIngress(sidecar, envoyCollector.port);
  client = await connectCheck(sidecar.grpc);
});
after(async () => {
  client?.close();
  await ingress?.stop();
  await sidecar?.stop();
  for (const { stop } of sinks) await stop();
  envoyCollector?.stop();
  await collector?.stop();
  await hook?.stop();
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const token = (claims: object = {}): string => {
  const exp = Math.floor(Date.now() / 1000) + 600;
  return signToken(key, { iss: issuer, sub: 'alice', aud: 'orders', exp, ...claims });
};
const portcullis = (...args: readonly string[]): string => {
  const run = spawnSync(process.execPath, [join(root, 'src/main.ts'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return run.stdout + run.stderr;
};
const asAdmin = (method: string, path: string, bearer = adminToken, body?: string): Promise<AdminPage> =>
  answerTo(
    request(`http://${sidecar.admin}${path}`, {
      method,
      agent: false,
      timeout: 5000,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    }),
    body,
  );

/** What callers keep secret, in every place of a request, good, bad and ill-formed. */
function plantedRequests(): readonly CheckParts[] {
  const bearer = plant('token', token({ note: plant('claim'), jti: 'id' }));
  const [, payload = '', signature = ''] = bearer.split('.');
  plant('payload of the token', payload);
  plant('signature of the token', signature);
  const apiKey = plant('API key', partner.key);
  const basic = plant('basic', Buffer.from(`user:${plant('password')}`).toString('base64'));
  const query = (name: string): string => `?access_token=${plant(`query ${name}`)}`;
  const get = (path: string, headers: Readonly<Record<string, string>> = {}): CheckParts => ({ path, headers });
  const post = (body: string, type = 'application/json'): CheckParts => ({
    method: 'POST',
    path: '/orders',
    headers: { 'x-api-key': apiKey, 'content-type': type },
    body,
  });
  const authorization = `Bearer ${bearer}`;
  return [
    get(`/echo${query('of an allow')}&from=2026-01-31`, { authorization }),
    get(`/echo${query('beside a key')}`, { 'x-api-key': apiKey }),
    get(`/echo?from=${plant('mismatch')}`, { 'x-api-key': apiKey }),
    get('/echo', { 'x-api-key': apiKey, 'x-trace-me': plant('patterned header') }),
    get('/echo', { 'x-api-key': plant('unknown key') }),
    get('/echo', { 'x-api-key': plant('unknown part', mintApiKey({ owner: 'x', roles: [], id: 'x' }).key) }),
    get('/echo', { authorization: `Bearer ${plant('malformed token')}` }),
    get('/echo', { authorization: `Bearer ${bearer.slice(0, -4)}AAAA` }),
    get('/echo', { authorization: `Bearer ${token({ exp: 1, note: plant('claim of an expired token') })}` }),
    get('/echo', { authorization: `Basic ${basic}` }),
    get('/opaque', { authorization: `Bearer ${plant('opaque token')}` }),
    get(`//echo${query('of a doubtful path')}`),
    get(`/nowhere${query('of no rule')}`, { authorization }),
    get(`/echo/%2e%2e;jsession=1/${query('of dots')}#${plant('fragment')}`),
    get(`/search?q=${encodeURIComponent(`' OR 1=1 -- ${plant('beside an attack')}`)}`),
    get('/search', { cookie: `id=<script>alert('${plant('cookie with an attack')}')</script>` }),
    post(JSON.stringify({ item: 'lamp' })),
    post(JSON.stringify({ item: plant('field'), note: plant('field of another type') })),
    post(JSON.stringify({ item: 'lamp', [plant('name of a field')]: 1 })),
    post(`{"item": ${plant('syntax')}}`),
    post(`item=${plant('form')}`, 'application/x-www-form-urlencoded'),
    post(plant('text'), 'text/plain'),
  ];
}

const always = (): Readonly<Record<string, string>> => ({
  cookie: `session=${plant('cookie')}`,
  'x-session': plant('header of a limit'),
  referer: `https://app.example/?code=${plant('code')}`,
  'x-forwarded-for': plant('forwarded'),
});

/** All that administrators can ask. */
const pages = ['/metrics', '/config', '/readyz', '/healthz'];
const asked = ['/feeds', '/revocations', '/bans', '/log/levels', '/live', '/decisions?limit=1000'];

/** What the live view is told at once; the stream has no end of its own. */
async function firstOfStream(): Promise<string> {
  const headers = { authorization: `Bearer ${adminToken}` };
  const { body, status } = await fetch(`http://${sidecar.admin}/live/stream`, { headers });
  assert.equal(status, 200);
  let text = '';
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    if (/event: decisions/.test(text) && text.endsWith('\n\n')) break;
  }
  return text;
}

/** Tells others of a ban: by the list, by a hook that takes it and by one that refuses it. */
async function ban(): Promise<void> {
  const banned = await asAdmin('POST', '/bans', adminToken, '{"address":"198.51.100.7","for":"1h"}');
  assert.equal(banned.status, 201, banned.body);
  const list = await asAdmin('GET', '/bans/list', listToken);
  assert.deepEqual([list.status, list.body.trim()], [200, '198.51.100.7']);
  const refused = /a webhook did not take a change of bans/;
  const holds = async (): Promise<boolean> => hook.raw.length > 0 && refused.test(sidecar.child.output());
  await waitFor({ what: 'both hooks are told', holds });
}

test('what callers and operators keep secret appears in no sink, span, metric, page or message', async () => {
  const requests = plantedRequests();
  const secretHeaders = always();
  const statuses: number[] = [];
  for (const { body, ...parts } of requests) {
    const headers = { ...secretHeaders, ...parts.headers };
    // Envoy's bootstrap here buffers no body: those are asked about directly alone.
    if (body === undefined) await ingress.send({ path: '/', ...parts, headers });
    const { status, decisionId } = await client.check({
      ...parts,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    statuses.push(status);
    decided.push(decisionId);
  }
  const [allowed, mismatch, unknown, away] = [200, 400, 401, 503];
  const ofEcho = [allowed, allowed, mismatch, mismatch, unknown, unknown, unknown, unknown, unknown, unknown];
  assert.deepEqual(statuses, [...ofEcho, away, 400, 403, 400, 403, 403, 200, 422, 422, 400, 415, 415]);
  await ban();

  // From here on the store is away, and what is said of it is searched too.
  await redis.kill();
  const last = await client.check({ path: `/end?access_token=${plant('query of the end')}`, headers: secretHeaders });

  // Whoever tries the admin API with a wrong token, and whoever has the right one.
  const wrong = await asAdmin('GET', '/feeds', plant('wrong admin token'));
  const invalid = await asAdmin('POST', '/revocations', adminToken, JSON.stringify({ credential: plant('revoked') }));
  assert.deepEqual([wrong.status, invalid.status], [401, 422]);

  // Everything has arrived once the last one has: all sinks keep their order.
  for (const { place, text } of sinks) {
    const holds = async (): Promise<boolean> => (await text()).includes(last.decisionId);
    await waitFor({ what: `${place} has told of the last request`, holds });
  }
  await collector.until(({ spans }) =>
    spans.some(({ attributes }) => attributes['portcullis.decision_id'] === last.decisionId),
  );
  const metrics = collector.metrics.length;
  await collector.until((received) => received.metrics.length > metrics);

  assert.deepEqual(Object.keys(accessSinks), accessLogSinks);
  const bare = await ingress.send({ path: `/teapot?q=${plant('query of which nobody was asked')}` });
  assert.equal(bare.status, 418);
  const accessLogs = (): string => readFileSync(accessFile, 'utf8');
  await waitFor({ what: 'the access log tells of the last request', holds: async () => /"teapot"/.test(accessLogs()) });
  await collector.until(({ raw }) => raw.some((body) => body.includes('/teapot')));

  const texts = new Map<string, string>([['access log', accessLogs()]]);
  for (const { place, text } of sinks) texts.set(place, await text());
  for (const path of pages) texts.set(path, (await sidecar.page(path)).body);
  for (const path of [...asked, ...decided.map((id) => `/decisions/${id}`)]) {
    const { status, body } = await asAdmin('GET', path);
    assert.equal(status, 200, `${path} ${body}`);
    texts.set(path, body);
  }
  texts.set('a hook', hook.raw.join('\n'));
  texts.set('/live/stream', await firstOfStream());
  texts.set('refusals of the admin API', wrong.body + invalid.body);
  texts.set('standard error', sidecar.child.output());
  texts.set('OTLP', collector.raw.join('\n'));
  texts.set('Envoy', JSON.stringify(envoyCollector.spans) + ingress.envoy.output());
  assert.deepEqual(planting.leaksIn(texts), []);

  // Each of them has told of these calls.
  assert.match(texts.get('standard error') ?? '', /the counter store is away/);
  assert.match(texts.get('/metrics') ?? '', /reason="parameter_mismatch"/);
  assert.match(texts.get('/config') ?? '', /"x-internal-token"/);
  assert.match(texts.get('OTLP') ?? '', /body_mismatch/);
});

test('explain and audit show tell of a request without its secrets; explain alone shows claims, to whoever has the token', async () => {
  // Without it nobody could be identified: what has been revoked would not be known.
  await redis.revive();
  const texts: [string, string][] = [];
  for (const [index, { path = '', headers, ...parts }] of plantedRequests().entries()) {
    if (index % 8 !== 0) continue;
    const file = join(folder, `request-${index}.json`);
    writeFileSync(file, JSON.stringify({ path, ...parts, headers: { ...always(), ...headers } }));
    texts.push([`explain of request ${index}`, portcullis('explain', configFile, file, '--json')]);
  }
  const events = join(folder, 'events.ndjson');
  writeFileSync(events, (await sinks.find(({ place }) => place === 'file as ocsf')?.text()) ?? '');
  for (const id of decided.slice(1, 3)) {
    const story = portcullis('audit', 'show', '--decision', id, events);
    assert.ok(story.includes(id), story);
    texts.push([`story of ${id}`, story]);
  }
  for (const [place, text] of texts) assert.match(text, /decision/, place);
  const leaks = planting.leaksIn(texts).filter((leak) => !leak.startsWith('claim in explain'));
  assert.deepEqual(leaks, []);
});

test('a config that is refused is not told of with the secrets that it holds or names', () => {
  const unsound = (name: string): string => `-----BEGIN PRIVATE KEY-----\n${plant(name)}\n-----END PRIVATE KEY-----\n`;
  const files = {
    'tls.key': unsound('key of the listener'),
    'garbage.pem': unsound('key that signs'),
    'short.token': plant('token of two lines', `${plant('line of a token')}\nand more`),
    'plain-keys.yaml': `keys: [{ id: a, owner: acme, key: ${plant('key in the file of keys')}, hash: ${plant('hash')} }]`,
    'misshapen.yaml': `
version: 1
redis: { url: [${plant('list in place of a URL')}], password: ${plant('unknown member')} }
identity: { opaque: { introspection: { client: { id: a, secret: { value: ${plant('object in place of a secret')} } } } } }
rules: [{ id: a, match: { path: /a }, allow: anonymous, upstream: { set_headers: { authorization: [${plant('list of headers')}] } } }]
`,
    'unsound.yaml': `
version: 1
listen: { grpc: { address: "127.0.0.1:0", tls: { cert: tls.crt, key: tls.key } }, admin: { address: "127.0.0.1:0", token_file: short.token } }
redis: { url: "rediss//:${plant('password in no URL')}@redis" }
identity:
  users: { jwt: { issuer: "https://user:${plant('password of an issuer')}@idp.example", audience: [a], algorithms: [ES256], jwks: { inline: { keys: [{ kty: EC, crv: P-256, d: ${plant('private member')} }] } } } }
  partners: { api_key: { keys_file: plain-keys.yaml } }
signing: { issuer: "https://gateway.example", key_files: [garbage.pem] }
rules:
  - { id: a, match: { path: /a }, identity: [users], upstream: { set_headers: { x-api-key: "${plant('template')} {claims" } } }
audit:
  signing_key_file: garbage.pem
  sinks:
    - splunk_hec: { url: "https://user:${plant('password of a sink')}@splunk.example", token_file: short.token }
    - webhook: { url: "ftp://hooks.example/${plant('path of a hook')}?token=${plant('query of a hook')}" }
telemetry: { otlp: { endpoint: "http//user:${plant('password of the collector')}@collector" } }
`,
    'torn.yaml': `redis: { url: "redis://:${plant('password in a torn file')}@redis\nrules: [`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const texts = ['misshapen.yaml', 'unsound.yaml', 'torn.yaml'].flatMap((file) =>
    [
      ['validate', file],
      ['serve', file],
    ].map((args): [string, string] => [args.join(' '), portcullis(...args)]),
  );
  for (const [place, text] of texts) assert.match(text, /\.yaml:\d+:\d+/, place);
  assert.deepEqual(planting.leaksIn(texts), []);
});
