import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, texts } from '../../../test/support/content.ts';

const grpc = 'application/grpc';

/** A field of stated length: its key and its length are one byte each. */
function field(number: number, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
}

function frame(...parts: readonly Uint8Array[]): Buffer {
  const message = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

test('the texts of a message are named by their fields, whatever stands between them', () => {
  const numbers = Buffer.from([0x20, 0x96, 0x01, 0x2d, 0, 0, 0x80, 0x3f, 0x31, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
  const body = frame(field(1, 'alice'), numbers, field(2, field(3, 'x > y')), field(15, ''));
  assert.deepEqual(texts(grpc, body), ['value /1 alice', 'value /2/3 x > y']);
  assert.deepEqual(texts(grpc, frame()), []);
});

test('messages of one call, and fields that are repeated, stand in one place', () => {
  const body = Buffer.concat([frame(field(1, 'a'), field(1, 'b')), frame(field(1, 'c'))]);
  assert.deepEqual(texts('application/grpc+proto', body), ['value /1 a', 'value /1 b', 'value /1 c']);
});

test('fields that no schema names, messages of any type and groups are looked into', () => {
  const any = Buffer.concat([field(1, 'type.googleapis.com/a.B'), field(2, field(4, 'inner'))]);
  assert.deepEqual(texts(grpc, frame(field(9, any))), ['value /9/1 type.googleapis.com/a.B', 'value /9/2/4 inner']);
  assert.deepEqual(texts(grpc, frame(Buffer.from([0x0b]), field(2, 'in a group'), Buffer.from([0x0c]))), [
    'value /2 in a group',
  ]);
});

test('what may be a text and a message is looked at as both', () => {
  const text = '\n!a text of thirty-three characters';
  assert.deepEqual(texts(grpc, frame(field(1, text))), [`value /1/1 ${text.slice(2)}`, `value /1 ${text}`]);
  // Eight letters at a time stand in numbers.
  const letters = Buffer.from("\x111' union\x11 select \x11 1, 2--");
  assert.deepEqual(texts(grpc, frame(field(1, letters))), ["value /1  1' union  select   1, 2--"]);
});

test('bytes that are neither text nor message are rows of letters, of which nothing else is said', () => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0]), Buffer.from("a row of it's letters"), Buffer.from([0xff])]);
  assert.deepEqual(texts(grpc, frame(field(1, bytes))), ["value /1 a row of it's letters"]);
  assert.deepEqual(texts(grpc, frame(field(1, 'sel\0ect\vit\x07'))), ['value /1 select it ']);
});

test('frames that are compressed, cut off or none are refused', () => {
  const message = frame(field(1, 'a'));
  const flagged = (flag: number): Buffer => Buffer.concat([Buffer.from([flag]), message.subarray(1)]);
  const broken: readonly (readonly [problem: string, body: Uint8Array])[] = [
    ['compressed', flagged(1)],
    ['frame', flagged(0x80)],
    ['frame', message.subarray(0, -1)],
    ['frame', message.subarray(0, 4)],
    ['frame', Buffer.concat([message, Buffer.from([0])])],
    ['message', frame(Buffer.from('{"a":1}'))],
    ['message', frame(Buffer.from([0x0a, 0x7f]))],
    ['message', frame(Buffer.from([0x0b]))],
    ['message', frame(Buffer.from([0x02, 0x00]))],
    ['message', frame(Buffer.alloc(11, 0xff))],
  ];
  for (const [problem, body] of broken) assert.equal(texts(grpc, body), problem);
});

test('what gRPC-Web sends as text is Base64, in pieces of their own', () => {
  const [one, two] = [frame(field(1, 'a')), frame(field(1, 'bc'))].map((part) => part.toString('base64'));
  assert.deepEqual(texts('application/grpc-web-text', `${one}${two}`), ['value /1 a', 'value /1 bc']);
  assert.deepEqual(texts('application/grpc-web', frame(field(1, 'a'))), ['value /1 a']);
  assert.equal(texts('application/grpc-web-text+proto', `${one} ${two}`), 'base64');
  assert.equal(texts('application/grpc-web-text', 'AAA'), 'base64');
});

test('its bounds hold, and what stands deeper than they say is one text', () => {
  assert.equal(texts(grpc, frame(...Array.from({ length: 101 }, () => field(1, 'a')))), '+too_many_fields');
  assert.equal(texts(grpc, Buffer.concat(Array.from({ length: 101 }, () => frame()))), '+too_many_messages');
  const deep = Array.from({ length: 30 }).reduce<Buffer>((inner) => field(1, inner), Buffer.from('\n\x03end'));
  const result = read(grpc, frame(deep), { maxDepth: 3 });
  assert.ok(result.ok);
  assert.deepEqual(
    result.content.fields.map(({ name, text }) => [name, text.includes('end')]),
    [['/1/1/1/1', true]],
  );
});
