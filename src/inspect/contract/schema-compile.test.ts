import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseStrictJson } from '../../core/strict-json.ts';
import { compileSchema, type Matcher } from './schema-compile.ts';

function compiled(schema: unknown): Matcher {
  const matcher = compileSchema(schema, (path, message) => assert.fail(`${path.join('.')} ${message}`));
  assert.ok(matcher);
  return matcher;
}

function issuesOf(schema: unknown): readonly string[] {
  const issues: string[] = [];
  assert.equal(
    compileSchema(schema, (path, message) => issues.push(`${path.join('.')}: ${message}`)),
    undefined,
  );
  return issues;
}

/** What the first mismatch is about; ok when there is none. */
function outcome(matches: Matcher, text: string): string {
  const parsed = parseStrictJson(new TextEncoder().encode(text));
  assert.ok(parsed.ok, text);
  const [first] = matches(parsed.value);
  return first === undefined
    ? 'ok'
    : `${first.pointer} ${first.keyword}${first.member === undefined ? '' : ` ${first.member}`}`;
}

const order = {
  type: 'object',
  required: ['item', 'quantity'],
  additionalProperties: false,
  properties: {
    item: { type: 'string', minLength: 1, pattern: '^[a-z]+$' },
    quantity: { type: 'integer', minimum: 1, maximum: 1000 },
    note: { type: 'string' },
    day: { type: 'string', format: 'date' },
  },
};

test('an order', () => {
  const matches = compiled(order);
  const cases = [
    ['{"item":"tea","quantity":1}', 'ok'],
    ['{"item":"tea"}', ' required quantity'],
    ['{"item":"tea","quantity":0}', '/quantity minimum'],
    ['{"item":"tea","quantity":1.5}', '/quantity type'],
    ['{"item":"tea","quantity":"1"}', '/quantity type'],
    ['{"item":"TEA","quantity":1}', '/item pattern'],
    ['{"item":"tea","quantity":1,"price":1}', ' additionalProperties'],
    ['{"item":"tea","quantity":1,"day":"2026-02-30"}', '/day format'],
    ['[]', ' type'],
    ['null', ' type'],
  ] as const;
  for (const [text, expected] of cases) assert.equal(outcome(matches, text), expected, text);
});

test('names of Object.prototype are names like any other', () => {
  const matches = compiled({
    type: 'object',
    required: ['toString', 'constructor'],
    properties: { toString: { type: 'string' }, constructor: { type: 'integer' }, valueOf: { const: { a: 1 } } },
    additionalProperties: false,
  });
  assert.equal(outcome(matches, '{}'), ' required toString');
  assert.equal(outcome(matches, '{"toString":"x","constructor":1}'), 'ok');
  assert.equal(outcome(matches, '{"toString":1,"constructor":1}'), '/toString type');
  assert.equal(outcome(matches, '{"toString":"x","constructor":1,"valueOf":{"a":1}}'), 'ok');
  assert.equal(outcome(matches, '{"toString":"x","constructor":1,"valueOf":{"a":2}}'), '/valueOf const');
  assert.equal(outcome(matches, '{"toString":"x","constructor":1,"hasOwnProperty":1}'), ' additionalProperties');
});

test('values compare by what they are, not by how they are written', () => {
  const unique = compiled({ type: 'array', uniqueItems: true });
  assert.equal(outcome(unique, '[{"a":1,"b":[2]},{"b":[2],"a":1.0}]'), ' uniqueItems');
  assert.equal(outcome(unique, '[0,-0]'), ' uniqueItems');
  assert.equal(outcome(unique, '[1,"1",[1],{"a":1},{"a":"1"},null,"null",true,{"constructor":1},{"valueOf":1}]'), 'ok');
  assert.equal(outcome(compiled({ type: 'array', uniqueItems: false }), '[1,1]'), 'ok');
  const chosen = compiled({ enum: [{ a: [1], b: null }, 'x', 3] });
  for (const text of ['{"b":null,"a":[1]}', '"x"', '3.0']) assert.equal(outcome(chosen, text), 'ok', text);
  for (const text of ['{"a":[1]}', '"3"', '["x"]', 'null']) assert.equal(outcome(chosen, text), ' enum', text);
  assert.equal(outcome(compiled({ const: null }), 'null'), 'ok');
});

