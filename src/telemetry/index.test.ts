import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OtlpReceiver, startOtlpReceiver } from '../../test/support/otlp-receiver.ts';
import { allowed, allowOf, denied, parentTrace, planted, trailOf } from '../../test/support/trails.ts';
import { systemClock } from '../core/clock.ts';
import { openTrail } from '../core/trail.ts';
import { abstain, pass, reject } from '../core/verdict.ts';
import { createTelemetry, type Telemetry, type TelemetryOptions } from './index.ts';
import { noTraces } from './traces.ts';

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
    telemetry.tracing.record(allowed({ startMs: systemClock.nowMs() }));
    await telemetry.shutdown(5000);
    const [span] = receiver.spans;
    assert.ok(span);
    assert.equal(span.traceId, parentTrace.traceId);
    assert.equal(span.parentSpanId, parentTrace.spanId);
    assert.equal(span.attributes['portcullis.sampled_by'], 'parent');
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
    telemetry.tracing.record(allowed({ service: 'process' }));
    await telemetry.shutdown(5000);
    const name = 'envoy.service.ext_proc.v3.ExternalProcessor/Process';
    assert.deepEqual([receiver.spans[0]?.name, receiver.spans[0]?.attributes['rpc.method']], [name, name]);
  }));

test('a denial is no error, a failure of ours is one, and shadow verdicts are told', () =>
  withReceiver(async (receiver, { tracing, shutdown }) => {
    tracing.record(denied('authorize', 'permission_missing'));
    tracing.record(denied('identify', 'key_set_unavailable'));
    tracing.record(denied('decode', 'call_undecodable'));
    tracing.record(
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
      telemetry.tracing.record(allowed({ trace: { ...parentTrace, sampled: false } }));
      telemetry.tracing.record(allowed({ trace: undefined }));
      await telemetry.shutdown(5000);
      assert.deepEqual(
        receiver.spans.map(({ parentSpanId, attributes }) => [parentSpanId ?? '', attributes['portcullis.sampled_by']]),
        [['', 'root']],
      );
      assert.match(receiver.spans[0]?.traceId ?? '', /^[0-9a-f]{32}$/);
    },
    { sampleRoot: 1 },
  ));

test('a denial that is asked for has a span where Envoy did not sample: below Envoy’s, with its own times', () =>
  withReceiver(
    async (receiver, telemetry) => {
      const trace = { ...parentTrace, sampled: false };
      telemetry.tracing.record(allowed({ trace }));
      telemetry.tracing.record(denied('authorize', 'permission_missing', { trace }));
      await telemetry.shutdown(5000);
      const [span, ...rest] = receiver.spans;
      assert.ok(span);
      assert.equal(rest.length, 0);
      assert.deepEqual([span.traceId, span.parentSpanId], [trace.traceId, trace.spanId]);
      assert.equal(span.attributes['portcullis.sampled_by'], 'reason');
      assert.equal(span.startTimeUnixNano, '1795320000123000000');
      assert.equal(span.endTimeUnixNano, '1795320000123750000');
    },
    { traces: { denials: 'all', rules: new Map() } },
  ));

test('a span tells how long each step took', () =>
  withReceiver(async (receiver, telemetry) => {
    const trail = openTrail(() => 3, 1);
    trail.note('guard', pass());
    telemetry.tracing.record(allowed({ entries: trail.entries, durationMs: 2.5 }));
    await telemetry.shutdown(5000);
    const { attributes } = receiver.spans[0] ?? {};
    assert.equal(attributes?.['portcullis.step.guard.duration_ms'], 2);
    assert.equal(attributes?.['portcullis.step.respond.duration_ms'], 0.5);
  }));

test('a step that is taken twice tells what it said, not that it had nothing more to say', () =>
  withReceiver(async (receiver, telemetry) => {
    const trail = openTrail();
    trail.note('limit', pass());
    trail.note('limit', abstain());
    telemetry.tracing.record(allowed({ entries: trail.entries }));
    await telemetry.shutdown(5000);
    const { attributes } = receiver.spans[0] ?? {};
    assert.equal(attributes?.['portcullis.step.limit'], 'pass');
    assert.deepEqual(attributes?.['portcullis.steps'], ['limit pass', 'limit abstain']);
  }));

test('a reload takes effect on sampling at once, and on levels of the log when it says something new of them', () =>
  withReceiver(async (receiver, telemetry) => {
    const { tracing, logs } = telemetry;
    const same = { logLevels: { level: 'info', parts: {} }, sampleRoot: 0 } as const;
    const by = logs.levels();
    logs.adjust({ level: 'error', parts: {} });
    telemetry.adjust({ ...same, traces: { denials: new Set(), rules: new Map([['orders-write', 0]]) } });
    assert.equal(logs.levels().level, 'error');
    tracing.record(allowed());
    telemetry.adjust({ ...same, logLevels: { level: 'warn', parts: {} }, traces: noTraces });
    assert.equal(logs.levels().level, 'warn');
    tracing.record(allowed());
    await telemetry.shutdown(5000);
    assert.equal(receiver.spans.length, 1);
    assert.equal(by.level, 'info');
  }));

test('without a caller nothing is sampled by default', () =>
  withReceiver(async (receiver, telemetry) => {
    telemetry.tracing.record(allowed({ trace: undefined }));
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
        tracing.record(trail);
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

test('shutdown ends at its bound when the collector never answers', () =>
  withReceiver(async (receiver, telemetry) => {
    receiver.behave('hold');
    telemetry.tracing.record(allowed());
    await telemetry.shutdown(20);
    await receiver.until(({ requests }) => requests > 0);
    assert.equal(receiver.spans.length, 0);
  }));

test('without an endpoint nothing is connected to, and everything else works', async () => {
  const telemetry = createTelemetry({ clock: systemClock, otlpEndpoint: '', logDestination });
  telemetry.tracing.record(allowed());
  telemetry.signals.decided(allowed());
  assert.match(telemetry.metricsText(), /portcullis_decisions_total/);
  await telemetry.shutdown(1000);
});

test('a trail that nothing can be made of does not throw', () =>
  withReceiver(async (_receiver, telemetry) => {
    // A story that breaks its contract in every way: whoever tells it must not be hurt by it.
    telemetry.tracing.record(Object.create(null));
  }));
