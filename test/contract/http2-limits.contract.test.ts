import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { silentLog } from '../../src/core/ports.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { defaultLimits } from '../../src/server/h2/limits.ts';
import { openHttp2 } from '../../src/server/h2/listen.ts';
import type { Method } from '../../src/server/transport.ts';
import { answers, call, endHeaders, endStream, never, path, withWire } from '../support/http2-served.ts';
import { callHead, dial, headerBlock, isGoaway, isReset, type WireClient } from '../support/http2-wire.ts';
import { gate } from '../support/transport.ts';

const calm = 11;
const none = { burst: 4, perSecond: 0 };

test('calls that are taken back as fast as they come end the connection', async () => {
  await withWire({ cancels: none }, never, async (client) => {
    for (let stream = 1; stream < 15; stream += 2) {
      call(client, stream);
      client.send(3, 0, stream, Buffer.of(0, 0, 0, 8));
    }
    await client.frame('the farewell', isGoaway(calm));
    await client.closed;
  });
});

test('calls whose caller has left count until their handlers end', async () => {
  let running = 0;
  const method: Method = {
    kind: 'unary',
    handle: () => {
      running += 1;
      return new Promise(() => {});
    },
  };
  await withWire({ concurrentStreams: 2 }, method, async (client) => {
    for (const stream of [1, 3]) {
      call(client, stream);
      client.send(3, 0, stream, Buffer.of(0, 0, 0, 8));
    }
    call(client, 5);
    await client.frame('the refusal', isReset(5, 7));
    assert.equal(running, 2);
  });
});

test('more calls at once than are taken are refused, and may be tried again', async () => {
  await withWire({ concurrentStreams: 2 }, never, async (client) => {
    for (const stream of [1, 3, 5]) call(client, stream);
    await client.frame('the refusal', isReset(5, 7));
  });
});

const floods: Readonly<Record<string, (client: WireClient) => void>> = {
  pings: (client) => client.send(6, 0, 0, Buffer.alloc(8)),
  settings: (client) => client.send(4, 0, 0),
  priorities: (client) => client.send(2, 0, 9, Buffer.alloc(5)),
  'frames of unknown types': (client) => client.send(99, 0, 0),
  'empty data': (client) => client.send(0, 0, 1),
  'resets of closed streams': (client) => client.send(3, 0, 3, Buffer.alloc(4)),
};
for (const [name, send] of Object.entries(floods)) {
  test(`a flood of ${name} ends the connection`, async () => {
    await withWire({ chores: none }, answers, async (client) => {
      call(client, 3);
      await client.frame('an answer', ({ type, stream }) => type === 0 && stream === 3);
      client.send(1, endHeaders, 5, callHead(path));
      const stream = 5;
      for (let count = 0; count < 20; count += 1) {
        if (name === 'empty data') client.send(0, 0, stream);
        else send(client);
      }
      await client.frame('the farewell', isGoaway(calm));
      await client.closed;
    });
  });
}

test('calls earn the pings by which a client measures its line', async () => {
  await withWire({ chores: none }, answers, async (client) => {
    for (let stream = 1; stream < 100; stream += 2) {
      call(client, stream);
      client.send(6, 0, 0, Buffer.alloc(8));
    }
    await client.frame('the last answer', (frame) => frame.type === 0 && frame.stream === 99);
    assert.equal(client.frames.filter(({ type }) => type === 6).length, 50);
  });
});

test('a header block without end breaks the connection, by its bytes and by its frames', async () => {
  await withWire({ headerBlockFrames: 4 }, answers, async (client) => {
    client.send(1, 0, 1, callHead(path));
    for (let count = 0; count < 10; count += 1) client.send(9, 0, 1);
    await client.frame('the farewell', isGoaway(calm));
  });
  await withWire({ headerBlockBytes: 1024 }, answers, async (client) => {
    client.send(1, 0, 1, callHead(path));
    client.send(9, 0, 1, Buffer.alloc(1024));
    await client.frame('the farewell', isGoaway(calm));
  });
});

test('a small block that stands for very many fields is refused, and its fields are not kept', async () => {
  await withWire({ headerListBytes: 4096 }, answers, async (client) => {
    // A field of 100 bytes is remembered once, and then named a thousand times by one byte each.
    const name = Buffer.from('x-bomb');
    const first = Buffer.concat([Buffer.of(0x40, name.length), name, Buffer.of(100), Buffer.alloc(100, 'a')]);
    const bomb = Buffer.concat([callHead(path), first, Buffer.alloc(1000, 0xbe)]);
    client.send(1, endHeaders | endStream, 1, bomb);
    const { payload } = await client.frame('the refusal', ({ type, stream }) => type === 1 && stream === 1);
    assert.ok(payload.includes('grpc-status\u00018'));
  });
});

