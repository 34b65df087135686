import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aSubject } from '../../test/support/requests.ts';
import { noProcessing, type Volume } from '../core/processing.ts';
import { measured } from './volume.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What is counted of a response that comes in these pieces. */
async function counted(contentType: string, pieces: readonly string[]): Promise<Volume> {
  const total = { bytes: 0, records: 0 };
  const { response } = measured(noProcessing, async (_subject, { bytes, records }) => {
    total.bytes += bytes;
    total.records += records;
  });
  const headers = new Map([['content-type', [contentType]]]);
  const step = response?.({ status: 200, headers, endOfStream: false }, aSubject());
  assert.ok(step?.kind === 'read' && step.how === 'stream' && !step.mayChange);
  for (const [index, piece] of pieces.entries()) {
    const bytes = encode(piece);
    const passed = await step.body.push(bytes, index === pieces.length - 1);
    assert.ok(passed.kind === 'forward' && passed.bytes === bytes);
  }
  return total;
}

const recordsOf = async (text: string, type = 'application/json'): Promise<number> => {
  const whole = await counted(type, [text]);
  assert.equal(whole.bytes, encode(text).length);
  assert.deepEqual(await counted(type, [...text]), whole);
  return whole.records;
};

test('records are the items of the list at the top, or of those in the outermost object', async () => {
  assert.equal(await recordsOf('[]'), 0);
  assert.equal(await recordsOf(' [ {"a":[1,2,3]}, [4,5], "x,\\",y", null ] '), 4);
  assert.equal(await recordsOf('{"total":2,"items":[{"a":[1]},{"b":2}],"next":["x"],"deep":{"list":[1,2]}}'), 3);
  assert.equal(await recordsOf('{"a":1}'), 0);
  assert.equal(await recordsOf('"[1,2]"'), 0);
  assert.equal(await recordsOf('[1,2]', 'application/vnd.orders+json; charset=utf-8'), 2);
  assert.equal(await recordsOf('[1,2]', 'text/plain'), 0);
});

test('records of lines are the lines that hold something', async () => {
  assert.equal(await recordsOf('{"a":1}\n\n{"a":2}', 'application/x-ndjson'), 2);
  assert.equal(await recordsOf('id,name\r\n1,x\r\n', 'text/csv'), 2);
});

test('what went out is counted though the end never comes, and one count is under way at a time', async () => {
  const counts: number[] = [];
  let release = (): void => {};
  const { response } = measured(noProcessing, (_subject, { bytes }) => {
    counts.push(bytes);
    return new Promise((resolve) => {
      release = resolve;
    });
  });
  const step = response?.({ status: 200, headers: new Map(), endOfStream: false }, aSubject());
  assert.ok(step?.kind === 'read');
  for (const piece of ['aaaa', 'bb', 'c']) await step.body.push(encode(piece), false);
  assert.deepEqual(counts, [4]);
  release();
  await step.body.push(new Uint8Array(0), false);
  assert.deepEqual(counts, [4, 3]);
});

test('answers without a body are not waited for, and without a count nothing is read', () => {
  const { response } = measured(noProcessing, async () => {});
  const head = { status: 200, headers: new Map(), endOfStream: false };
  assert.equal(response?.({ ...head, endOfStream: true }, aSubject()).kind, 'skip');
  assert.equal(response?.(head, aSubject({ request: { method: 'HEAD' } })).kind, 'skip');
  assert.equal(measured(noProcessing, undefined), noProcessing);
});
