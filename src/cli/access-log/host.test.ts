import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog, silentSignals } from '../../core/ports.ts';
import { listenForAccessLog } from './host.ts';

const parts = { address: '127.0.0.1:0', tls: undefined, transport: 'grpc-js' } as const;
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
