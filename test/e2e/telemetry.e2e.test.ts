import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Ingress, type IngressAnswer, startIngress } from '../support/ingress.ts';
import { type GrpcSpan, type OtlpGrpcReceiver, startOtlpGrpcReceiver } from '../support/otlp-grpc-receiver.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';
import { jwksOf, makeKey, signToken } from '../support/tokens.ts';

const issuer = 'https://idp.example';
const key = makeKey('ES256');

const config = (otlp: string): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
identity:
  users:
    jwt: { issuer: "${issuer}", audience: [orders], algorithms: [ES256], jwks: { inline: ${JSON.stringify(jwksOf(key))} } }
rules:
  - id: echo
    match: { path: /echo }
    identity: [users]
    parameters: { query: { from: "[0-9-]+" } }
  - id: watching
    match: { path: "/**" }
    mode: shadow
    identity: [users]
    require: { permission: "orders:write" }
roles: { editor: { permissions: ["orders:write"] } }
audit: { sinks: [stdout, otlp] }
telemetry: { otlp: { endpoint: "${otlp}", metrics_interval: 1s }, sample_root: 1 }
`;

let collector: OtlpReceiver;
let envoyCollector: OtlpGrpcReceiver;
let sidecar: SidecarProcess;
let ingress: Ingress;
before(async () => {
  collector = await startOtlpReceiver();
  envoyCollector = await startOtlpGrpcReceiver();
  sidecar = await startSidecarProcess({ config: config(collector.endpoint) });
  ingress = await startIngress({ grpc: sidecar.grpc, bootstrap: 'tracing.yaml', otlpPort: envoyCollector.port });
});
after(async () => {
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
