import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { FrameWriter } from './frame-writer.ts';

test('frames that wait for a slow reader hold little more memory than their bytes', () => {
  const held = new Set<ArrayBufferLike>();
  const stuck = new Writable({ write: () => {} });
  const write = stuck.write.bind(stuck);
  const socket = Object.assign(stuck, {
    write: (bytes: Uint8Array) => {
      held.add(bytes.buffer);
      return write(bytes);
    },
  });
  const writer = new FrameWriter(socket);
  for (let count = 0; count < 1000; count += 1) {
    writer.ping(0, Buffer.from('areyouup'));
    writer.flush();
  }
  const bytes = [...held].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert.equal(writer.pendingBytes, 17_000);
  assert.ok(bytes < 100_000, `${bytes} bytes are held`);
});

test('bytes that the socket has not taken yet are never written over', () => {
  const taken: Uint8Array[] = [];
  const writer = new FrameWriter(new Writable({ write: (bytes: Uint8Array) => void taken.push(bytes) }));
  for (const text of ['one', 'two', 'three']) {
    writer.frame(9, 0, 1, Buffer.from(text));
    writer.flush();
  }
  assert.equal(Buffer.from(taken[0] ?? []).toString('latin1', 9), 'one');
});
