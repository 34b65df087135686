import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { startOtlpReceiver } from '../../test/support/otlp-receiver.ts';
import { freePorts } from '../../test/support/ports.ts';
import { allowed } from '../../test/support/trails.ts';
import { systemClock } from '../core/clock.ts';
import { waitFor } from '../envoy/condition.ts';
import { createTelemetry, type Telemetry, type TelemetryOptions } from './index.ts';

/** A clock that can be put forward, so that nobody waits for the pauses of a breaker. */
function openClock() {
  let ahead = 0;
  const clock = { nowMs: systemClock.nowMs, monotonicMs: () => systemClock.monotonicMs() + ahead };
  const forward = (ms: number): void => {
    ahead += ms;
  };
  return { clock, forward };
}

const reading = (telemetry: Telemetry, series: string): number => {
  const line = telemetry
    .metricsText()
    .split('\n')
    .find((text) => text.startsWith(`${series} `));
  return Number(line?.split(' ').at(-1) ?? 0);
};
const spans = (telemetry: Telemetry, outcome: string): number =>
  reading(telemetry, `portcullis_spans_total{outcome="${outcome}"}`);
const becomes = (what: string, holds: () => boolean): Promise<void> => waitFor({ what, holds: async () => holds() });

function open(otlpEndpoint: string, options: Partial<TelemetryOptions> = {}) {
  const lines: string[] = [];
  const logDestination = { write: (line: string) => lines.push(line) };
  const { clock, forward } = openClock();
  const telemetry = createTelemetry({ clock, otlpEndpoint, logDestination, metricsIntervalMs: 3_600_000, ...options });
  return { telemetry, forward, lines };
}

/** A server that takes connections and never says a word. */
async function startHanging() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { endpoint: `http://127.0.0.1:${address.port}`, sockets, stop };
}

/** Tells stories until the collector is known to be away. */
async function untilAway(telemetry: Telemetry): Promise<void> {
  await becomes('the collector to be left alone', () => {
    telemetry.tracing.record(allowed());
    return reading(telemetry, 'portcullis_otlp_collector_away{signal="traces"}') === 1;
  });
}

test('a collector that refuses connections costs nothing but spans', async () => {
  const [port = 0] = await freePorts(1);
  const { telemetry } = open(`http://127.0.0.1:${port}`);
  await untilAway(telemetry);
  assert.ok(spans(telemetry, 'export_failed') > 0);
  const before = spans(telemetry, 'collector_away');
  for (let call = 0; call < 1000; call += 1) telemetry.tracing.record(allowed());
  assert.equal(spans(telemetry, 'collector_away') - before >= 1000, true);
  await telemetry.shutdown(2000);
});

test('a collector that hangs holds no more spans than the queue, and the end is bounded', async () => {
  const { endpoint, stop, sockets } = await startHanging();
  const { telemetry } = open(endpoint);
  try {
    for (let call = 0; call < 8192 + 500; call += 1) telemetry.tracing.record(allowed());
    assert.equal(spans(telemetry, 'queue_full'), 500);
    await untilAway(telemetry);
    // One export at a time: what waits is given up without a try.
    await becomes('the queue to be given up', () => spans(telemetry, 'collector_away') > 8192 - 4 * 512);
    assert.ok(sockets.size <= 4, `${sockets.size} connections`);
    telemetry.tracing.record(allowed());
    await telemetry.shutdown(50);
  } finally {
    stop();
  }
});

test('a collector that answers 503 is tried again after a pause, and spans go out again when it is well', async () => {
  const receiver = await startOtlpReceiver();
  receiver.behave(503);
  const { telemetry, forward, lines } = open(receiver.endpoint);
  try {
    await untilAway(telemetry);
    receiver.behave('ok');
    const { requests } = receiver;
    telemetry.tracing.record(allowed());
    assert.equal(receiver.requests, requests);
    forward(5000);
    const dropped = spans(telemetry, 'collector_away');
    telemetry.tracing.record(allowed());
    telemetry.tracing.record(allowed());
    assert.equal(spans(telemetry, 'collector_away'), dropped + 1, 'one is the probe, the other one is not made');
    await becomes('the collector to be back', () => spans(telemetry, 'sent') > 0);
    assert.equal(reading(telemetry, 'portcullis_otlp_collector_away{signal="traces"}'), 0);
    telemetry.tracing.record(allowed());
    await telemetry.shutdown(5000);
    assert.equal(receiver.spans.length, spans(telemetry, 'sent'));
    const messages = lines.map((line) => JSON.parse(line)).map(({ part, message }) => `${part}: ${message}`);
    assert.deepEqual(messages, [
      'telemetry: the collector takes no exports',
      'telemetry: the collector takes exports again',
    ]);
  } finally {
    await telemetry.shutdown(1000);
    await receiver.stop();
  }
});

test('metrics are not sent to a collector that is away, but for a try after each pause', async () => {
  const receiver = await startOtlpReceiver();
  receiver.behave(400);
  const { telemetry, forward } = open(receiver.endpoint, { metricsIntervalMs: 20 });
  try {
    const away = (): boolean => reading(telemetry, 'portcullis_otlp_collector_away{signal="metrics"}') === 1;
    await becomes('the collector to be left alone', away);
    const { requests } = receiver;
    assert.equal(requests, 2);
    receiver.behave('ok');
    forward(5000);
    await becomes('the collector to be back', () => !away());
    await receiver.until(({ metrics }) => metrics.length > 0);
  } finally {
    await telemetry.shutdown(1000);
    await receiver.stop();
  }
});
