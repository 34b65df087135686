import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { boundsOf, type MetricSpec } from '../../src/telemetry/metric-spec.ts';
import { metrics } from '../../src/telemetry/names.ts';
import {
  type Collector,
  type JudgedLog,
  type JudgedSpan,
  type Sent,
  startCollector,
  type Taken,
  valuesOf,
} from '../support/collector.ts';
import { goMissing } from '../support/go-tool.ts';
import { startWatchedGateway, type WatchedGateway, type Way, ways } from '../support/watched-gateway.ts';

// The OpenTelemetry Collector is the judge: what it does not take, or takes for something else than we mean, is wrong.
const goAway = await goMissing();
const needsGo = goAway === undefined ? {} : { skip: `no OpenTelemetry Collector can be built: ${goAway}` };

const kinds = { server: 2, client: 3 } as const;
const cumulative = 2;

/** The last value of a counter, by its name in Prometheus text; undefined where none came. */
const pointOf = ({ metrics: sent }: Taken, series: string): number | undefined =>
  sent
    .flatMap(({ name, sum }) => (sum?.dataPoints ?? []).map((point) => ({ name, point })))
    .findLast(({ name, point: { attributes = [] } }) => {
      const labels = attributes.map(({ key, value }) => `${key}="${value['stringValue']}"`).join(',');
      return series === `${name}{${labels}}`;
    })?.point.asDouble;

let collector: Collector;
let gateway: WatchedGateway;
before(async () => {
  if (goAway !== undefined) return;
  collector = await startCollector();
  const config = 'access_log: { sinks: [otlp] }';
  gateway = await startWatchedGateway({ endpoint: collector.endpoint, grpcPort: collector.grpcPort, config });
});
after(async () => {
  await gateway?.stop();
  await collector?.stop();
});

/** The span of a service in which a decision is named first: Envoy names it in the span of the upstream's call too. */
const spanOf = ({ spans }: Taken, service: 'gateway' | 'portcullis', id: string): JudgedSpan | undefined =>
  spans.find(
    ({ resource, kind, attributes }) =>
      resource['service.name'] === service &&
      kind === kinds.server &&
      valuesOf(attributes)['portcullis.decision_id'] === id,
  );

test(
  'the collector takes traces, metrics and logs, refuses nothing, and joins them as we mean it',
  needsGo,
  async () => {
    const ids = await gateway.sendAll();
    const decided = (['allowed', 'denied', 'limited', 'failedUpstream'] as const satisfies readonly Way[]).map(
      (way) => ({
        ...ways[way],
        way,
        id: ids[way],
      }),
    );
    await gateway.hurried('every span and log has come', async () => {
      const taken = await collector.taken();
      const logged = (id: string): boolean => taken.logs.some(({ body }) => body?.stringValue?.includes(id) === true);
      return decided.every(
        ({ id }) =>
          spanOf(taken, 'gateway', id) !== undefined && spanOf(taken, 'portcullis', id) !== undefined && logged(id),
      );
    });

    const taken = await collector.taken();
    for (const { way, id, rule, reason } of decided) {
      const [root, check] = [spanOf(taken, 'gateway', id), spanOf(taken, 'portcullis', id)];
      assert.ok(root !== undefined && check !== undefined, way);
      const asking = taken.spans.find(({ spanId }) => spanId === check.parentSpanId);
      assert.match(asking?.name ?? '', /Authorization.Check egress$/);
      assert.deepEqual([asking?.parentSpanId, check.traceId], [root.spanId, root.traceId]);
      assert.deepEqual([root.kind, asking?.kind, check.kind], [kinds.server, kinds.client, kinds.server]);
      const said = valuesOf(check.attributes);
      assert.deepEqual([said['portcullis.rule'], said['portcullis.reason']], [rule, reason]);

      const log = taken.logs.find(({ body }) => body?.stringValue?.includes(id) === true);
      assert.deepEqual([log?.traceId, log?.spanId], [check.traceId, check.parentSpanId]);
      assert.equal(log?.eventName, 'portcullis.decision');
      assert.equal(log?.scope, 'portcullis.audit');
      const event = JSON.parse(log?.body?.stringValue ?? '');
      assert.equal(valuesOf(log?.attributes)['ocsf.class_uid'], event.class_uid);
      assert.equal(event.unmapped.portcullis.decision_id, id);
    }
    // Who sends says so alike in every signal.
    const senders = [...taken.spans, ...taken.logs, ...taken.metrics]
      .map(({ resource }) => resource)
      .filter((resource) => resource['service.name'] === 'portcullis')
      .map((resource) => [resource['service.version'], resource['service.instance.id']].join(' '));
    assert.equal(new Set(senders).size, 1);
    assert.match(senders[0] ?? '', /^\d+\.\d+\.\d+\S* [0-9a-f-]{36}$/);
  },
);