test('a window that overflows breaks its stream, or the connection', async () => {
  const most = Buffer.of(0x7f, 0xff, 0xff, 0xff);
  await withWire({}, never, async (client) => {
    call(client, 1);
    client.send(8, 0, 1, most);
    await client.frame('the reset', isReset(1, 3));
    client.send(8, 0, 0, most);
    await client.frame('the farewell', isGoaway(3));
  });
});

test('more data than there is room for breaks its stream', async () => {
  await withWire({ streamWindowBytes: 1000 }, answers, async (client) => {
    client.send(1, endHeaders, 1, callHead(path));
    client.send(0, 0, 1, Buffer.alloc(1001));
    await client.frame('the reset', isReset(1, 3));
  });
});

for (const method of [answers, { kind: 'bidi_stream', handle: (messages) => messages } satisfies Method]) {
  test(`${method.kind}: messages that are never whole hold no more than they may, all calls together`, async () => {
    await withWire({ partialBytes: 20_000 }, method, async (client) => {
      const begun = Buffer.concat([Buffer.of(0, 0, 0, 0xff, 0xff), Buffer.alloc(15_000)]);
      const begin = (stream: number): void => {
        client.send(1, endHeaders, stream, callHead(path));
        client.send(0, 0, stream, begun);
      };
      begin(1);
      begin(3);
      const { payload } = await client.frame('the refusal', ({ type, stream }) => type === 1 && stream === 3);
      assert.ok(payload.includes('grpc-status\u00018'));
      // What is let go of is free for another.
      client.send(3, 0, 1, Buffer.of(0, 0, 0, 8));
      begin(5);
      client.send(6, 0, 0, Buffer.from('all read'));
      await client.frame('the pong', ({ type, flags }) => type === 6 && flags === 1);
      assert.ok(!client.frames.some(({ type, stream }) => type === 1 && stream === 5));
    });
  });
}

test('messages that grow hold no more than they may, all calls together, until their handlers end', async () => {
  const grown = gzipSync(Buffer.alloc(15_000));
  const message = Buffer.concat([Buffer.of(1, 0, 0, 0, grown.length), grown]);
  await withWire({ partialBytes: 20_000 }, never, async (client) => {
    for (const stream of [1, 3]) {
      client.send(1, endHeaders, stream, callHead(path, [['grpc-encoding', 'gzip']]));
      client.send(0, endStream, stream, message);
    }
    const { payload } = await client.frame('the refusal', ({ type }) => type === 1);
    assert.ok(payload.includes('grpc-status\u00018'));
  });
});

test('who says nothing is let go', async () => {
  await withWire({ greetingMs: 1 }, answers, async ({ closed }) => closed, false);
});

test('who has no calls is let go in order', async () => {
  await withWire({ idleMs: 1 }, answers, async (client) => {
    call(client, 1);
    await client.frame('the farewell', isGoaway(0));
    const ping = await client.frame('the question', ({ type }) => type === 6);
    client.send(6, 1, 0, ping.payload);
    await client.closed;
  });
});

test('who does not answer is let go, and who answers is not', async () => {
  const limits = { keepaliveMs: 1, keepaliveTimeoutMs: 1, idleMs: 2 ** 31 };
  await withWire(limits, never, async (client) => {
    call(client, 1);
    const asked = (): number => client.frames.filter(({ type }) => type === 6).length;
    await waitFor({ what: 'a question', holds: async () => asked() === 1 });
    client.send(6, 1, 0, Buffer.from('areyouup'));
    await waitFor({ what: 'another question', holds: async () => asked() === 2 });
    await client.closed;
  });
});

