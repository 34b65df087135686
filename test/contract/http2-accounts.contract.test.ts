import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHeaderDecoder } from '../../src/server/h2/hpack/decoder.ts';
import type { Method } from '../../src/server/transport.ts';
import { call, endHeaders, endStream, path, withWire } from '../support/http2-served.ts';
import { callHead, type WireClient } from '../support/http2-wire.ts';

const isTrailers =
  (of: number) =>
  ({ type, flags, stream }: { type: number; flags: number; stream: number }): boolean =>
    type === 1 && stream === of && (flags & endStream) !== 0;

/** All header blocks that came, read in their order, as the other side has to. */
function headersOf(client: WireClient): string[] {
  const decoder = openHeaderDecoder(4096);
  const fields: string[] = [];
  for (const { type, stream, payload } of client.frames) {
    if (type === 1) decoder.decode(payload, ({ name, value }) => fields.push(`${stream} ${name}: ${value}`));
  }
  return fields;
}

test('header blocks are encoded in the order in which they leave, not in which calls end', async () => {
  const large: Method = { kind: 'unary', handle: async () => Buffer.alloc(100) };
  await withWire({}, large, async (client) => {
    client.send(4, 0, 0, Buffer.of(0, 4, 0, 0, 0, 50));
    call(client, 1);
    await client.frame('the begin of the first answer', ({ type, stream }) => type === 0 && stream === 1);
    // The first call has ended, and its trailers wait for room: the second one is told of in full before.
    client.send(1, endHeaders, 3, callHead(path));
    client.send(8, 0, 3, Buffer.of(0, 0, 1, 0));
    client.send(0, endStream, 3, Buffer.alloc(5));
    await client.frame('the end of the second answer', isTrailers(3));
    // One that never gets its trailers leaves the tables alone too.
    client.send(3, 0, 1, Buffer.of(0, 0, 0, 8));
    client.send(1, endHeaders, 5, callHead(path));
    client.send(8, 0, 5, Buffer.of(0, 0, 1, 0));
    client.send(0, endStream, 5, Buffer.alloc(5));
    await client.frame('the end of the third answer', isTrailers(5));
    assert.deepEqual(
      headersOf(client).filter((field) => field.includes('grpc-status')),
      ['3 grpc-status: 0', '5 grpc-status: 0'],
    );
  });
});

/** How much room the connection was given back in all. */
const roomGiven = (client: WireClient): number =>
  client.frames
    .filter(({ type, stream }) => type === 8 && stream === 0)
    .slice(1)
    .reduce((bytes, { payload }) => bytes + payload.readUInt32BE(0), 0);

const readers: Readonly<Record<string, Method>> = {
  'that answers and reads nothing': {
    kind: 'bidi_stream',
    async *handle() {
      await new Promise((resolve) => setTimeout(resolve, 50));
      yield Uint8Array.of(1);
    },
  },
  'that fails behind its first message': {
    kind: 'client_stream',
    handle: async (messages) => {
      for await (const _ of messages) throw new Error('no');
      return Uint8Array.of();
    },
  },
};
for (const [name, method] of Object.entries(readers)) {
  test(`a handler ${name} takes no room from later calls`, async () => {
    await withWire({}, method, async (client) => {
      const rounds = 20;
      for (let stream = 1; stream < rounds * 2; stream += 2) {
        client.send(1, endHeaders, stream, callHead(path));
        const message = Buffer.concat([Buffer.of(0, 0, 0, 0x27, 0x0b), Buffer.alloc(9995)]);
        client.send(0, 0, stream, message);
        client.send(0, endStream, stream, message);
        await client.frame('the end of the call', isTrailers(stream));
      }
      const sent = rounds * 20_000;
      assert.ok(roomGiven(client) > sent - 16_384, `${sent} bytes were sent, room for ${roomGiven(client)} was given`);
    });
  });
}

test('data that a stream had no room for takes none from the connection', async () => {
  const never: Method = { kind: 'unary', handle: () => new Promise(() => {}) };
  await withWire({ streamWindowBytes: 1000 }, never, async (client) => {
    for (const stream of [1, 3, 5]) {
      client.send(1, endHeaders, stream, callHead(path));
      client.send(0, 0, stream, Buffer.alloc(8192));
    }
    client.send(6, 0, 0, Buffer.alloc(8));
    await client.frame('the pong', ({ type, flags }) => type === 6 && flags === 1);
    assert.ok(roomGiven(client) >= 16_384, `room for ${roomGiven(client)} was given`);
  });
});
