import assert from 'node:assert/strict';
import { type IncomingMessage, request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { waitFor } from '../../envoy/condition.ts';
import { type EventStream, openEventStream } from './event-stream.ts';
import { listenHttp } from './listener.ts';

/** A stream with its reader, who has not begun to read. */
async function open(context: TestContext, unreadMs: number) {
  const told: { stream?: EventStream; over: boolean } = { over: false };
  const limits = { headerBytes: 8192, timeoutMs: 5000, connections: 8 };
  const server = await listenHttp('127.0.0.1:0', limits, (asked, response) => {
    told.stream = openEventStream(asked, response, { unreadMs });
    told.stream.onEnd(() => {
      told.over = true;
    });
  });
  context.after(() => server.close());
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(`http://${server.address}/`, { agent: false }, resolve).on('error', reject);
    context.after(() => asked.destroy());
    asked.end();
  });
  answer.on('error', () => {});
  return { answer, told, stream: told.stream ?? assert.fail('nothing was opened') };
}

const event = { text: 'x'.repeat(32 * 1024) };

test('what waits for a reader is bounded, and one who takes nothing is left', async (context) => {
  const { told, stream } = await open(context, 100);
  for (let sent = 0; stream.send('much', event); sent += 1) {
    assert.ok(sent < 10_000, 'it takes no end of events');
    await new Promise(setImmediate);
  }
  await waitFor({ what: 'it is over', holds: async () => told.over });
});

test('a connection carries one stream, so that who comes again while we end finds nobody', async (context) => {
  const { answer, stream } = await open(context, 5000);
  assert.equal(answer.headers.connection, 'close');
  stream.end('shutdown');
  answer.resume();
  await waitFor({ what: 'the connection is over', holds: async () => answer.socket.destroyed });
});
