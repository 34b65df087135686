import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, type Call, calls, ok, openapi } from '../../test/support/contracts.ts';
import type { PayloadOptions } from './inspection.ts';

const order = {
  type: 'object',
  required: ['id', 'item'],
  properties: { id: { type: 'integer', readOnly: true }, item: { type: 'string' } },
};
const body = (content: object, more: object = {}): object => ({ ...ok, requestBody: { content, ...more } });
const post = (path: string, text: string | undefined, type = 'application/json'): Call => ({
  method: 'POST',
  path,
  body: text,
  headers: { 'content-type': type },
});

test('bodies by media type', () => {
  const call = calls(
    openapi({
      '/json': { post: body({ 'application/json': { schema: order } }, { required: true }) },
      '/any': {
        post: body({
          'text/*': { schema: { type: 'string', maxLength: 3 } },
          'application/*+json': { schema: { type: 'array' } },
        }),
      },
      '/form': {
        post: body({
          'application/x-www-form-urlencoded': {
            schema: {
              type: 'object',
              properties: {
                n: { type: 'integer' },
                l: { type: 'array', items: { type: 'boolean' } },
                o: { type: 'object', properties: { k: { type: 'integer' } } },
                d: { type: 'object', properties: { x: { type: 'integer' } } },
              },
              additionalProperties: false,
            },
            encoding: { d: { style: 'deepObject', explode: true } },
          },
        }),
      },
      '/lines': { post: body({ 'application/x-ndjson': { schema: { type: 'integer' } } }) },
      '/xml': { post: body({ 'application/xml': { schema: { type: 'object' } } }) },
    }),
  );
  const cases = [
    [post('/json', '{"item":"tea"}'), 'pass'],
    [post('/json', '{"item":7}'), 'body_mismatch /item type'],
    [post('/json', '{"item":"tea","id":1}'), 'body_mismatch /id readOnly'],
    [post('/json', '{}'), 'body_mismatch  required item'],
    [post('/json', '{"item":"tea","item":"tea"}'), 'body_malformed /item duplicate_member'],
    [post('/json', undefined), 'body_missing'],
    [post('/json', 'a', 'text/plain'), 'media_type_unsupported'],
    [post('/json', '{}', 'application/json; charset=utf-16'), 'media_type_unsupported'],
    [post('/any', undefined), 'pass'],
    [post('/any', 'abc', 'text/csv'), 'pass'],
    [post('/any', 'abcd', 'text/csv'), 'body_mismatch  maxLength'],
    [post('/any', '{"a":1}', 'text/plain'), 'body_malformed  mistyped'],
    [post('/any', '{}', 'application/vnd.x+json'), 'body_mismatch  type'],
    [post('/any', '{}'), 'media_type_unsupported'],
    [post('/form', 'n=1&l=true&l=false&o=%7B%22k%22:1%7D&d[x]=1', 'application/x-www-form-urlencoded'), 'pass'],
    [post('/form', 'l=true', 'application/x-www-form-urlencoded'), 'pass'],
    [post('/form', 'n=x', 'application/x-www-form-urlencoded'), 'body_mismatch /n type'],
    [post('/form', 'n=1&n=2', 'application/x-www-form-urlencoded'), 'body_mismatch /n type'],
    [post('/form', 'l=1', 'application/x-www-form-urlencoded'), 'body_mismatch /l/0 type'],
    [post('/form', 'o=%7B%22k%22:%22%22%7D', 'application/x-www-form-urlencoded'), 'body_mismatch /o/k type'],
    [post('/form', 'd[x]=a', 'application/x-www-form-urlencoded'), 'body_mismatch /d/x type'],
    [post('/form', 'z=1', 'application/x-www-form-urlencoded'), 'body_mismatch  additionalProperties'],
    [post('/form', '{"n":1}', 'application/x-www-form-urlencoded'), 'body_malformed  mistyped'],
    [post('/lines', '1\n2\n', 'application/x-ndjson'), 'pass'],
    [post('/lines', '1\n"2"\n', 'application/x-ndjson'), 'body_mismatch /1 type'],
    [post('/xml', '<a/>', 'application/xml'), 'pass'],
    [post('/xml', '<!DOCTYPE a><a/>', 'application/xml'), 'body_malformed  doctype'],
  ] as const;
  for (const [given, expected] of cases) assert.equal(call(given), expected, JSON.stringify(given));
});

