// The thread that takes Envoy's access log: a request costs as much here as it costs to decide, and decisions come first.
import { parentPort, workerData } from 'node:worker_threads';
import { causeOf } from '../../access-log/cause.ts';
import { openTraffic } from '../../access-log/traffic.ts';
import { openWriter } from '../../access-log/writer.ts';
import type { Log } from '../../core/ports.ts';
import { packTraffic, unpackTraffic } from '../../core/traffic.ts';
import { openOver, overEntry } from '../../detect/index.ts';
import { accessLog } from '../../flow/access-log.ts';
import { ListenError } from '../../server/listen.ts';
import { accessLogService, joinServices } from '../../server/services.ts';
import { transports } from '../../server/transports/index.ts';
import type { AccessLogParts, FromAccessLog, ToAccessLog } from './protocol.ts';

const bounds = { clients: 200, routes: 500 };
const tellMs = 1000;
// What a second brings of which detection is told, in parts: beyond that it is counted as lost.
const overMost = 5000;
const overMs = 250;
// Envoy leaves its half of a stream open that has ended, and has told all that it had to tell before.
const drainMs = 250;
const flushMs = 3000;

const { address, tls, transport, observing, before, writes, origin, otlpEndpoint } = workerData as AccessLogParts; // as host.ts gives it
const say = (message: FromAccessLog): void => parentPort?.postMessage(message);
const logAt =
  (level: 'info' | 'warn' | 'error'): Log['info'] =>
  (fields, message) =>
    say({ kind: 'log', level, fields, message });
const log: Log = { info: logAt('info'), warn: logAt('warn'), error: logAt('error') };

const traffic = openTraffic(bounds, before && unpackTraffic(before.traffic));
let { messages, undecodable, entries } = before ?? { messages: 0, undecodable: 0, entries: 0 };
const over = openOver(overMost);

let wrote = (_outcome: 'written' | 'closed'): void => {};
const stdout = (lines: string): Promise<'written' | 'closed'> => {
  const bytes = new TextEncoder().encode(lines);
  parentPort?.postMessage({ kind: 'lines', bytes } satisfies FromAccessLog, [bytes.buffer]);
  return new Promise((resolve) => {
    wrote = resolve;
  });
};
const writer = writes && openWriter(writes, { origin, otlpEndpoint, stdout, log, before: before?.records ?? [] });

const deps = {
  record: (batch) => {
    messages += 1;
    entries += batch.length;
    const isObserved = observing?.[0] === 1;
    for (const entry of batch) {
      traffic.take(entry);
      writer?.take(entry);
      const seen = isObserved ? overEntry(entry, causeOf(entry) === 'upstream') : undefined;
      if (seen !== undefined) over.add(seen);
    }
  },
  onUndecodable: () => {
    messages += 1;
    undecodable += 1;
  },
} satisfies Parameters<typeof accessLog>[1];

let told = '';
function tell(): void {
  const records = writer?.counts() ?? [];
  const state = JSON.stringify([messages, records]);
  if (told === state) return;
  told = state;
  const packed = packTraffic(traffic.counts());
  const counts = { messages, undecodable, entries, traffic: packed, records };
  const rows = [packed.clients.cells.buffer, packed.routes.cells.buffer];
  parentPort?.postMessage({ kind: 'counts', counts } satisfies FromAccessLog, rows);
}

function tellOver(): void {
  const batch = over.take();
  if (batch !== undefined) say({ kind: 'over', batch });
}

const table = joinServices(accessLogService((batches) => accessLog(batches, deps)));
try {
  const listening = await transports[transport].listen(table, { address, log, ...(tls && { tls }) });
  const timer = setInterval(tell, tellMs);
  const overTimer = setInterval(tellOver, overMs);
  const drain = async (): Promise<void> => {
    await listening.drain(drainMs);
    await writer?.finish(flushMs);
    clearInterval(timer);
    clearInterval(overTimer);
    tell();
    say({ kind: 'drained' });
    parentPort?.close();
  };
  parentPort?.on('message', (message: ToAccessLog) => {
    if (message.kind === 'drain') void drain();
    else wrote(message.outcome);
  });
  say({ kind: 'listening', address: listening.address });
} catch (error) {
  if (!(error instanceof ListenError)) throw error;
  say({ kind: 'refused', why: error.why });
}