test('a log record of each request that is over joins its trace and its decision', needsGo, async () => {
  const recordOf = ({ logs }: Taken, way: Way): Sent<JudgedLog> | undefined =>
    logs.findLast(
      ({ eventName, attributes }) =>
        eventName === 'portcullis.access' && valuesOf(attributes)['url.path'] === ways[way].path,
    );
  const all: readonly Way[] = ['allowed', 'denied', 'limited', 'failedUpstream', 'neverAsked'];
  const holds = async (): Promise<boolean> => {
    const taken = await collector.taken();
    return all.every((way) => recordOf(taken, way) !== undefined);
  };
  await waitFor({ what: 'the access log has come', holds });
  const taken = await collector.taken();
  for (const way of all) {
    const record = recordOf(taken, way);
    const said = valuesOf(record?.attributes);
    assert.deepEqual([record?.scope, record?.resource['service.name']], ['portcullis.access', 'portcullis']);
    assert.equal(said['http.response.status_code'], ways[way].status);
    assert.equal(said['portcullis.reason'], ways[way].reason);
    const id = said['portcullis.decision_id'];
    if (way === 'neverAsked') assert.deepEqual([id, said['portcullis.decision']], [undefined, 'unasked']);
    else assert.equal(record?.traceId, spanOf(taken, 'portcullis', String(id))?.traceId);
  }
});

test(
  'every metric is the kind, the unit and the sum that its name promises, with its labels alone',
  needsGo,
  async () => {
    const errors = 'portcullis_route_errors_total{route="away",caused_by="upstream"}';
    const holds = async (): Promise<boolean> => pointOf(await collector.taken(), errors) === 1;
    await waitFor({ what: 'the metrics of the access log come', holds });
    const taken = await collector.taken();
    const specs = new Map<string, MetricSpec>(Object.values(metrics).map((spec) => [spec.name, spec]));
    for (const { name, unit, description, scope, ...data } of taken.metrics) {
      const spec = specs.get(name);
      assert.ok(spec !== undefined, name);
      assert.deepEqual([unit, description, scope], [spec.unit, spec.help, 'portcullis'], name);
      const points = data[spec.type === 'counter' ? 'sum' : spec.type];
      assert.ok(points !== undefined && points.dataPoints.length > 0, `${name} is a ${spec.type}`);
      if (spec.type !== 'gauge') assert.equal(points.aggregationTemporality, cumulative, name);
      if (spec.type === 'counter') assert.equal(points.isMonotonic, true, name);
      for (const point of points.dataPoints) {
        assert.deepEqual(Object.keys(valuesOf(point.attributes)), spec.labels, name);
        assert.ok(BigInt(point.startTimeUnixNano) <= BigInt(point.timeUnixNano), name);
        const { bucketCounts: counts = [], explicitBounds: bounds = [], count } = point;
        if (spec.type !== 'histogram') continue;
        assert.deepEqual(bounds, boundsOf(spec));
        assert.equal(counts.length, bounds.length + 1, name);
        assert.equal(
          counts.reduce((sum, one) => sum + BigInt(one), 0n),
          BigInt(count ?? 0),
          name,
        );
      }
    }
    for (const series of [
      'portcullis_decisions_total{rule="open",effect="allow",reason="ok"}',
      'portcullis_decisions_total{rule="closed",effect="deny",reason="credential_missing"}',
      'portcullis_decisions_total{rule="rare",effect="deny",reason="limit_exceeded"}',
      'portcullis_route_requests_total{route="teapot",status="4xx"}',
    ])
      assert.deepEqual([series, pointOf(taken, series)], [series, await gateway.sidecar.metric(series)]);
  },
);

test('the collector has counted no refusal, no failure and no warning of its own', needsGo, async () => {
  const accepted = await Promise.all(
    ['spans', 'log_records', 'metric_points'].map((signal) =>
      collector.counted(new RegExp(`^otelcol_receiver_accepted_${signal}(_total)?$`)),
    ),
  );
  assert.ok(
    accepted.every((count) => count > 0),
    String(accepted),
  );
  assert.equal(await collector.counted(/^otelcol_(receiver_(refused|failed)|exporter_(send|enqueue)_failed)_/), 0);
  assert.doesNotMatch(collector.output(), /\t(warn|error)\t/);
  for (const signal of ['traces', 'metrics'])
    assert.equal(await gateway.sidecar.metric(`portcullis_otlp_exports_total{signal="${signal}",outcome="error"}`), 0);
  assert.equal(await gateway.sidecar.metric('portcullis_audit_events_total{sink="otlp",outcome="failed"}'), 0);
});
