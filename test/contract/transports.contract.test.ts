import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { credentials, status } from '@grpc/grpc-js';
import type { Log } from '../../src/core/ports.ts';
import { silentLog } from '../../src/core/ports.ts';
import { GrpcError } from '../../src/server/grpc-error.ts';
import { joinServices } from '../../src/server/services.ts';
import type { Call, Listening, ListenOptions, Method, Transport, UnaryMethod } from '../../src/server/transport.ts';
import { transports } from '../../src/server/transports/index.ts';
import { createAuthority } from '../support/certificates.ts';
import { loadOfficial } from '../support/official.ts';
import { type OfficialClient, officialClient } from '../support/official-client.ts';

const official = await loadOfficial();
const checkName = 'envoy.service.auth.v3.Authorization/Check';
const watchName = 'grpc.health.v1.Health/Watch';
const folder = await mkdtemp(join(tmpdir(), 'transports-'));
after(() => rm(folder, { recursive: true, force: true }));

// field 4 (dynamic_metadata) absent, status.code 7: a denial in as few bytes as can be.
const denied = Uint8Array.of(0x0a, 0x02, 0x08, 0x07);
const isDenied = (answer: object): void => assert.deepEqual(answer, { status: { code: 7 } });
const request = (path: string): object => ({ attributes: { request: { http: { path } } } });

type Handle = UnaryMethod['handle'];

function unary(handle: Handle, onBug?: () => Uint8Array): readonly [string, Method] {
  return [`/${checkName}`, { kind: 'unary', handle, ...(onBug === undefined ? {} : { onBug }) }];
}

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}
function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

const failsWith =
  (code: number) =>
  (error: unknown): boolean =>
    error instanceof Error && 'code' in error && error.code === code;

interface Started {
  readonly listening: Listening;
  readonly client: OfficialClient;
}