test('unique items are the ones whose sorted texts differ', () => {
  const unique = compiled({ type: 'array', uniqueItems: true });
  const item = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.record({ a: fc.boolean(), b: fc.boolean() }));
  fc.assert(
    fc.property(fc.array(item, { maxLength: 5 }), (items) => {
      const distinct = new Set(items.map((value) => JSON.stringify(value))).size === items.length;
      assert.equal(outcome(unique, JSON.stringify(items)), distinct ? 'ok' : ' uniqueItems');
    }),
  );
});

test('multiples are counted in decimal', () => {
  const cents = compiled({ type: 'number', multipleOf: 0.01 });
  for (const text of ['0', '0.07', '-19.99', '1234567.89', '4e3', '1.1e300'])
    assert.equal(outcome(cents, text), 'ok', text);
  for (const text of ['0.001', '1e-7', '19.999']) assert.equal(outcome(cents, text), ' multipleOf', text);
  const even = compiled({ type: 'integer', multipleOf: 2 });
  assert.equal(outcome(even, '9007199254740990'), 'ok');
  assert.equal(outcome(even, '9007199254740991'), ' multipleOf');
  assert.equal(outcome(even, '1e21'), 'ok');
  const tiny = compiled({ type: 'number', multipleOf: 5e-324 });
  assert.equal(outcome(tiny, '1.7976931348623157e308'), 'ok');
});

test('what was not evaluated, and what an object without prototype holds', () => {
  const matches = compiled({
    type: 'object',
    allOf: [{ properties: { a: { type: 'object', minProperties: 1, dependentRequired: { valueOf: ['b'] } } } }],
    unevaluatedProperties: false,
  });
  assert.equal(outcome(matches, '{"a":{"c":1}}'), 'ok');
  assert.equal(outcome(matches, '{"a":{"valueOf":1}}'), '/a dependentRequired b');
  assert.equal(outcome(matches, '{"a":{}}'), '/a minProperties');
  assert.equal(outcome(matches, '{"toString":1}'), ' unevaluatedProperties');
});

test('several patterns are kept apart', () => {
  const matches = compiled({
    type: 'object',
    properties: { a: { type: 'string', pattern: '^a$' }, b: { type: 'string', pattern: '^b$' } },
    patternProperties: { '^x_': { type: 'integer' } },
    additionalProperties: false,
  });
  assert.equal(outcome(matches, '{"a":"a","b":"b","x_1":1}'), 'ok');
  assert.equal(outcome(matches, '{"a":"a","b":"a"}'), '/b pattern');
  assert.equal(outcome(matches, '{"x_1":""}'), '/x_1 type');
  assert.equal(outcome(matches, '{"y_1":1}'), ' additionalProperties');
});

test('patterns and formats take linear time', () => {
  const matches = compiled({
    type: 'object',
    properties: { a: { type: 'string', pattern: '^(a+)+$' }, email: { type: 'string', format: 'email' } },
  });
  assert.equal(outcome(matches, `{"a":"${'a'.repeat(60_000)}!"}`), '/a pattern');
  assert.equal(outcome(matches, `{"email":"a@${'a-'.repeat(30_000)}"}`), '/email format');
});

test('draft-07 by its $schema, with or without the hash', () => {
  for (const $schema of ['http://json-schema.org/draft-07/schema#', 'http://json-schema.org/draft-07/schema']) {
    const matches = compiled({ $schema, type: 'array', items: [{ type: 'string' }], additionalItems: false });
    assert.equal(outcome(matches, '["a"]'), 'ok');
    assert.equal(outcome(matches, '["a",1]'), ' additionalItems');
  }
  const matches = compiled({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'array',
    prefixItems: [{ type: 'string' }],
  });
  assert.equal(outcome(matches, '[1]'), '/0 type');
});

