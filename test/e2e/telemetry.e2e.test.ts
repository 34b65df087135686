import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { stringify } from 'yaml';
import { mintApiKey } from '../../src/authn/api-key/mint.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { type CheckClient, type CheckParts, connectCheck } from '../support/check-client.ts';
import { type Ingress, type IngressAnswer, startIngress } from '../support/ingress.ts';
import { type GrpcSpan, type OtlpGrpcReceiver, startOtlpGrpcReceiver } from '../support/otlp-grpc-receiver.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';
import { jwksOf, makeKey, signToken } from '../support/tokens.ts';

const issuer = 'https://idp.example';
const key = makeKey('ES256');
const partner = mintApiKey({ owner: 'acme', roles: ['reader'] });
/** Letters and digits alone, so that no encoding hides them from the search. */
const secret = (name: string): string => `${name}SECRET${randomBytes(8).toString('hex')}`;
const configSecrets = { redis: secret('redis'), upstream: secret('upstream') } as const;

const config = (otlp: string): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
redis: { url: "redis://:${configSecrets.redis}@127.0.0.1:1/" }
identity:
  users:
    jwt: { issuer: "${issuer}", audience: [orders], algorithms: [ES256], jwks: { inline: ${JSON.stringify(jwksOf(key))} } }
  partners: { api_key: { keys_file: keys.yaml } }
roles: { reader: { permissions: ["orders:read"] } }
limits:
  per_session: { key: [client.address, header.x-session], rate: 1000/m }
  per_caller: { key: principal.key, rate: 1000/m }
rules:
  - id: echo
    match: { path: /echo }
    identity: { first_of: [users, partners] }
    limits: [per_session, per_caller]
    parameters: { query: { from: "[0-9-]+" }, headers: { x-trace-me: "[a-z]+" } }
    upstream: { set_headers: { x-internal-token: "\${UPSTREAM_TOKEN}" } }
  - id: watching
    match: { path: "/**" }
    mode: shadow
    identity: [users]
    require: { permission: "orders:write" }
  - id: create
    match: { path: /orders, methods: [POST] }
    identity: [users, partners]
    payload: { schema_file: order.schema.json }
