import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Incoming, openMessageReader } from './message-reader.ts';

const message = (text: string): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(text.length, 1);
  return Buffer.concat([head, Buffer.from(text)]);
};

test('messages come whole, wherever their bytes are cut', () => {
  const texts = ['', 'a', 'hello world', 'x'.repeat(300)];
  const body = Buffer.concat(texts.map(message));
  for (const step of [1, 2, 3, 7, 64, 1000]) {
    const came: Incoming[] = [];
    const reader = openMessageReader(1000, (incoming) => came.push(incoming));
    for (let at = 0; at < body.length; at += step) reader.take(body.subarray(at, at + step));
    assert.deepEqual(
      came.map(({ bytes }) => Buffer.from(bytes).toString()),
      texts,
    );
    assert.equal(reader.heldBytes, 0);
  }
});

test('a message that is not whole holds its own bytes, and nothing that came beside them', () => {
  const readers = Array.from({ length: 200 }, () => openMessageReader(1 << 22, () => {}));
  const before = process.memoryUsage().arrayBuffers;
  for (const reader of readers) {
    reader.take(Buffer.of(0, 0, 1, 0, 0));
    // Bytes as they come from a socket: of each piece one byte is of this message.
    for (let count = 0; count < 8; count += 1) reader.take(Buffer.alloc(65_536).subarray(7, 8));
  }
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const kept = process.memoryUsage().arrayBuffers - before;
  assert.ok(kept < 1_000_000, `${kept} bytes are held for ${readers.length} messages of 13 bytes each`);
  assert.ok(readers.every(({ heldBytes }) => heldBytes === 13));
});