test('references within the schema', () => {
  const tree = compiled({
    $id: 'https://example.com/tree.json',
    $ref: '#/$defs/node',
    $defs: {
      node: {
        type: 'object',
        properties: { left: { $ref: 'https://example.com/tree.json#/$defs/node' }, kind: { $ref: 'kind.json' } },
      },
      kind: { $id: 'kind.json', enum: ['leaf'] },
    },
  });
  assert.equal(outcome(tree, '{"left":{"left":{"kind":"leaf"}}}'), 'ok');
  assert.equal(outcome(tree, '{"left":{"left":{"kind":"x"}}}'), '/left/left/kind enum');
});

test('a schema without prototypes is a schema', () => {
  const parsed = parseStrictJson(new TextEncoder().encode(JSON.stringify(order)));
  assert.ok(parsed.ok);
  assert.equal(outcome(compiled(parsed.value), '{"item":"tea"}'), ' required quantity');
});

test('every issue of a schema at once, each at its place', () => {
  const issues = issuesOf({
    type: 'object',
    required: 'item',
    properties: {
      a: { type: 'string', pattern: '(?=x)' },
      b: { $ref: 'https://example.com/other.json#/x' },
      pattern: { type: 'strin' },
      list: { type: 'array', prefixItems: [{}, { type: 'integer', minimum: 'x' }] },
    },
    patternProperties: { '(a)\\1': {} },
    not: { $async: true },
    examples: [{ pattern: '(' }],
  });
  const places = issues.map((issue) => issue.slice(0, issue.indexOf(':'))).toSorted();
  assert.deepEqual(places, [
    'not.$async',
    'patternProperties.(a)\\1',
    'properties.a.pattern',
    'properties.b.$ref',
    'properties.list.prefixItems.1.minimum',
    'properties.pattern.type',
    'required',
  ]);
});

test('what cannot become a matcher is an issue', () => {
  const loop: Record<string, unknown> = {};
  loop['not'] = loop;
  const bad = [
    1,
    null,
    true,
    [],
    loop,
    { $schema: 'http://json-schema.org/draft-04/schema#' },
    { $schema: 7 },
    { type: 'object', requierd: ['a'] },
    { properties: { a: {} } },
    { type: 'string', format: 'url' },
    { type: 'string', format: 'no-such' },
    { $ref: '#/$defs/none' },
    { $ref: 'other.json' },
    { $ref: '#' },
    { allOf: [{ $ref: '#/$defs/a' }], $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
    { type: 'object', $async: true },
    {
      $id: 'http://json-schema.org/draft-07/schema',
      $schema: 'http://json-schema.org/draft-07/schema',
      type: 'object',
    },
  ];
  for (const schema of bad) assert.equal(issuesOf(schema).length, 1, schema === loop ? 'loop' : JSON.stringify(schema));
});

test('sound schemas of everyday use compile', () => {
  const sound = [
    {},
    { type: 'object', anyOf: [{ required: ['a'] }, { required: ['b'] }] },
    { type: ['string', 'null'], title: 't', description: 'd', default: null, examples: ['x'], $comment: 'c' },
    { type: 'object', if: { properties: { a: { const: 1 } } }, else: { required: ['b'] } },
    { type: 'object', properties: { a: { type: 'integer', format: 'int32' } }, unevaluatedProperties: false },
    { type: 'object', dependentRequired: { a: ['b'] }, propertyNames: { pattern: '^[a-z]$' } },
  ];
  for (const schema of sound) compiled(schema);
  assert.equal(outcome(compiled(sound[5]), '{"a":1}'), ' dependentRequired b');
  assert.equal(outcome(compiled(sound[5]), '{"A":1}'), ' pattern');
});
