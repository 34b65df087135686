import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { FrameWriter } from './frame-writer.ts';
import type { StreamHost } from './stream.ts';
import { StreamTable } from './stream-table.ts';

/** Streams with answers that wait, and how often anybody looked whether there is room for one. */
function waitingStreams(count: number, sendWindow: number, streamWindow: number) {
  const table = new StreamTable(1000);
  let looks = 0;
  const host: StreamHost = {
    writer: new FrameWriter(new Writable({ write: (_bytes, _encoding, done) => done() })),
    sendWindow,
    get congested() {
      looks += 1;
      return false;
    },
    waits: (stream) => table.waits(stream),
    used: () => {},
    closed: (stream) => table.remove(stream),
    discarded: () => {},
  };
  table.resize(streamWindow);
  for (let id = 1; id <= count * 2; id += 2) {
    const stream = table.open(host, id);
    stream.remoteClosed = true;
    stream.data(Buffer.alloc(10), true);
  }
  looks = 0;
  return { table, host, looks: () => looks };
}

test('a small window for all is the work of those that it has room for', () => {
  const { table, host, looks } = waitingStreams(1000, 0, 65_535);
  for (let update = 0; update < 500; update += 1) {
    host.sendWindow += 1;
    table.pumpWaiting(host);
  }
  assert.equal(host.sendWindow, 0);
  assert.ok(looks() < 5000, `${looks()} looks for 500 bytes`);
  host.sendWindow += 9500;
  table.pumpWaiting(host);
  assert.equal(table.size, 0);
});

test('a window for all is no work for those that wait for their own', () => {
  const { table, host, looks } = waitingStreams(1000, 65_535, 0);
  for (let update = 0; update < 500; update += 1) {
    host.sendWindow += 1;
    table.pumpWaiting(host);
  }
  assert.ok(looks() < 5000, `${looks()} looks for nothing`);
  table.resize(10);
  assert.equal(table.size, 0);
});
