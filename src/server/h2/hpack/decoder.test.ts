import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConnectionError } from '../codes.ts';
import { openHeaderDecoder } from './decoder.ts';

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

function read(decoder: ReturnType<typeof openHeaderDecoder>, hex: string): string[] {
  const fields: string[] = [];
  decoder.decode(bytesOf(hex), ({ name, value }) => fields.push(`${name}: ${value}`));
  return fields;
}

test('the requests of RFC 7541 appendix C.3 and C.4, plain and with Huffman, are the same', () => {
  const plain = openHeaderDecoder(4096);
  const huffman = openHeaderDecoder(4096);
  const requests = [
    ['828684410f7777772e6578616d706c652e636f6d', '828684418cf1e3c2e5f23a6ba0ab90f4ff'],
    ['828684be58086e6f2d6361636865', '828684be5886a8eb10649cbf'],
    ['828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565', '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf'],
  ] as const;
  const wanted = [
    [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
    [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
    [':method: GET', ':scheme: https', ':path: /index.html', ':authority: www.example.com', 'custom-key: custom-value'],
  ];
  for (const [index, [one, other]] of requests.entries()) {
    assert.deepEqual(read(plain, one), wanted[index]);
    assert.deepEqual(read(huffman, other), wanted[index]);
  }
});

test('the responses of RFC 7541 appendix C.6 push old fields out of a table of 256 bytes', () => {
  const decoder = openHeaderDecoder(256);
  const first =
    '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3';
  assert.deepEqual(read(decoder, first), [
    ':status: 302',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:21 GMT',
    'location: https://www.example.com',
  ]);
  assert.deepEqual(read(decoder, '4883 640e ffc1 c0bf')[0], ':status: 307');
  const third =
    '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07';
  assert.deepEqual(read(decoder, third), [
    ':status: 200',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:22 GMT',
    'location: https://www.example.com',
    'content-encoding: gzip',
    'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
  ]);
});

for (const [name, hex] of [
  ['an index of no table', 'ff80808001'],
  ['the index 0', '80'],
  ['a string that ends too early', '00056162'],
  ['no string at all', '0001'],
  ['an integer that ends too early', 'ff80'],
  ['an integer beyond all bounds', 'ffffffffffff7f'],
  ['Huffman padding of more than seven bits', '00016182 1fff'],
  ['Huffman padding of zeros', '0001618118'],
  ['the Huffman code for the end of strings', '0001618 4ffffffff'],
  ['a new table size behind a field', '8220'],
  ['a table size beyond ours', '3fe21f82'],
] as const) {
  test(`a block with ${name} breaks the connection`, () => {
    assert.throws(
      () => read(openHeaderDecoder(4096), hex),
      (error) => error instanceof ConnectionError && error.code === 'compressionError',
    );
  });
}

test('a field that is larger than the table empties it, and a table made smaller forgets', () => {
  const decoder = openHeaderDecoder(64);
  assert.deepEqual(read(decoder, '4001610162 be'), ['a: b', 'a: b']);
  const long = 'c'.repeat(40);
  const hex = `400164${long.length.toString(16)}${Buffer.from(long).toString('hex')}`;
  assert.deepEqual(read(decoder, hex), [`d: ${long}`]);
  assert.throws(() => read(decoder, 'be'));
  const other = openHeaderDecoder(4096);
  assert.deepEqual(read(other, '4001610162'), ['a: b']);
  assert.throws(() => read(other, '20be'));
});

test('many fields stay in their order while the table grows', () => {
  const decoder = openHeaderDecoder(4096);
  for (let index = 0; index < 100; index += 1) read(decoder, `400161 01${(0x21 + (index % 90)).toString(16)}`);
  // The latest is 62, the one before it 63, and so on for as many as there is room for.
  const latest = (at: number): string => read(decoder, (0x80 | at).toString(16))[0] ?? '';
  assert.deepEqual(
    [62, 63, 100].map(latest),
    [99, 98, 61].map((index) => `a: ${String.fromCharCode(0x21 + (index % 90))}`),
  );
});

test('no bytes do anything but give fields or break the connection', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 5 }), (blocks) => {
      const decoder = openHeaderDecoder(4096);
      try {
        for (const block of blocks) decoder.decode(Buffer.from(block), () => {});
      } catch (error) {
        assert.ok(error instanceof ConnectionError);
      }
    }),
    { numRuns: 2000 },
  );
});