async function withServer(
  transport: Transport,
  row: readonly [string, Method],
  use: (started: Started) => Promise<void>,
  options: Partial<ListenOptions> = {},
): Promise<void> {
  const listening = await transport.listen(joinServices([row]), { address: '127.0.0.1:0', log: silentLog, ...options });
  const client = officialClient(official, listening.address);
  try {
    await use({ listening, client });
  } finally {
    client.close();
    await listening.close();
  }
}

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
      await assert.rejects(answer, failsWith(status.UNIMPLEMENTED));
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
      await assert.rejects(answer, failsWith(status.RESOURCE_EXHAUSTED));
      isDenied(await client.call(checkName, request('x'.repeat(4 * 1024 * 1024 - 64))).answer);
    });
    assert.equal(calls, 1);
    const small = { maxMessageBytes: 1024 };
    await withServer(
      transport,
      row,
      async ({ client }) => {
        const { answer } = client.call(checkName, request('x'.repeat(1024)));
        await assert.rejects(answer, failsWith(status.RESOURCE_EXHAUSTED));
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
      await assert.rejects(call.answer, failsWith(status.CANCELLED));
      await aborted.opened;
    });
  });

  test(`${name}: a call that outlives its deadline ends, and its signal is aborted`, async () => {
    const aborted = gate();
    const row = unary(async (_message, { signal }) => {
      signal.addEventListener('abort', aborted.open);
      await aborted.opened;
      return denied;
    });
    await withServer(transport, row, async ({ client }) => {
      await assert.rejects(client.call(checkName, {}, { deadlineMs: 50 }).answer, failsWith(status.DEADLINE_EXCEEDED));
      await aborted.opened;
    });
  });

  test(`${name}: a bug is logged by name and answered as the table says, never with its text`, async () => {
    const logged: unknown[] = [];
    const log: Log = { ...silentLog, error: (fields, message) => logged.push({ fields, message }) };
    const bug: Handle = () => Promise.reject(new RangeError('a secret'));
    const hides = (error: unknown): boolean =>
      failsWith(status.INTERNAL)(error) && error instanceof Error && !error.message.includes('secret');
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
        (error) => failsWith(status.UNKNOWN)(error) && /domain must not be empty/.test(String(error)),
      );
    });
  });

  test(`${name}: a stream sends what its handler yields, and ends`, async () => {
    const method: Method = {
      kind: 'server_stream',
      async *handle() {
        for (let count = 0; count < 5000; count += 1) yield Uint8Array.of(0x08, 0x01);
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
      await assert.rejects(client.stream(watchName, {}).answers.next(), failsWith(status.INTERNAL));
    });
  });

  test(`${name}: a stream whose reader is slow waits, and ends when the reader leaves`, async () => {
    const ended = gate();
    const method: Method = {
      kind: 'server_stream',
      async *handle(_message, { signal }) {
        try {
          while (!signal.aborted) yield Uint8Array.of(0x08, 0x01);
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

  test(`${name}: drain lets every call under way end and takes no new one`, async () => {
    const started = gate();
    const release = gate();
    let running = 0;
    const row = unary(async () => {
      running += 1;
      if (running === 50) started.open();
      await release.opened;
      return denied;
    });
    await withServer(transport, row, async ({ listening, client }) => {
      const calls = Array.from({ length: 50 }, () => client.call(checkName, request('/')).answer);
      await started.opened;
      const drained = listening.drain(60_000);
      const late = officialClient(official, listening.address);
      await assert.rejects(late.call(checkName, {}).answer, failsWith(status.UNAVAILABLE));
      late.close();
      release.open();
      for (const answer of await Promise.all(calls)) isDenied(answer);
      assert.equal(await drained, true);
      assert.equal(running, 50);
    });
  });

  test(`${name}: drain under load answers a call or refuses it before it begins`, async () => {
    let begun = 0;
    const row = unary(async () => {
      begun += 1;
      await new Promise(setImmediate);
      return denied;
    });
    await withServer(transport, row, async ({ listening, client }) => {
      let answered = 0;
      let refused = 0;
      const warm = gate();
      const load = async (): Promise<void> => {
        while (refused === 0) {
          try {
            isDenied(await client.call(checkName, {}).answer);
            answered += 1;
            if (answered === 200) warm.open();
          } catch (error) {
            assert.ok(failsWith(status.UNAVAILABLE)(error), String(error));
            refused += 1;
          }
        }
      };
      const loads = Array.from({ length: 16 }, load);
      await warm.opened;
      assert.equal(await listening.drain(60_000), true);
      await Promise.all(loads);
      assert.equal(answered, begun);
    });
  });

  test(`${name}: drain ends streams, and cuts off what does not end in time`, async () => {
    const started = gate();
    const never = gate();
    const row = unary(async () => {
      started.open();
      await never.opened;
      return denied;
    });
    await withServer(transport, row, async ({ listening, client }) => {
      const { answer } = client.call(checkName, {});
      const cut = assert.rejects(answer);
      await started.opened;
      assert.equal(await listening.drain(1), false);
      await cut;
    });
    const method: Method = {
      kind: 'server_stream',
      async *handle(_message, { signal }) {
        yield Uint8Array.of(0x08, 0x01);
        if (!signal.aborted) await once(signal, 'abort');
      },
    };
    await withServer(transport, [`/${watchName}`, method], async ({ listening, client }) => {
      const { answers } = client.stream(watchName, {});
      await answers.next();
      const ended = assert.rejects(answers.next(), failsWith(status.UNAVAILABLE));
      assert.equal(await listening.drain(60_000), true);
      await ended;
    });
  });

  test(`${name}: a unix socket is for owner and group; a stale one is replaced, a live one and a file are not`, async () => {
    const path = join(folder, `${name}.sock`);
    const address = `unix:${path}`;
    const options = { address };
    const row = unary(async () => denied);
    const stale = createServer();
    await once(stale.listen(path), 'listening');
    await assert.rejects(
      transport.listen(new Map(), { address, log: silentLog }),
      /unix:.*sock: the address is in use/,
    );
    // A server that dies leaves its file behind.
    await new Promise<void>((resolve) => stale.close(() => resolve()));
    await leaveSocket(path);
    await withServer(
      transport,
      row,
      async ({ listening, client }) => {
        assert.equal(listening.address, address);
        assert.equal((await stat(path)).mode & 0o777, 0o660);
        isDenied(await client.call(checkName, {}).answer);
      },
      options,
    );
    await assert.rejects(stat(path), /ENOENT/);
    await writeFile(path, 'a file');
    await assert.rejects(transport.listen(new Map(), { address, log: silentLog }), /is no socket/);
    await assert.rejects(
      transport.listen(new Map(), { address: `unix:${folder}/none/s`, log: silentLog }),
      /the directory does not exist/,
    );
  });

  test(`${name}: a taken port is an error that names the address`, async () => {
    const row = unary(async () => denied);
    await withServer(transport, row, async ({ listening: { address } }) => {
      await assert.rejects(transport.listen(new Map(), { address, log: silentLog }), {
        name: 'ListenError',
        message: `cannot listen on ${address}: the address is in use`,
      });
    });
  });

  test(`${name}: a host name and IPv6 are listened on, nonsense is refused`, async () => {
    const row = unary(async () => denied);
    await withServer(
      transport,
      row,
      async ({ listening }) => {
        const client = officialClient(official, listening.address);
        isDenied(await client.call(checkName, {}).answer);
        client.close();
      },
      { address: 'localhost:0' },
    );
    for (const address of ['9191', ':9191', 'localhost', '[1.2.3.4]:1', '127.0.0.1:65536', 'unix:relative', '']) {
      await assert.rejects(transport.listen(new Map(), { address, log: silentLog }), /neither "host:port" nor/);
    }
  });

  test(`${name}: TLS proves the server, mutual TLS the caller too`, async () => {
    const { ca, issue } = createAuthority();
    const server = issue('server');
    const caller = issue('caller');
    const stranger = createAuthority('another authority').issue('caller');
    const row = unary(async () => denied);
    const callWith = async (address: string, identity?: { cert: string; key: string }): Promise<object> => {
      const channel = credentials.createSsl(
        Buffer.from(ca),
        identity === undefined ? null : Buffer.from(identity.key),
        identity === undefined ? null : Buffer.from(identity.cert),
      );
      // A name, because TLS has no server names for addresses.
      const client = officialClient(official, address.replace('127.0.0.1', 'localhost'), channel);
      return client.call(checkName, {}).answer.finally(() => client.close());
    };
    const refused = failsWith(status.UNAVAILABLE);
    await withServer(
      transport,
      row,
      async ({ listening, client }) => {
        isDenied(await callWith(listening.address));
        await assert.rejects(client.call(checkName, {}).answer, refused);
      },
      { tls: server },
    );
    await withServer(
      transport,
      row,
      async ({ listening }) => {
        isDenied(await callWith(listening.address, caller));
        await assert.rejects(callWith(listening.address), refused);
        await assert.rejects(callWith(listening.address, stranger), refused);
      },
      { tls: { ...server, clientCa: ca } },
    );
    for (const tls of [
      { ...server, key: caller.key },
      { ...server, cert: 'none' },
    ]) {
      await assert.rejects(
        transport.listen(new Map(), { address: '127.0.0.1:0', log: silentLog, tls }),
        /cannot listen on 127\.0\.0\.1:0: the TLS certificate/,
      );
    }
  });
}

async function leaveSocket(path: string): Promise<void> {
  const { spawn } = await import('node:child_process');
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', program], { stdio: 'ignore' }), 'exit');
}
