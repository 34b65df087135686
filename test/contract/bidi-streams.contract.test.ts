import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { type Log, silentLog } from '../../src/core/ports.ts';
import { GrpcError } from '../../src/server/grpc-error.ts';
import { transports } from '../../src/server/transports/index.ts';
import {
  ProcessingRequest,
  ProcessingResponse,
} from '../../src/wire/gen/envoy/service/ext_proc/v3/external_processor.ts';
import { bidi, failsWith, gate, processName, withServer } from '../support/transport.ts';

const piece = (body: string) => ({ request_body: { body: Buffer.from(body) } });
const textOf = (message: Uint8Array): string => {
  const { request } = ProcessingRequest.decode(message);
  return request?.$case === 'requestBody' ? request.value.body.toString() : '';
};
const echo = (text: string): Uint8Array => {
  const mutation = { $case: 'body', value: Buffer.from(text) } as const;
  const response = {
    status: 0,
    headerMutation: undefined,
    bodyMutation: { mutation },
    clearRouteCache: false,
  } as const;
  return ProcessingResponse.encode({
    response: { $case: 'requestBody', value: { response } },
    modeOverride: undefined,
  }).finish();
};
/** The text in an answer, in the shape of the official descriptors. */
const told = (answer: unknown): string => {
  const { request_body } = answer as { request_body: { response: { body_mutation: { body: Buffer } } } }; // as echo made it
  return request_body.response.body_mutation.body.toString();
};
const large = 'x'.repeat(64 * 1024);

