import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Log, silentLog } from '../../src/core/ports.ts';
import { GrpcError } from '../../src/server/grpc-error.ts';
import type { Call, Method, UnaryMethod } from '../../src/server/transport.ts';
import { transports } from '../../src/server/transports/index.ts';
import {
  checkName,
  denied,
  failsWith,
  gate,
  isDenied,
  serving,
  unary,
  watchName,
  withServer,
} from '../support/transport.ts';

type Handle = UnaryMethod['handle'];
const request = (path: string): object => ({ attributes: { request: { http: { path } } } });

for (const [name, transport] of Object.entries(transports)) {
  test(`${name}: a unary call carries bytes both ways, with metadata and deadline`, async () => {
    const seen: { message: Uint8Array; call: Call }[] = [];
    const row = unary(async (message, call) => {
      seen.push({ message, call });
      return denied;
    });
    await withServer(transport, row, async ({ listening, client }) => {
      assert.match(listening.address, /^127\.0\.0\.1:[1-9]\d*$/);
      const choice = { deadlineMs: 60_000, metadata: { traceparent: 'a' } };
      isDenied(await client.call(checkName, request('/é'), choice).answer);
      isDenied(await client.call(checkName, {}).answer);
    });
    const [first, second] = seen;
    assert.ok(Buffer.from(first?.message ?? []).includes(Buffer.from('/é')));
    assert.equal(first?.call.metadata.get('traceparent'), 'a');
    assert.equal(first?.call.metadata.get('tracestate'), undefined);
    assert.ok((first?.call.remainingMs ?? 0) > 0 && (first?.call.remainingMs ?? 0) <= 60_000);
    assert.equal(second?.call.remainingMs, undefined);
    assert.equal(second?.message.length, 0);
    // A call that ended well was not cancelled.
    assert.equal(first?.call.signal.aborted, false);
  });

  test(`${name}: a method that is not in the table is UNIMPLEMENTED`, async () => {
    const row = unary(async () => denied);
    await withServer(transport, row, async ({ client }) => {
      const { answer } = client.call('envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit', {});
      await assert.rejects(answer, failsWith('UNIMPLEMENTED'));
    });
  });

  test(`${name}: a message over the limit is RESOURCE_EXHAUSTED and reaches no handler`, async () => {
    let calls = 0;
    const row = unary(async () => {
      calls += 1;
      return denied;
    });
    await withServer(transport, row, async ({ client }) => {
      const { answer } = client.call(checkName, request('x'.repeat(4 * 1024 * 1024)));
      await assert.rejects(answer, failsWith('RESOURCE_EXHAUSTED'));
      isDenied(await client.call(checkName, request('x'.repeat(4 * 1024 * 1024 - 64))).answer);
    });
    assert.equal(calls, 1);
    const small = { maxMessageBytes: 1024 };
    await withServer(
      transport,
      row,
      async ({ client }) => {
        const { answer } = client.call(checkName, request('x'.repeat(1024)));
        await assert.rejects(answer, failsWith('RESOURCE_EXHAUSTED'));
      },
      small,
    );
  });

  test(`${name}: a cancelled call aborts its signal`, async () => {
    const started = gate();
    const aborted = gate();
    const row = unary(async (_message, { signal }) => {
      signal.addEventListener('abort', aborted.open);
      started.open();
      await aborted.opened;
      return denied;
    });
    await withServer(transport, row, async ({ client }) => {
      const call = client.call(checkName, {});
      await started.opened;
      call.cancel();
      await assert.rejects(call.answer, failsWith('CANCELLED'));
      await aborted.opened;
    });
  });

  test(`${name}: a call that outlives its deadline ends, and its signal is aborted`, async () => {
    const aborted = gate();
    const row = unary(async (_message, { signal, remainingMs }) => {
      if (remainingMs === undefined) return denied;
      signal.addEventListener('abort', aborted.open);
      if (signal.aborted) aborted.open();
      await aborted.opened;
      return denied;
    });
    await withServer(transport, row, async ({ client }) => {
      // The connection is there before the clock runs, so that the call reaches the handler on a busy machine too.
      isDenied(await client.call(checkName, {}).answer);
      await assert.rejects(client.call(checkName, {}, { deadlineMs: 500 }).answer, failsWith('DEADLINE_EXCEEDED'));
      await aborted.opened;
    });
  });

  test(`${name}: a bug is logged by name and answered as the table says, never with its text`, async () => {
    const logged: unknown[] = [];
    const log: Log = { ...silentLog, error: (fields, message) => logged.push({ fields, message }) };
    const bug: Handle = () => Promise.reject(new RangeError('a secret'));
    const hides = (error: unknown): boolean =>
      failsWith('INTERNAL')(error) && error instanceof Error && !error.message.includes('secret');
    await withServer(
      transport,
      unary(bug, () => denied),
      async ({ client }) => isDenied(await client.call(checkName, {}).answer),
      { log },
    );
    await withServer(transport, unary(bug), ({ client }) => assert.rejects(client.call(checkName, {}).answer, hides), {
      log,
    });
    const worse = unary(bug, () => {
      throw new TypeError('a secret');
    });
    await withServer(transport, worse, ({ client }) => assert.rejects(client.call(checkName, {}).answer, hides), {
      log,
    });
    assert.equal(logged.length, 3);
    assert.match(JSON.stringify(logged), /RangeError/);
    assert.doesNotMatch(JSON.stringify(logged), /secret/);
  });

  test(`${name}: a handler that throws in the same turn and one that throws no error are bugs too`, async () => {
    const now: Handle = () => {
      throw new RangeError('now');
    };
    await withServer(
      transport,
      unary(now, () => denied),
      async ({ client }) => isDenied(await client.call(checkName, {}).answer),
    );
    const odd: Handle = () => Promise.reject('text');
    await withServer(
      transport,
      unary(odd, () => denied),
      async ({ client }) => isDenied(await client.call(checkName, {}).answer),
    );
  });

  test(`${name}: a GrpcError is the status of the call`, async () => {
    const row = unary(
      () => Promise.reject(new GrpcError('unknown', 'rate limit domain must not be empty')),
      () => denied,
    );
    await withServer(transport, row, async ({ client }) => {
      await assert.rejects(
        client.call(checkName, {}).answer,
        (error) => failsWith('UNKNOWN')(error) && /domain must not be empty/.test(String(error)),
      );
    });
  });

  test(`${name}: a stream sends what its handler yields, and ends`, async () => {
    const method: Method = {
      kind: 'server_stream',
      async *handle() {
        for (let count = 0; count < 5000; count += 1) yield serving;
      },
    };
    await withServer(transport, [`/${watchName}`, method], async ({ client }) => {
      const { answers } = client.stream(watchName, {});
      let count = 0;
      for (let next = await answers.next(); next.done !== true; next = await answers.next()) {
        assert.deepEqual(next.value, { status: 'SERVING' });
        count += 1;
      }
      assert.equal(count, 5000);
    });
  });

  test(`${name}: a stream that throws ends with a status and without the error's text`, async () => {
    const method: Method = {
      kind: 'server_stream',
      handle: () => {
        throw new RangeError('a secret');
      },
    };
    await withServer(transport, [`/${watchName}`, method], async ({ client }) => {
      await assert.rejects(client.stream(watchName, {}).answers.next(), failsWith('INTERNAL'));
    });
  });

  test(`${name}: a stream whose reader is slow waits, and ends when the reader leaves`, async () => {
    const ended = gate();
    const method: Method = {
      kind: 'server_stream',
      async *handle(_message, { signal }) {
        try {
          while (!signal.aborted) yield serving;
        } finally {
          ended.open();
        }
      },
    };
    await withServer(transport, [`/${watchName}`, method], async ({ client }) => {
      const { answers, cancel } = client.stream(watchName, {});
      await answers.next();
      cancel();
      await ended.opened;
    });
  });
}