test('multipart: values, JSON parts, files and their types', () => {
  const schema = {
    type: 'object',
    required: ['meta', 'file'],
    properties: {
      meta: { type: 'object', properties: { n: { type: 'integer' } } },
      n: { type: 'integer' },
      file: { type: 'string', format: 'binary' },
    },
  };
  const call = calls(
    openapi({
      '/up': {
        post: body({ 'multipart/form-data': { schema, encoding: { file: { contentType: 'image/png, image/jpeg' } } } }),
      },
    }),
  );
  const part = (head: string, text: string): string =>
    `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${text}\r\n`;
  const file = (type: string): string => part(`name="file"; filename="a"\r\nContent-Type: ${type}`, '\u0001');
  const meta = (text: string): string => part('name="meta"\r\nContent-Type: application/json', text);
  const send = (...parts: readonly string[]): string =>
    call(post('/up', `${parts.join('')}--b--\r\n`, 'multipart/form-data; boundary=b'));
  assert.equal(send(meta('{"n":1}'), file('image/png'), part('name="n"', '7')), 'pass');
  assert.equal(send(part('name="meta"', '{"n":1}'), file('image/png')), 'pass');
  assert.equal(send(meta('{"n":"x"}'), file('image/png')), 'body_mismatch /meta/n type');
  assert.equal(send(meta('{"n":1}'), file('text/html')), 'body_mismatch /file contentType');
  assert.equal(send(meta('{"n":1}')), 'body_mismatch  required file');
  assert.equal(send(meta('{"n":1}'), file('image/png'), part('name="n"', 'x')), 'body_mismatch /n type');
});

test('a body that an operation does not have', () => {
  const document = openapi({ '/a': { get: ok } });
  assert.equal(calls(document)({ path: '/a', body: '{}' }), 'pass unchecked body');
  assert.equal(calls(document, { strict: true })({ path: '/a', body: '{}' }), 'media_type_unsupported');
  assert.equal(calls(document, { strict: true })('/a'), 'pass');
});

test('3.0 says some things in other words', () => {
  const components = {
    schemas: {
      Pet: { type: 'object', required: ['kind'], properties: { kind: { type: 'string' } } },
      Cat: {
        allOf: [
          { $ref: '#/components/schemas/Pet' },
          {
            type: 'object',
            required: ['lives'],
            properties: { lives: { type: 'integer', minimum: 0, exclusiveMinimum: true } },
          },
        ],
      },
      Dog: {
        allOf: [
          { $ref: '#/components/schemas/Pet' },
          { type: 'object', properties: { tail: { type: 'string', nullable: true, format: 'unheard-of' } } },
        ],
      },
    },
  };
  const pets = {
    oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }],
    discriminator: { propertyName: 'kind', mapping: { kitty: '#/components/schemas/Cat' } },
  };
  const document = openapi(
    { '/pets': { post: body({ 'application/json': { schema: pets } }) } },
    { components },
    '3.0.3',
  );
  const call = calls(document);
  const cases = [
    ['{"kind":"kitty","lives":9}', 'pass'],
    ['{"kind":"kitty","lives":0}', 'body_mismatch /lives exclusiveMinimum'],
    ['{"kind":"kitty"}', 'body_mismatch  required lives'],
    ['{"kind":"Dog","tail":null}', 'pass'],
    ['{"kind":"Dog","tail":1}', 'body_mismatch /tail type'],
    ['{"kind":"Cat","lives":9}', 'body_mismatch /kind enum'],
    ['{"lives":9}', 'body_mismatch  required kind'],
    ['[]', 'body_mismatch  type'],
  ] as const;
  for (const [text, expected] of cases) assert.equal(call(post('/pets', text)), expected, text);
});

test('a schema that refers to itself checks every level, and depth has its bound', () => {
  const components = {
    schemas: {
      Tree: { type: 'object', properties: { next: { $ref: '#/components/schemas/Tree' }, v: { type: 'integer' } } },
    },
  };
  const call = calls(
    openapi(
      { '/t': { post: body({ 'application/json': { schema: { $ref: '#/components/schemas/Tree' } } }) } },
      { components },
    ),
    { max_depth: 512, max_bytes: '1MiB' },
  );
  const nested = (depth: number, leaf: string): string => `${'{"next":'.repeat(depth)}${leaf}${'}'.repeat(depth)}`;
  assert.equal(call(post('/t', nested(500, '{"v":1}'))), 'pass');
  assert.match(call(post('/t', nested(20, '{"v":"x"}'))), /^body_mismatch (?:\/next)+\/v type$/);
  assert.match(call(post('/t', nested(5000, '{"v":1}'))), /^payload_excessive .* depth$/);
});

test('a long chain of references is compiled and followed', () => {
  const schemas = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [
      `S${index}`,
      {
        type: 'object',
        properties: { v: { type: 'integer' }, n: { $ref: `#/components/schemas/S${(index + 1) % 300}` } },
      },
    ]),
  );
  const paths = { '/c': { post: body({ 'application/json': { schema: { $ref: '#/components/schemas/S0' } } }) } };
  const call = calls(openapi(paths, { components: { schemas } }));
  assert.equal(call(post('/c', '{"n":{"n":{"v":1}}}')), 'pass');
  assert.equal(call(post('/c', '{"n":{"n":{"v":"x"}}}')), 'body_mismatch /n/n/v type');
});