for (const [name, transport] of Object.entries(transports)) {
  test(`${name}: an exchange carries messages both ways, any number for any number, and its metadata`, async () => {
    let traceparent: string | undefined;
    const row = bidi(async function* (messages, { metadata }) {
      traceparent = metadata.get('traceparent');
      let count = 0;
      for await (const message of messages) {
        count += 1;
        if (count % 2 === 0) continue;
        yield echo(`${textOf(message)}1`);
        yield echo(`${textOf(message)}2`);
      }
      yield echo(`after ${count}`);
    });
    await withServer(transport, row, async ({ client }) => {
      const { send, end, answers } = client.exchange(processName, { metadata: { traceparent: 'a' } });
      for (const text of ['a', 'b', 'c']) await send(piece(text));
      end();
      const seen: string[] = [];
      for (let next = await answers.next(); next.done !== true; next = await answers.next())
        seen.push(told(next.value));
      assert.deepEqual(seen, ['a1', 'a2', 'c1', 'c2', 'after 3']);
    });
    assert.equal(traceparent, 'a');
  });

  test(`${name}: an exchange answers while the caller still has something to say`, async () => {
    const row = bidi(async function* (messages) {
      for await (const message of messages) yield echo(textOf(message));
    });
    await withServer(transport, row, async ({ client }) => {
      const { send, end, answers } = client.exchange(processName);
      for (const text of ['first', 'second']) {
        await send(piece(text));
        assert.equal(told((await answers.next()).value), text);
      }
      end();
      assert.equal((await answers.next()).done, true);
    });
  });

  test(`${name}: a caller is not read faster than the handler asks`, async () => {
    const release = gate();
    let read = 0;
    const row = bidi(async function* (messages) {
      for await (const _message of messages) {
        read += 1;
        if (read === 1) await release.opened;
      }
      yield echo('read');
    });
    await withServer(transport, row, async ({ client }) => {
      const { send, end, answers } = client.exchange(processName);
      let sent = 0;
      const sending = (async () => {
        for (; sent < 400; sent += 1) await send(piece(large));
        end();
      })();
      // Nothing more gets through: as much as fits into windows and buffers has been sent.
      let before = -1;
      while (sent !== before) {
        before = sent;
        for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
      }
      assert.equal(read, 1);
      assert.ok(sent < 200, `${sent} messages of 64 KiB were taken from the caller`);
      release.open();
      assert.equal(told((await answers.next()).value), 'read');
      await sending;
      assert.equal(read, 400);
    });
  });

  test(`${name}: a handler is not asked faster than the caller reads`, async () => {
    let yielded = 0;
    const ended = gate();
    const row = bidi(async function* (messages, { signal }) {
      try {
        for await (const _message of messages) {
          for (; yielded < 2000 && !signal.aborted; yielded += 1) yield echo(large);
        }
      } finally {
        ended.open();
      }
    });
    await withServer(transport, row, async ({ client }) => {
      const { send, answers, cancel } = client.exchange(processName);
      await send(piece('go'));
      await answers.next();
      let before = -1;
      while (yielded !== before) {
        before = yielded;
        for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
      }
      assert.ok(yielded < 1000, `${yielded} messages of 64 KiB were asked for`);
      cancel();
      await ended.opened;
    });
  });

  test(`${name}: when the caller leaves, the signal aborts, the messages end and the handler's end is reached`, async () => {
    const started = gate();
    const ended = gate();
    const row = bidi(async function* (messages, { signal }) {
      try {
        for await (const message of messages) {
          yield echo(textOf(message));
          started.open();
        }
        // The messages may end a moment before it is known why.
        if (!signal.aborted) await once(signal, 'abort');
      } finally {
        ended.open();
      }
    });
    await withServer(transport, row, async ({ client }) => {
      const { send, answers, cancel } = client.exchange(processName);
      await send(piece('a'));
      await answers.next();
      await started.opened;
      cancel();
      await ended.opened;
    });
  });

  test(`${name}: a handler may end first, whatever the caller still sends`, async () => {
    const row = bidi(async function* (messages) {
      for await (const _message of messages) {
        yield echo('no more');
        return;
      }
    });
    await withServer(transport, row, async ({ client }) => {
      const { send, answers } = client.exchange(processName);
      for (let count = 0; count < 5; count += 1) await send(piece(large));
      assert.equal(told((await answers.next()).value), 'no more');
      assert.equal((await answers.next()).done, true);
    });
  });

  test(`${name}: a bug in an exchange ends it with a status and without the error's text; a GrpcError is the status`, async () => {
    const logged: unknown[] = [];
    const log: Log = { ...silentLog, error: (fields, message) => logged.push({ fields, message }) };
    const throws = (error: Error) =>
      bidi(async function* (messages) {
        for await (const message of messages) {
          yield echo(textOf(message));
          throw error;
        }
      });
    const ending = (error: Error, status: 'INTERNAL' | 'UNAVAILABLE'): Promise<void> =>
      withServer(
        transport,
        throws(error),
        async ({ client }) => {
          const { send, answers } = client.exchange(processName);
          await send(piece('a'));
          assert.equal(told((await answers.next()).value), 'a');
          await assert.rejects(answers.next(), failsWith(status));
        },
        { log },
      );
    await ending(new RangeError('a secret'), 'INTERNAL');
    await ending(new GrpcError('unavailable', 'gone'), 'UNAVAILABLE');
    assert.equal(logged.length, 1);
    assert.doesNotMatch(JSON.stringify(logged), /secret/);
  });

  test(`${name}: a message over the limit is RESOURCE_EXHAUSTED`, async () => {
    const row = bidi(async function* (messages) {
      for await (const message of messages) yield echo(textOf(message));
    });
    await withServer(
      transport,
      row,
      async ({ client }) => {
        const { send, answers } = client.exchange(processName);
        await send(piece('small'));
        assert.equal(told((await answers.next()).value), 'small');
        await send(piece(large));
        await assert.rejects(answers.next(), failsWith('RESOURCE_EXHAUSTED'));
      },
      { maxMessageBytes: 1024 },
    );
  });

  test(`${name}: drain waits for an exchange, and cuts it off when its time is up`, async () => {
    const row = bidi(async function* (messages) {
      for await (const message of messages) yield echo(textOf(message));
    });
    await withServer(transport, row, async ({ listening, client }) => {
      const { send, end, answers } = client.exchange(processName);
      await send(piece('before'));
      await answers.next();
      const drained = listening.drain(60_000);
      await send(piece('during'));
      assert.equal(told((await answers.next()).value), 'during');
      end();
      assert.equal((await answers.next()).done, true);
      assert.equal(await drained, true);
    });
    await withServer(transport, row, async ({ listening, client }) => {
      const { send, answers } = client.exchange(processName);
      await send(piece('a'));
      await answers.next();
      const cut = assert.rejects(answers.next());
      assert.equal(await listening.drain(1), false);
      await cut;
    });
  });
}
