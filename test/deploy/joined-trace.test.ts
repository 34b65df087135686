import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { startOrphanGuard } from '../../src/demo/guard.ts';
import { findEnvoy } from '../../src/envoy/binary.ts';
import { adaptBootstrap } from '../../src/envoy/bootstrap.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { startEnvoy } from '../../src/envoy/process.ts';
import { startCollector, valuesOf } from '../support/collector.ts';
import { goMissing } from '../support/go-tool.ts';
import { startOtlpGrpcReceiver } from '../support/otlp-grpc-receiver.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { freePorts } from '../support/ports.ts';
import { startRedis } from '../support/redis.ts';
import { getPage, startSidecarProcess } from '../support/sidecar.ts';

// The compose example without containers: its own files, other addresses, and a receiver in Jaeger's place.
const folder = 'deploy/compose';
const local = '127.0.0.1';

/** A span as any receiver tells of it. */
interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly service: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Where spans go, by Portcullis over HTTP and by Envoy over gRPC, as Jaeger takes both. */
interface Jaeger {
  readonly endpoint: string;
  readonly grpcPort: number;
  spans(): Promise<readonly Span[]>;
}

/** Starts what compose.yaml starts; resolves with the URL of the gateway. */
async function startExample(context: TestContext, { endpoint, grpcPort }: Jaeger): Promise<string> {
  const { services } = parse(await readFile(join(folder, 'compose.yaml'), 'utf8'));
  const { environment } = services.portcullis;
  assert.equal(environment.OTEL_EXPORTER_OTLP_ENDPOINT, 'http://jaeger:4318');
  const redis = await startRedis();
  context.after(redis.stop);
  const written = await readFile(join(folder, 'portcullis.yaml'), 'utf8');
  const sidecar = await startSidecarProcess({
    config: written.replace(/"[\d.]+:919\d"/g, `"${local}:0"`),
    env: { REDIS_URL: redis.url, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
  });
  context.after(sidecar.stop);

  const [port = 0, upstreamPort = 0, adminPort = 0] = await freePorts(3);
  const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));
  const bootstrap = adaptBootstrap(await readFile(join(folder, 'envoy.yaml'), 'utf8'), {
    addresses: new Map(['0.0.0.0', 'portcullis', 'jaeger'].map((name) => [name, local])),
    ports: new Map([
      [8080, port],
      [9300, upstreamPort],
      [9191, portOf(sidecar.grpc)],
      [9193, portOf(sidecar.public)],
      [4317, grpcPort],
    ]),
  });
  const own = await mkdtemp(join(tmpdir(), 'portcullis-compose-'));
  context.after(() => rm(own, { recursive: true, force: true }));
  const config = join(own, 'envoy.yaml');
  // The example has no admin interface; the tests ask it whether Envoy is ready.
  const admin = `admin: { address: { socket_address: { address: ${local}, port_value: ${adminPort} } } }\n`;
  await writeFile(config, admin + bootstrap);
  const guard = startOrphanGuard();
  context.after(guard.dismiss);
  const onStart = (pid: number): void => guard.watch(pid);
  const envoy = await startEnvoy({ binary: await findEnvoy(), config, adminPort, cwd: '.', concurrency: 1, onStart });
  context.after(() => envoy.stop());
  return `http://${local}:${port}`;
}

/** Sends a few requests, fewer than the example's limit, and looks at the trace of one span by span. */
async function showsOneTrace(context: TestContext, jaeger: Jaeger): Promise<void> {
  const url = await startExample(context, jaeger);
  const ours = async (): Promise<Span | undefined> =>
    (await jaeger.spans()).find(({ service }) => service === 'portcullis');
  for (let at = 0; at < 5; at += 1) {
    const { status, body } = await getPage(`${url}/hello`);
    assert.deepEqual([status, body], [200, 'hello from behind the gateway\n']);
  }
  const holds = async (): Promise<boolean> => {
    const check = await ours();
    const spans = await jaeger.spans();
    return spans.filter(({ traceId }) => traceId === check?.traceId).length >= 5;
  };
  await waitFor({ what: 'a whole trace has come', holds });

  const check = await ours();
  const trace = (await jaeger.spans()).filter(({ traceId }) => traceId === check?.traceId);
  const parentOf = (span: Span | undefined): Span | undefined =>
    trace.find(({ spanId }) => spanId === span?.parentSpanId);
  const shown = trace.map((span) => `${span.service}: ${span.name} < ${parentOf(span)?.name ?? '-'}`).toSorted();
  assert.deepEqual(shown, [
    'edge: async envoy.service.auth.v3.Authorization.Check egress < ingress',
    'edge: ingress < -',
    'edge: ingress < router upstream egress',
    'edge: router upstream egress < ingress',
    'portcullis: envoy.service.auth.v3.Authorization/Check < async envoy.service.auth.v3.Authorization.Check egress',
  ]);
  const root = trace.find((span) => span.service === 'edge' && !span.parentSpanId);
  assert.equal(root?.attributes['url.path'], '/hello');
  const id = check?.attributes['portcullis.decision_id'];
  // Who searches by the id of a decision finds the request, the call to the upstream and the decision, and nothing else.
  const found = trace.filter(({ attributes }) => attributes['portcullis.decision_id'] === id);
  assert.equal(root?.attributes['portcullis.decision_id'], id);
  assert.equal(found.length, 3);
}

test('the compose example shows one trace: the request, the question, our answer and the upstream', async (context) => {
  const http = await startOtlpReceiver();
  context.after(http.stop);
  const grpc = await startOtlpGrpcReceiver();
  context.after(grpc.stop);
  const spans = async (): Promise<readonly Span[]> => [
    ...http.spans.map((span) => ({ ...span, service: span.resource['service.name'] })),
    ...grpc.spans,
  ];
  await showsOneTrace(context, { endpoint: http.endpoint, grpcPort: grpc.port, spans });
});

const goAway = await goMissing();
const needsGo = goAway === undefined ? {} : { skip: `no OpenTelemetry Collector can be built: ${goAway}` };
test('the OpenTelemetry Collector, in Jaeger’s place, shows the same trace', needsGo, async (context) => {
  const collector = await startCollector();
  context.after(collector.stop);
  const spans = async (): Promise<readonly Span[]> =>
    (await collector.taken()).spans.map((span) => ({
      ...span,
      service: span.resource['service.name'],
      attributes: valuesOf(span.attributes),
    }));
  await showsOneTrace(context, { ...collector, spans });
});
