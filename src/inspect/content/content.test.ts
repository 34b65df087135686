import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { read, texts, value } from '../../../test/support/content.ts';
import { formatOf, formats, readContent } from './index.ts';

const form = 'application/x-www-form-urlencoded';

test('the Content-Type names the format', () => {
  const cases = [
    ['application/json', 'json'],
    ['application/problem+json; charset=utf-8', 'json'],
    ['application/x-ndjson', 'ndjson'],
    [form, 'form'],
    ['multipart/form-data; boundary=x', 'multipart'],
    ['image/svg+xml', 'xml'],
    ['text/xml', 'xml'],
    ['application/graphql', 'graphql'],
    ['text/plain', 'text'],
    ['application/yaml', 'text'],
    ['application/octet-stream', 'binary'],
    ['multipart/mixed; boundary=x', 'binary'],
  ] as const;
  for (const [type, format] of cases) assert.equal(formatOf(type)?.format, format, type);
  const refused = [
    'application/json; charset=ibm037',
    'application/json; charset=utf-7',
    'application/json; charset=utf-16le',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=a; boundary=b',
    'multipart/form-data; boundary=a; boundary*=b',
    'multipart/form-data; boundary="a\\"b"',
    'multipart/form-data; boundary="a "',
    `multipart/form-data; boundary=${'a'.repeat(71)}`,
    'json',
    '',
  ];
  for (const type of refused) assert.equal(formatOf(type), undefined, type);
});

test('JSON: names and strings with their pointers', () => {
  assert.deepEqual(texts('application/json', '{"a":"x","b":[1,{"c/d":"y"}],"e":true}'), [
    'name /a a',
    'value /a x',
    'name /b b',
    'name /b/1/c~1d c/d',
    'value /b/1/c~1d y',
    'name /e e',
  ]);
  assert.deepEqual(value('application/json', '[1]'), [1]);
  assert.equal(texts('application/json', '{"a":1,"\\u0061":2}'), 'duplicate_member /a');
  assert.equal(texts('application/json', '['.repeat(17) + ']'.repeat(17)), `+depth ${'/0'.repeat(16)}`);
  assert.equal(texts('application/json', JSON.stringify(Array(101).fill('a'))), '+too_many_fields');
  assert.equal(texts('application/json', `"${'a'.repeat(70_000)}"`), '+too_large');
});

test('a long pointer ends at an ancestor, and says so', () => {
  const name = 'n'.repeat(200);
  assert.deepEqual(texts('application/json', JSON.stringify({ a: { [name]: { [name]: 'x' } } })), [
    'name /a a',
    `name /a/${name} ${name}`,
    `name /a/${name}/… ${name}`,
    `value /a/${name}/… x`,
  ]);
});

test('NDJSON: a value a line', () => {
  assert.deepEqual(texts('application/x-ndjson', '{"a":"x"}\n"y"\r\n'), ['name /0/a a', 'value /0/a x', 'value /1 y']);
  assert.deepEqual(value('application/x-ndjson', '1\n2'), [1, 2]);
  assert.equal(texts('application/x-ndjson', '1\n\n2'), 'empty /1');
  assert.equal(texts('application/x-ndjson', ''), 'empty');
  assert.equal(texts('application/x-ndjson', '1\n{"a":1,"a":2}'), 'duplicate_member /1/a');
  assert.equal(texts('application/x-ndjson', '1\n'.repeat(101)), '+too_many_lines /100');
});

test('a form: pairs at "&" only, decoded once, repeated names kept', () => {
  assert.deepEqual(texts(form, 'a=x+y&b=%253C&a=%27&c'), [
    'name /a/0 a',
    'value /a/0 x y',
    'name /b b',
    'value /b %3C',
    'name /a/1 a',
    "value /a/1 '",
    'name /c c',
    'value /c ',
  ]);
  assert.deepEqual(value(form, 'a=1&b=&a=2'), { a: ['1', '2'], b: '' });
  assert.deepEqual(value(form, ''), {});
  const refused = [
    ['a=%ff', 'encoding'],
    ['a=%c0%af', 'encoding'],
    ['a=%u003c', 'encoding'],
    ['a=%', 'encoding'],
    ['a=1;b=2', 'ambiguous'],
    ['a=1\r\n', 'control'],
    ['\ufeffa=1', 'bom'],
    ['__proto__[a]=1', 'forbidden_member'],
    ['a.constructor.prototype.b=1', 'forbidden_member'],
    ['a=1&'.repeat(101), '+too_many_fields'],
  ] as const;
  for (const [body, problem] of refused) assert.equal(texts(form, body), problem, body);
  assert.equal(texts(form, Uint8Array.of(0x61, 0x3d, 0xff)), 'utf8');
});

test('text is one field, and bytes are none', () => {
  assert.deepEqual(texts('text/plain', 'hello'), ['value  hello']);
  assert.deepEqual(texts('text/plain', ''), []);
  assert.equal(texts('text/plain', Uint8Array.of(0xc0, 0xaf)), 'utf8');
  assert.deepEqual(texts('application/octet-stream', Uint8Array.of(0xff)), []);
});

test('no bytes make any format throw', () => {
  const types = [
    'application/json',
    'application/x-ndjson',
    form,
    'multipart/form-data; boundary=b',
    'application/xml',
    'application/graphql',
    'application/grpc',
    'text/plain',
    'application/octet-stream',
  ];
  assert.deepEqual(new Set(types.map((type) => formatOf(type)?.format)), new Set(Object.keys(formats)));
  const pieces = [
    '--b',
    '\r\n',
    '--b--',
    'Content-Disposition: form-data; name="a"',
    '<a',
    '>',
    '</a>',
    '<![CDATA[',
    ']]>',
  ];
  const more = [
    '<?xml version="1.0"?>',
    '<!DOCTYPE a [',
    '&amp;',
    '{',
    '}',
    '"',
    ':',
    '[',
    ']',
    ',',
    '%',
    '=',
    '&',
    '...',
    'a',
    '1',
    '\n',
  ];
  const noise = fc
    .array(fc.constantFrom(...pieces, ...more), { maxLength: 30 })
    .map((all) => Buffer.from(all.join('')));
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.oneof(noise, fc.uint8Array({ maxLength: 200 })), (type, bytes) => {
      const result = read(type, bytes);
      assert.ok(result.ok ? result.content.fields.length <= 100 : result.problem !== '');
    }),
    { numRuns: 2000 },
  );
});

test('GraphQL in JSON is read where it is said to be', () => {
  const body = new TextEncoder().encode('{"query":"{ a(id: \\"x\\") }","variables":{"v":"y"}}');
  const graphql = { format: 'graphql', mediaType: 'application/json', boundary: undefined } as const;
  const result = readContent(graphql, body, { maxBytes: 1000, maxDepth: 9, maxFields: 99, maxParts: 1 });
  assert.ok(result.ok);
  assert.deepEqual(
    result.content.fields.map(({ role, name, text }) => `${role} ${name} ${text}`),
    ['name /variables/v v', 'value /variables/v y', 'value /query/a/id x'],
  );
});
