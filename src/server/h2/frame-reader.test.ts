import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConnectionError } from './codes.ts';
import { openFrameReader } from './frame-reader.ts';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

function frame(type: number, flag: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flag;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const frames = fc.array(
  fc.record({
    type: fc.nat(255),
    flag: fc.nat(255),
    stream: fc.nat(2 ** 31 - 1),
    payload: fc.uint8Array({ maxLength: 40 }),
  }),
  { maxLength: 8 },
);

test('frames are the same in whatever pieces they come', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sent, cuts) => {
      const bytes = Buffer.concat([preface, ...sent.map((one) => frame(one.type, one.flag, one.stream, one.payload))]);
      const read: unknown[] = [];
      const reader = openFrameReader((type, flag, stream, payload) =>
        read.push({ type, flag, stream, payload: new Uint8Array(payload) }),
      );
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = cuts[turn % cuts.length] ?? 1;
        reader.take(bytes.subarray(at, at + size));
        at += size;
      }
      assert.deepEqual(
        read,
        sent.map((one) => ({ ...one })),
      );
    }),
  );
});

test('the reserved bit of a stream is passed over', () => {
  let seen = 0;
  const reader = openFrameReader((_type, _flag, stream) => {
    seen = stream;
  });
  reader.take(Buffer.concat([preface, frame(6, 0, 0x8000_0005, Buffer.alloc(8))]));
  assert.equal(seen, 5);
});

const breaksWith = (code: string) => (error: unknown) => error instanceof ConnectionError && error.code === code;

test('what does not begin as HTTP/2 is refused at its first wrong byte', () => {
  const reader = openFrameReader(() => {});
  reader.take(Buffer.from('PRI * HTTP/2'));
  assert.throws(() => reader.take(Buffer.from('.1')), breaksWith('protocolError'));
});

test('a frame that is too large is refused before it has come, whole head or not', () => {
  const head = Buffer.of(0, 0x40, 1, 0, 0, 0, 0, 0, 1);
  const whole = openFrameReader(() => {});
  assert.throws(() => whole.take(Buffer.concat([preface, head])), breaksWith('frameSizeError'));
  const pieces = openFrameReader(() => {});
  pieces.take(Buffer.concat([preface, head.subarray(0, 4)]));
  assert.throws(() => pieces.take(head.subarray(4)), breaksWith('frameSizeError'));
});
