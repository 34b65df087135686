import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessEntry } from '../core/access-entry.ts';
import { StreamAccessLogsMessage } from '../wire/gen/envoy/service/accesslog/v3/als.ts';
import { accessLog } from './access-log.ts';

const identifier = { node: { id: 'a', cluster: 'b' }, logName: 'gateway' };
const hello = StreamAccessLogsMessage.encode({ identifier, logEntries: undefined }).finish();
const nothing = { commonProperties: undefined, protocolVersion: 0, request: undefined, response: undefined } as const;
const two = StreamAccessLogsMessage.encode({
  identifier: undefined,
  logEntries: { $case: 'httpLogs', value: { logEntry: [nothing, nothing] } },
}).finish();
const broken = Uint8Array.of(0x12, 0x7f);

async function* stream(...messages: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* messages;
}

test('entries are recorded batch by batch, and what cannot be decoded is told and passed over', async () => {
  const batches: (readonly AccessEntry[])[] = [];
  let undecodable = 0;
  const answer = await accessLog(stream(hello, two, broken, two), {
    record: (entries) => {
      batches.push(entries);
    },
    onUndecodable: () => {
      undecodable += 1;
    },
  });
  assert.deepEqual(
    batches.map(({ length }) => length),
    [2, 2],
  );
  assert.equal(undecodable, 1);
  assert.equal(answer.length, 0);
});

test('while there is no room for more, nothing is read', async () => {
  const room = Promise.withResolvers<void>();
  let read = 0;
  async function* counted(): AsyncIterable<Uint8Array> {
    for (; read < 3; read += 1) yield two;
  }
  const over = accessLog(counted(), { record: () => room.promise, onUndecodable: () => assert.fail('undecodable') });
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
  assert.equal(read, 0);
  room.resolve();
  await over;
  assert.equal(read, 3);
});