test('what references have evaluated counts', () => {
  const components = { schemas: { Base: { type: 'object', properties: { a: { type: 'integer' } } } } };
  const schema = {
    $ref: '#/components/schemas/Base',
    properties: { b: { type: 'integer' } },
    unevaluatedProperties: false,
  };
  const call = calls(openapi({ '/u': { post: body({ 'application/json': { schema } }) } }, { components }));
  assert.equal(call(post('/u', '{"a":1,"b":2}')), 'pass');
  assert.equal(call(post('/u', '{"a":1,"c":2}')), 'body_mismatch  unevaluatedProperties');
  assert.equal(call(post('/u', '{"a":"x"}')), 'body_mismatch /a type');
});

test('patterns run on the linear-time engine, and lists are compared in linear time', () => {
  const schema = {
    type: 'object',
    properties: { p: { type: 'string', pattern: '^(a+)+$' }, u: { type: 'array', uniqueItems: true } },
  };
  const call = calls(openapi({ '/r': { post: body({ 'application/json': { schema } }) } }), { max_bytes: '1MiB' });
  assert.equal(call(post('/r', JSON.stringify({ p: `${'a'.repeat(50_000)}!` }))), 'body_mismatch /p pattern');
  const items = Array.from({ length: 8000 }, (_, index) => ({ index }));
  assert.equal(call(post('/r', JSON.stringify({ u: items }))), 'pass');
  assert.equal(call(post('/r', JSON.stringify({ u: [...items, { index: 0 }] }))), 'body_mismatch /u uniqueItems');
});

test('issues of a document have their place in it', () => {
  const issuesOf = (document: string, options: PayloadOptions = {}): readonly string[] =>
    build(document, options).issues;
  assert.deepEqual(issuesOf('{"openapi":"2.0"}'), ['api.json:openapi must say openapi: 3.0.x or 3.1.x']);
  assert.deepEqual(issuesOf('[]'), ['api.json: an OpenAPI document is an object']);
  assert.match(
    String(issuesOf(openapi({ '/a': { get: { parameters: [{ name: 'x', in: 'nowhere' }] } } }))),
    /api\.json:paths\.\/a\.get\.parameters\.0/,
  );
  const schema = (given: unknown, version?: string): readonly string[] =>
    issuesOf(openapi({ '/a': { post: body({ 'application/json': { schema: given } }) } }, {}, version));
  const at = 'api.json:paths./a.post.requestBody.content.application/json.schema';
  assert.deepEqual(schema({ type: 'strin' }), [`${at}.type must be equal to one of the allowed values`]);
  assert.match(String(schema({ type: 'strin' }, '3.0.0')), /schema\.type/);
  assert.deepEqual(schema({ $ref: 'https://example.com/a.json' }), [
    `${at}.$ref https://example.com/a.json is not in this document and nothing is fetched: put it under components`,
  ]);
  assert.deepEqual(schema({ $ref: '#/components/schemas/None' }), [
    `${at}.$ref #/components/schemas/None leads nowhere in this document`,
  ]);
  assert.match(
    String(schema({ type: 'string', pattern: '(?=a)' })),
    /schema\.pattern not a pattern for the linear-time engine/,
  );
  assert.deepEqual(schema({ type: 'string', nullable: true, minLenght: 1 }), [
    `${at}.minLenght unknown keyword "minLenght"`,
  ]);
  assert.match(
    String(schema({ $ref: '#/paths/~1a/post/requestBody/content/application~1json/schema' })),
    /leads back to itself/,
  );
  const twins = openapi({
    '/a/{x}': { get: { ...ok, parameters: [{ name: 'x', in: 'path', required: true, schema: {} }] } },
    '/a/{y}': { get: { ...ok, parameters: [{ name: 'y', in: 'path', required: true, schema: {} }] } },
  });
  assert.deepEqual(issuesOf(twins), ['api.json:paths GET /a/{y} and GET /a/{x} take the same requests']);
  assert.match(String(issuesOf(openapi({ '/a/{x}': { get: ok } }))), /has no parameter for \{x\}/);
  assert.match(String(issuesOf(openapi({ '/a/{x}{y}': { get: ok } }))), /more than one parameter/);
  assert.deepEqual(issuesOf(openapi({}), { schema: {}, graphql: {}, content_types: ['text/plain'] }), [
    'payload.schema stands beside openapi_file, which says it for every operation',
    'payload.content_types stands beside openapi_file, which says it for every operation',
    'payload.graphql stands beside openapi_file, which says it for every operation',
  ]);
});