audit: { sinks: [stdout, otlp] }
telemetry: { otlp: { endpoint: "${otlp}", metrics_interval: 1s }, sample_root: 1 }
`;
const orderSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  required: ['item'],
  properties: { item: { type: 'string', maxLength: 4, enum: ['lamp'] }, note: { type: 'integer' } },
};

let collector: OtlpReceiver;
let envoyCollector: OtlpGrpcReceiver;
let sidecar: SidecarProcess;
let ingress: Ingress;
let client: CheckClient;
before(async () => {
  collector = await startOtlpReceiver();
  envoyCollector = await startOtlpGrpcReceiver();
  sidecar = await startSidecarProcess({
    config: config(collector.endpoint),
    files: { 'keys.yaml': stringify({ keys: [partner.entry] }), 'order.schema.json': JSON.stringify(orderSchema) },
    env: { UPSTREAM_TOKEN: configSecrets.upstream },
  });
  ingress = await startIngress({ grpc: sidecar.grpc, bootstrap: 'tracing.yaml', otlpPort: envoyCollector.port });
  client = await connectCheck(sidecar.grpc);
});
after(async () => {
  client?.close();
  await ingress?.stop();
  await sidecar?.stop();
  envoyCollector?.stop();
  await collector?.stop();
});

const token = (claims: object = {}): string => {
  const exp = Math.floor(Date.now() / 1000) + 600;
  return signToken(key, { iss: issuer, sub: 'alice', aud: 'orders', exp, ...claims });
};
const ours = (traceId: string): Promise<ReceivedSpan> =>
  collector.until(({ spans }) => spans.find((span) => span.traceId === traceId));
/** Envoy sends spans by fives, else every five seconds: further calls hurry it. */
async function hurried(what: string, holds: () => boolean): Promise<void> {
  const nudged = async (): Promise<boolean> => {
    if (!holds()) await ingress.send({ path: '/nudge' });
    return holds();
  };
  await waitFor({ what, holds: nudged });
}
/** Envoy's spans of a trace, as soon as there are so many. */
async function theirs(traceId: string, count: number): Promise<readonly GrpcSpan[]> {
  const spans = (): readonly GrpcSpan[] => envoyCollector.spans.filter((span) => span.traceId === traceId);
  await hurried(`Envoy sends ${count} spans`, () => spans().length >= count);
  return spans();
}
const spanNamed = (spans: readonly GrpcSpan[], name: RegExp): GrpcSpan => {
  const found = spans.filter((span) => name.test(span.name));
  assert.equal(found.length, 1, `one span is ${name}`);
  return found[0] as GrpcSpan; // the length has just been looked at
};
const traceparentOf = ({ body }: IngressAnswer): readonly string[] =>
  JSON.parse(body).headers.traceparent[0].split('-');

test('one trace shows the request, the decision and the call to the API', async () => {
  const answer = await ingress.send({ path: '/echo?from=2026-01-31', headers: { authorization: `Bearer ${token()}` } });
  assert.equal(answer.status, 200);
  const [, traceId = '', upstreamSpanId] = traceparentOf(answer);

  const check = await ours(traceId);
  const spans = await theirs(traceId, 3);
  const root = spanNamed(spans, /^ingress$/);
  const asking = spanNamed(spans, /Authorization.Check egress$/);
  const upstream = spanNamed(spans, /^router api egress$/);
  assert.deepEqual([root.parentSpanId, asking.parentSpanId, upstream.parentSpanId], ['', root.spanId, root.spanId]);
  assert.equal(check.parentSpanId, asking.spanId);
  assert.equal(upstreamSpanId, upstream.spanId);

  // What joins them to the audit event, and to people who read it.
  const decisionId = JSON.parse(answer.body).headers['x-decision-id'][0];
  assert.equal(check.attributes['portcullis.decision_id'], decisionId);
  assert.equal(check.attributes['portcullis.rule'], 'echo');
  assert.equal(root.attributes['portcullis.decision_id'], decisionId);
  assert.equal(root.attributes['url.path'], '/echo');
  const log = await collector.until(({ logs }) => logs.find((one) => String(one.body).includes(decisionId)));
  assert.equal(log.traceId, traceId);
  assert.equal(log.spanId, asking.spanId);
  assert.equal(JSON.parse(String(log.body)).trace.uid, traceId);
  assert.equal(log.resource['service.instance.id'], check.resource['service.instance.id']);
});

test('a denial joins the trace that the client began, and an unsampled trace is followed without a span', async () => {
  const traceId = randomBytes(16).toString('hex');
  const traceparent = `00-${traceId}-00000000000000ab-01`;
  const denied = await ingress.send({ path: '/echo', headers: { traceparent } });
  assert.equal(denied.status, 401);
  const check = await ours(traceId);
  assert.equal(check.attributes['http.response.status_code'], 401);
  assert.equal(check.attributes['portcullis.reason'], 'credential_missing');
  const spans = await theirs(traceId, 2);
  assert.equal(spanNamed(spans, /^ingress$/).parentSpanId, '00000000000000ab');
  assert.equal(check.parentSpanId, spanNamed(spans, /Authorization.Check egress$/).spanId);

  const unsampled = randomBytes(16).toString('hex');
  const headers = { traceparent: `00-${unsampled}-00000000000000ab-00`, authorization: `Bearer ${token()}` };
  const allowed = await ingress.send({ path: '/echo', headers });
  assert.equal(traceparentOf(allowed)[1], unsampled);
  const decisionId = JSON.parse(allowed.body).headers['x-decision-id'][0];
  const log = await collector.until(({ logs }) => logs.find((one) => String(one.body).includes(decisionId)));
  assert.equal(log.traceId, unsampled);
  // Spans of later calls have come, so one of this call would have.
  const later = await ingress.send({ path: '/echo', headers: { authorization: `Bearer ${token()}` } });
  await ours(traceparentOf(later)[1] ?? '');
  assert.equal(
    collector.spans.some((span) => span.traceId === unsampled),
    false,
  );
});

test('what callers and operators keep secret appears in no sink', async () => {
  const planted = new Map<string, string>(Object.entries(configSecrets));
  const plant = (name: string, value = secret(name)): string => {
    planted.set(name, value);
    return value;
  };
  const bearer = plant('token', token({ note: plant('claim'), jti: 'id' }));
  const [, payload = '', signature = ''] = bearer.split('.');
  plant('payload of the token', payload);
  plant('signature of the token', signature);
  const apiKey = plant('apiKey', partner.key);
  const basic = Buffer.from(`user:${plant('password')}`).toString('base64');
  plant('basic', basic);
  const always = {
    cookie: `session=${plant('cookie')}`,
    'x-session': plant('session'),
    referer: `https://app.example/?code=${plant('code')}`,
    'x-forwarded-for': plant('forwarded'),
  };
  const query = (name: string): string => `?access_token=${plant(name)}`;
  const requests: readonly CheckParts[] = [
    { path: `/echo${query('query')}&from=2026-01-31`, headers: { authorization: `Bearer ${bearer}` } },
    { path: `/echo${query('query1')}`, headers: { 'x-api-key': apiKey } },
    { path: `/echo?from=${plant('mismatch')}`, headers: { 'x-api-key': apiKey } },
    { path: '/echo', headers: { 'x-api-key': apiKey, 'x-trace-me': plant('patterned') } },
    { path: '/echo', headers: { 'x-api-key': plant('unknownKey') } },
    { path: '/echo', headers: { 'x-api-key': mintApiKey({ owner: 'x', roles: [], id: 'x' }).key } },
    { path: '/echo', headers: { authorization: `Bearer ${plant('malformed')}` } },
    { path: '/echo', headers: { authorization: `Bearer ${bearer.slice(0, -4)}AAAA` } },
    { path: '/echo', headers: { authorization: `Basic ${basic}` } },
    { path: `//echo${query('query2')}` },
    { path: `/nowhere${query('query3')}`, headers: { authorization: `Bearer ${bearer}` } },
    { path: `/echo/%2e%2e;jsession=1/${query('query4')}#${plant('fragment')}` },
  ];
  const statuses: number[] = [];
  for (const { path = '', headers = {} } of requests) {
    statuses.push((await ingress.send({ path, headers: { ...always, ...headers } })).status);
  }
  assert.deepEqual(statuses.slice(0, 5), [200, 200, 400, 400, 401]);

  const post = (body: string, type = 'application/json'): Promise<{ readonly status: number }> =>
    client.check({ method: 'POST', headers: { ...always, 'x-api-key': apiKey, 'content-type': type }, body });
  assert.equal((await post(JSON.stringify({ item: 'lamp' }))).status, 200);
  assert.equal((await post(JSON.stringify({ item: plant('item'), note: plant('note') }))).status, 422);
  assert.equal((await post(`{"item": ${plant('syntax')}}`)).status, 400);
  assert.equal((await post(plant('text'), 'text/plain')).status, 415);
  const last = await client.check({ path: `/end${query('end')}`, headers: always });

  // Everything has arrived once the last one has: all sinks keep their order.
  await collector.until(({ logs }) => logs.some(({ body }) => String(body).includes(last.decisionId)));
  await collector.until(({ spans }) =>
    spans.some(({ attributes }) => attributes['portcullis.decision_id'] === last.decisionId),
  );
  const metrics = collector.metrics.length;
  await collector.until((received) => received.metrics.length > metrics);
  await waitFor({
    what: 'the last event is written',
    holds: async () => (await sidecar.stdout()).includes(last.decisionId),
  });
  const before = envoyCollector.spans.length;
  await hurried("Envoy's spans have come", () => envoyCollector.spans.length > before + 10);
  const pages = await Promise.all(['/metrics', '/config', '/readyz', '/healthz'].map(sidecar.page));
  const sinks = {
    stdout: await sidecar.stdout(),
    stderr: sidecar.child.output(),
    OTLP: collector.raw.join('\n'),
    pages: pages.map(({ body }) => body).join('\n'),
    Envoy: JSON.stringify(envoyCollector.spans) + ingress.envoy.output(),
  };
  const leaks = Object.entries(sinks).flatMap(([sink, text]) =>
    [...planted].filter(([, value]) => text.includes(value)).map(([name]) => `${name} in ${sink}`),
  );
  assert.deepEqual(leaks, []);
  // Each sink has told of these calls.
  assert.match(sinks.stderr, /the counter store is away/);
  assert.match(sinks.pages, /reason="parameter_mismatch"/);
  assert.match(sinks.pages, /"x-internal-token"/);
  assert.match(sinks.OTLP, /body_mismatch/);
});
