import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHeaderEncoder } from './header-encoder.ts';
import { openHeaderDecoder } from './hpack/decoder.ts';

const answer = [':status: 200', 'content-type: application/grpc'];
const done = ['grpc-status: 0'];

function reader(tableSize: number): (block: Uint8Array) => string[] {
  const decoder = openHeaderDecoder(tableSize);
  return (block) => {
    const fields: string[] = [];
    decoder.decode(Buffer.from(block), ({ name, value }) => fields.push(`${name}: ${value}`));
    return fields;
  };
}

test('what every good answer says takes three bytes once the other side remembers it', () => {
  const encoder = openHeaderEncoder();
  const read = reader(4096);
  assert.deepEqual(read(encoder.answer()), answer);
  // Another answer may begin before the first one ends.
  assert.deepEqual(read(encoder.answer()), answer);
  assert.deepEqual(read(encoder.done()), done);
  for (let round = 0; round < 3; round += 1) {
    const blocks = [encoder.answer(), encoder.done()];
    assert.deepEqual(blocks.flatMap(read), [...answer, ...done]);
    assert.equal(
      blocks.reduce((bytes, block) => bytes + block.length, 0),
      3,
    );
  }
});

test('other fields are never remembered, whatever their length', () => {
  const encoder = openHeaderEncoder();
  const read = reader(4096);
  const long = 'x'.repeat(300);
  assert.deepEqual(
    read(
      encoder.fields([
        [':status', '415'],
        [':status', '404'],
        ['grpc-message', long],
      ]),
    ),
    [':status: 415', ':status: 404', `grpc-message: ${long}`],
  );
  assert.deepEqual(read(encoder.answer()), answer);
});

test('a smaller table is told of, and one too small for us is left alone', () => {
  const encoder = openHeaderEncoder();
  const smaller = reader(200);
  encoder.resize(200);
  const first = encoder.answer();
  assert.equal(first[0], 0x3f);
  assert.deepEqual(smaller(first), answer);
  assert.deepEqual(smaller(encoder.answer()), answer);

  const without = openHeaderEncoder();
  const read = reader(0);
  without.resize(0);
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual([without.answer(), without.done()].flatMap(read), [...answer, ...done]);
  }
  without.resize(4096);
  assert.deepEqual(read(without.answer()), answer);
});

test('a size that was smaller on the way is kept to', () => {
  const encoder = openHeaderEncoder();
  encoder.resize(200);
  encoder.resize(4096);
  assert.deepEqual(reader(200)(encoder.answer()), answer);
});

test('a table that is taken back after fields were remembered is forgotten', () => {
  const encoder = openHeaderEncoder();
  const read = reader(4096);
  read(encoder.answer());
  read(encoder.done());
  encoder.resize(0);
  assert.deepEqual([encoder.done(), encoder.answer()].flatMap(read), [...done, ...answer]);
});
