import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { ClientStreamMethod, Method } from '../../src/server/transport.ts';
import { transports } from '../../src/server/transports/index.ts';
import { fromAccessLogMessage } from '../../src/wire/access-log-message.ts';
import { StreamAccessLogsResponse } from '../../src/wire/gen/envoy/service/accesslog/v3/als.ts';
import { failsWith, gate, withServer } from '../support/transport.ts';

const name = 'envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs';
const row = (handle: ClientStreamMethod['handle']): readonly [string, Method] => [
  `/${name}`,
  { kind: 'client_stream', handle },
];
const nothing = (): Uint8Array => StreamAccessLogsResponse.encode({}).finish();
const entryOf = (path: string): object => ({ http_logs: { log_entry: [{ request: { path } }] } });
const pathIn = (message: Uint8Array): string | undefined => fromAccessLogMessage(message)?.[0]?.request.path;

for (const [kind, transport] of Object.entries(transports)) {
  test(`${kind}: a client stream is read in its order, and answered once it has ended`, async () => {
    const read: unknown[] = [];
    const method = row(async (messages) => {
      for await (const message of messages) read.push(pathIn(message));
      return nothing();
    });
    await withServer(transport, method, async ({ client }) => {
      const { send, end, answers } = client.exchange(name);
      for (let index = 0; index < 100; index += 1) await send(entryOf(`/${index}`));
      end();
      assert.deepEqual((await answers.next()).value, {});
      assert.equal((await answers.next()).done, true);
    });
    assert.deepEqual(
      read,
      Array.from({ length: 100 }, (_, index) => `/${index}`),
    );
  });

  test(`${kind}: drain ends client streams, which have no end of their own`, async () => {
    const started = gate();
    const over = gate();
    const method = row(async (messages) => {
      for await (const _message of messages) started.open();
      over.open();
      return nothing();
    });
    await withServer(transport, method, async ({ listening, client }) => {
      const { send, answers } = client.exchange(name);
      await send(entryOf('/'));
      await started.opened;
      const ended = assert.rejects(answers.next(), failsWith('UNAVAILABLE'));
      assert.equal(await listening.drain(60_000), true);
      await ended;
      await over.opened;
    });
  });

  test(`${kind}: when the caller of a client stream leaves, its messages end and the signal aborts`, async () => {
    const started = gate();
    const over = gate();
    const method = row(async (messages, { signal }) => {
      for await (const _message of messages) started.open();
      // The messages may end a moment before it is known why.
      if (!signal.aborted) await once(signal, 'abort');
      over.open();
      return nothing();
    });
    await withServer(transport, method, async ({ client }) => {
      const { send, cancel } = client.exchange(name);
      await send(entryOf('/'));
      await started.opened;
      cancel();
      await over.opened;
    });
  });

  test(`${kind}: a bug in the handler of a client stream ends it with INTERNAL, and its text stays inside`, async () => {
    const method = row(async () => {
      throw new TypeError('secret');
    });
    await withServer(transport, method, async ({ client }) => {
      const { send, answers } = client.exchange(name);
      await send(entryOf('/'));
      await assert.rejects(
        answers.next(),
        (error) => failsWith('INTERNAL')(error) && !String(error).includes('secret'),
      );
    });
  });
}