test('who reads no answers holds no more of them than they may, is not read, and is let go', async () => {
  let yielded = 0;
  let ended = false;
  const piece = Buffer.alloc(16_000);
  const method: Method = {
    kind: 'server_stream',
    async *handle(_message, { signal }) {
      try {
        for (; !signal.aborted; yielded += 1) yield piece;
      } finally {
        ended = true;
      }
    },
  };
  await withWire({ unsentBytes: 64_000, stalledMs: 1 }, method, async (client) => {
    client.pause();
    client.send(8, 0, 0, Buffer.of(0x7f, 0, 0, 0));
    client.send(4, 0, 0, Buffer.of(0, 4, 0x7f, 0xff, 0xff, 0xff));
    call(client, 1);
    // Pings are what the server reads meanwhile; their answers wait with the rest.
    const timer = setInterval(() => client.send(6, 0, 0, Buffer.alloc(8)), 20);
    await waitFor({ what: 'the end of the handler', holds: async () => ended });
    clearInterval(timer);
    assert.ok(yielded < 2000, `${yielded} pieces of 16 KB were asked for`);
    client.resume();
    await client.closed;
  });
});

test('the preface and the settings come first', async () => {
  await withWire(
    {},
    answers,
    async (client) => {
      client.write(Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n'));
      await client.frame('the farewell', isGoaway(1));
    },
    false,
  );
  await withWire(
    {},
    answers,
    async (client) => {
      client.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
      client.send(6, 0, 0, Buffer.alloc(8));
      await client.frame('the farewell', isGoaway(1));
    },
    false,
  );
});

test('a header of one connection alone, or one that cannot be, makes a request malformed', async () => {
  for (const field of [
    ['connection', 'close'],
    ['x-\u0001', 'a'],
    ['x-a', 'a\n'],
    ['x-a', ' a'],
    [':other', 'a'],
    ['content-length', '1x'],
  ] as const) {
    await withWire({}, answers, async (client) => {
      client.send(
        1,
        endHeaders | endStream,
        1,
        headerBlock([[':method', 'POST'], [':scheme', 'http'], [':path', path], field]),
      );
      await client.frame('the reset', isReset(1, 1));
    });
  }
});

test('connections beyond their number are closed as they come', async () => {
  const transport = openHttp2({ ...defaultLimits, connections: 1 });
  const listening = await transport.listen(new Map([[path, answers]]), { address: '127.0.0.1:0', log: silentLog });
  const first = dial(listening.address);
  await first.frame('settings', ({ type }) => type === 4);
  await dial(listening.address).closed;
  call(first, 1);
  await first.frame('an answer', ({ type }) => type === 0);
  first.destroy();
  await listening.close();
});

test('a caller who has said all gets the answers that are due', async () => {
  const started = gate();
  const release = gate();
  const method: Method = {
    kind: 'unary',
    handle: async () => {
      started.open();
      await release.opened;
      return Uint8Array.of(8, 1);
    },
  };
  await withWire({}, method, async (client) => {
    call(client, 1);
    client.send(7, 0, 0, Buffer.alloc(8));
    await started.opened;
    release.open();
    await client.frame('the answer', ({ type, stream }) => type === 0 && stream === 1);
    await client.closed;
  });
});

test('a call that can never become whole ends when its caller hangs up, and one that is whole is answered', async () => {
  const aborted = gate();
  const release = gate();
  const method: Method = {
    kind: 'bidi_stream',
    async *handle(messages, { signal }) {
      signal.addEventListener('abort', aborted.open);
      for await (const message of messages) yield message;
      if (!signal.aborted) await release.opened;
    },
  };
  await withWire({}, method, async (client) => {
    client.send(1, endHeaders, 1, callHead(path));
    call(client, 3);
    await client.frame('the echo', ({ type, stream }) => type === 0 && stream === 3);
    client.hangUp();
    await aborted.opened;
    release.open();
    await client.frame('the end', ({ type, flags, stream }) => type === 1 && stream === 3 && (flags & endStream) !== 0);
    await client.closed;
  });
});

test('who does not answer the farewell is let go', async () => {
  await withWire({ idleMs: 1, keepaliveTimeoutMs: 1 }, answers, async ({ closed }) => closed);
});

test('who is told farewell and does not close its side is not waited for', async () => {
  const transport = openHttp2({ ...defaultLimits, connections: 1 });
  const listening = await transport.listen(new Map([[path, answers]]), { address: '127.0.0.1:0', log: silentLog });
  const stays = dial(listening.address);
  stays.send(6, 0, 0, Buffer.alloc(7));
  await stays.frame('the farewell', isGoaway(6));
  const takesAnother = async (): Promise<boolean> => {
    const next = dial(listening.address);
    await Promise.race([next.frame('settings', ({ type }) => type === 4), next.closed]);
    next.destroy();
    return next.frames.length > 0;
  };
  await waitFor({ what: 'room for another connection', holds: takesAnother });
  stays.destroy();
  await listening.close();
});
