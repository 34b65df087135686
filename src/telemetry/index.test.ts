import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OtlpReceiver, startOtlpReceiver } from '../../test/support/otlp-receiver.ts';
import { allowed, allowOf, denied, parentTrace, planted, trailOf } from '../../test/support/trails.ts';
import { systemClock } from '../core/clock.ts';
import { reject } from '../core/verdict.ts';
import { createTelemetry, type Telemetry, type TelemetryOptions } from './index.ts';

const logDestination = { write: () => {} };

async function withReceiver(
  use: (receiver: OtlpReceiver, telemetry: Telemetry) => Promise<void>,
  options: Partial<TelemetryOptions> = {},
): Promise<void> {
  const receiver = await startOtlpReceiver();
  const telemetry = createTelemetry({
    clock: systemClock,
    otlpEndpoint: receiver.endpoint,
    serviceName: 'edge',
    version: '1.2.3',
    logDestination,
    ...options,
  });
  try {
    await use(receiver, telemetry);
  } finally {
    receiver.behave('ok');
    await telemetry.shutdown(5000);
    await receiver.stop();
  }
}

test('the span of a call joins its parent and tells the decision', () =>
  withReceiver(async (receiver, telemetry) => {
    const handle = telemetry.tracing.open(parentTrace);
    handle.end(allowed({ startMs: systemClock.nowMs() }));
    await telemetry.shutdown(5000);
    const [span] = receiver.spans;
    assert.ok(span);
    assert.equal(span.traceId, parentTrace.traceId);
    assert.equal(span.parentSpanId, parentTrace.spanId);
    assert.deepEqual([span.traceId, span.spanId], [handle.traceId, handle.spanId]);
    assert.equal(span.name, 'envoy.service.auth.v3.Authorization/Check');
    assert.equal(span.kind, 2);
    assert.equal(span.resource['service.name'], 'edge');
    assert.equal(span.resource['service.version'], '1.2.3');
    assert.equal(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano), 750_000n);
    assert.deepEqual(span.attributes['portcullis.steps'], ['guard pass', 'match pass', 'authorize pass']);
    const expected = {
      'rpc.system.name': 'grpc',
      'rpc.method': 'envoy.service.auth.v3.Authorization/Check',
      'http.request.method': 'PUT',
      'url.path': '/orders/1',
      'portcullis.decision': 'allow',
      'portcullis.reason': 'ok',
      'portcullis.rule': 'orders-write',
      'portcullis.principal.source': 'users',
      'portcullis.step.authorize': 'pass',
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(span.attributes[name], value, name);
  }));

test('the span of an exchange has the name of its method', () =>
  withReceiver(async (receiver, telemetry) => {
    telemetry.tracing.open(parentTrace).end(allowed({ service: 'process' }));
    await telemetry.shutdown(5000);
    const name = 'envoy.service.ext_proc.v3.ExternalProcessor/Process';
    assert.deepEqual([receiver.spans[0]?.name, receiver.spans[0]?.attributes['rpc.method']], [name, name]);
  }));

test('a denial is no error, a failure of ours is one, and shadow verdicts are told', () =>
  withReceiver(async (receiver, { tracing, shutdown }) => {
    tracing.open(parentTrace).end(denied('authorize', 'permission_missing'));
    tracing.open(parentTrace).end(denied('identify', 'key_set_unavailable'));
    tracing.open(parentTrace).end(denied('decode', 'call_undecodable'));
    tracing.open(parentTrace).end(
      trailOf(allowOf(), {}, (trail) => {
        trail.note('authorize', reject('role_missing'), { rule: 'strict', shadow: true });
        trail.note('limit', { kind: 'abstain', detail: {} }, { shadow: true });
      }),
    );
    await shutdown(5000);
    const [deny, failure, undecoded, shadow] = receiver.spans;
    assert.equal(deny?.attributes['http.response.status_code'], 403);
    assert.equal(deny?.attributes['error.type'], undefined);
    assert.notEqual(deny?.status.code, 2);
    assert.equal(failure?.attributes['error.type'], 'key_set_unavailable');
    assert.equal(failure?.status.code, 2);
    assert.equal(undecoded?.attributes['url.path'], undefined);
    assert.deepEqual(shadow?.attributes['portcullis.shadow'], ['strict deny role_missing', 'none allow ok']);
    assert.equal(shadow?.attributes['portcullis.step.authorize'], undefined);
  }));

test('an unsampled caller gets no span, and without a caller the root ratio decides', () =>
  withReceiver(
    async (receiver, telemetry) => {
      const unsampled = telemetry.tracing.open({ ...parentTrace, sampled: false });
      assert.deepEqual([unsampled.traceId, unsampled.spanId], [parentTrace.traceId, parentTrace.spanId]);
      unsampled.end(allowed());
      const root = telemetry.tracing.open(undefined);
      assert.match(root.traceId, /^[0-9a-f]{32}$/);
      root.end(allowed());
      await telemetry.shutdown(5000);
      assert.deepEqual(
        receiver.spans.map(({ traceId, parentSpanId }) => [traceId, parentSpanId ?? '']),
        [[root.traceId, '']],
      );
    },
    { sampleRoot: 1 },
  ));

