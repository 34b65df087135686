import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTime } from '../../../test/support/authn.ts';
import { type AccessLogCounts, type Log, silentLog, silentSignals } from '../../core/ports.ts';
import { waitFor } from '../../envoy/condition.ts';
import { listenForAccessLog } from './host.ts';

const parts = {
  address: '127.0.0.1:0',
  tls: undefined,
  transport: 'grpc-js',
  writes: undefined,
  origin: { serviceName: 'portcullis', version: '0', instanceId: 'a' },
  otlpEndpoint: undefined,
} as const;
const ears = { log: silentLog, signals: silentSignals };

/** A thread that listens, and then does this on a message. */
const threadThat = (does: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort, workerData } from 'node:worker_threads';
      parentPort.on('message', () => { ${does} });
      parentPort.postMessage({ kind: 'listening', address: '127.0.0.1:7' });
    `)}`,
  );

test('a thread that has all it was told of ends in order', async () => {
  const listener = await listenForAccessLog(parts, ears);
  assert.match(listener.address, /^127\.0\.0\.1:[1-9]\d*$/);
  assert.equal(await listener.drain(10_000), true);
});

test('a thread that comes to no end is ended', { timeout: 30_000 }, async () => {
  for (const does of ['', 'for (;;);']) {
    const listener = await listenForAccessLog(parts, ears, { script: threadThat(does) });
    assert.equal(await listener.drain(20), false);
  }
});

test('a thread that fails is started again, ever more slowly, where it was and with its counts', async () => {
  const traffic = { clients: [], routes: [] };
  // It counts one message, and fails, until it has counted three.
  const script = new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort, workerData } from 'node:worker_threads';
      const { address, before } = workerData;
      const messages = (before?.messages ?? 0) + 1;
      parentPort.postMessage({ kind: 'listening', address: address.replace(/:0$/, ':7') });
      const counts = { messages, undecodable: 0, entries: 0, traffic: ${JSON.stringify(traffic)}, records: [] };
      parentPort.postMessage({ kind: 'counts', counts });
      if (messages < 3) throw new Error('planted');
      parentPort.once('message', () => parentPort.postMessage({ kind: 'drained' }));
    `)}`,
  );
  const { timers, advance } = openTime();
  const counted: AccessLogCounts[] = [];
  const lines: string[] = [];
  const log = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const listener = await listenForAccessLog(
    parts,
    {
      log: { info: log, warn: log, error: log } satisfies Log,
      signals: { accessLogged: (one) => void counted.push(one) },
    },
    { script, timers },
  );
  const said = (text: string): Promise<void> =>
    waitFor({ what: text, holds: async () => lines.some((line) => line.includes(text)) });
  await said('{"pauseMs":1000}');
  advance(999);
  assert.equal(counted.length, 1);
  advance(1);
  await said('{"pauseMs":2000}');
  advance(2000);
  await waitFor({ what: 'the third thread', holds: async () => counted.length === 3 });
  assert.deepEqual(
    counted.map(({ messages }) => messages),
    [1, 2, 3],
  );
  assert.equal(lines.filter((line) => line === 'the access log is taken again {"address":"127.0.0.1:7"}').length, 2);
  assert.equal(await listener.drain(10_000), true);
});