test('without a caller nothing is sampled by default', () =>
  withReceiver(async (receiver, telemetry) => {
    const handle = telemetry.tracing.open(undefined);
    assert.equal(handle.traceId, '');
    handle.end(allowed());
    await telemetry.shutdown(5000);
    assert.equal(receiver.spans.length, 0);
  }));

test('the same metrics go to the collector and to the text', () =>
  withReceiver(
    async (receiver, telemetry) => {
      telemetry.signals.decided(denied('authorize', 'role_missing'));
      telemetry.signals.planLoaded('ok', 'v1');
      const find = (name: string) =>
        receiver.until(({ metrics }) => metrics.findLast((metric) => metric.name === name && metric.points.length > 0));
      const decisions = await find('portcullis_decisions_total');
      assert.deepEqual([decisions.kind, decisions.unit, decisions.resource['service.name']], ['sum', '1', 'edge']);
      assert.equal(decisions.points[0]?.asDouble, 1);
      assert.deepEqual(decisions.points[0]?.attributes, {
        rule: 'orders-write',
        effect: 'deny',
        reason: 'role_missing',
      });
      const durations = await find('portcullis_decision_duration_seconds');
      assert.equal(durations.kind, 'histogram');
      assert.equal(durations.points[0]?.bucketCounts?.length, (durations.points[0]?.explicitBounds?.length ?? 0) + 1);
      assert.equal((await find('portcullis_plan_info')).kind, 'gauge');
      assert.match(telemetry.metricsText(), /^portcullis_decisions_total\{.*reason="role_missing"\} 1$/m);
      assert.match(telemetry.metricsText(), /^portcullis_process_resident_memory_bytes [1-9]\d+$/m);
    },
    { metricsIntervalMs: 50 },
  ));

test('planted secrets reach neither spans nor metrics', () =>
  withReceiver(
    async (receiver, { tracing, signals, metricsText, shutdown }) => {
      for (const trail of [allowed(), denied('guard', 'path_malformed'), denied('inspect', 'body_mismatch')]) {
        tracing.open(parentTrace).end(trail);
        signals.decided(trail);
      }
      await shutdown(5000);
      assert.equal(receiver.spans.length, 3);
      assert.ok(receiver.metrics.length > 0);
      const everything = receiver.raw.join() + metricsText();
      for (const secret of Object.values(planted)) assert.ok(!everything.includes(secret), secret);
    },
    { metricsIntervalMs: 50 },
  ));

test('a refusing collector is logged once and counted, and its recovery is logged', async () => {
  const lines: string[] = [];
  await withReceiver(
    async (receiver, telemetry) => {
      receiver.behave(400);
      await receiver.until(({ requests }) => requests >= 3);
      receiver.behave('ok');
      await receiver.until(({ metrics }) => metrics.length > 0);
      await telemetry.shutdown(5000);
      const messages = lines.map((line) => JSON.parse(line)).map(({ level, message }) => `${level} ${message}`);
      assert.deepEqual(messages, ['warn the collector takes no exports', 'info the collector takes exports again']);
      assert.match(telemetry.metricsText(), /^portcullis_otlp_exports_total\{signal="metrics",outcome="error"\} \d+$/m);
    },
    { metricsIntervalMs: 20, logDestination: { write: (line: string) => lines.push(line) } },
  );
});

test('shutdown ends at its bound when the collector never answers', () =>
  withReceiver(async (receiver, telemetry) => {
    receiver.behave('hold');
    telemetry.tracing.open(parentTrace).end(allowed());
    await telemetry.shutdown(20);
    await receiver.until(({ requests }) => requests > 0);
    assert.equal(receiver.spans.length, 0);
  }));

test('without an endpoint nothing is connected to, and everything else works', async () => {
  const telemetry = createTelemetry({ clock: systemClock, otlpEndpoint: '', logDestination });
  const handle = telemetry.tracing.open(parentTrace);
  assert.deepEqual([handle.traceId, handle.spanId], [parentTrace.traceId, parentTrace.spanId]);
  handle.end(allowed());
  telemetry.signals.decided(allowed());
  assert.match(telemetry.metricsText(), /portcullis_decisions_total/);
  await telemetry.shutdown(1000);
});

test('a trail that nothing can be made of does not throw', () =>
  withReceiver(async (_receiver, telemetry) => {
    const handle = telemetry.tracing.open(parentTrace);
    // A story that breaks its contract in every way: whoever closes a span must not be hurt by it.
    handle.end(Object.create(null));
  }));
