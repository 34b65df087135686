import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonSchema } from '../../core/build.ts';
import { formatPath } from '../issue.ts';
import { formats } from './formats.ts';
import { compileShape, publishSchema, validateShape } from './schema.ts';
import { suggest } from './suggestion.ts';

const say = (schema: JsonSchema, value: unknown, concealed?: () => boolean): readonly string[] =>
  validateShape(value, schema, concealed && { concealed }).map(({ path, aim, message }) => {
    const mark = aim === 'key' ? '!' : '';
    return `${formatPath(path)}${mark} ${message}`;
  });

const object = (properties: JsonSchema, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...more,
});
const text = { type: 'string' } as const;

const rows: readonly (readonly [name: string, schema: JsonSchema, value: unknown, said: readonly string[]])[] = [
  ['a good value', object({ a: text }), { a: 'x' }, []],
  [
    'an unknown key',
    object({ path: text, hosts: text }),
    { paht: 'x' },
    ['paht! unknown key; did you mean "path"?; known are path, hosts'],
  ],
  ['a key far from all', object({ path: text }), { entirely: 1 }, ['entirely! unknown key; known are path']],
  ['a key where none is known', object({}), { a: 1 }, ['a! unknown key']],
  ['a missing key', object({ a: text }, { required: ['a'] }), {}, ['a is required']],
  ['a number for a string', text, 5, ['. must be a string, is a number; put it in quotes']],
  ['nothing', text, null, ['. must be a string, is empty']],
  [
    'a word for a boolean',
    { type: 'boolean' },
    'yes',
    ['. must be true or false, is a string; YAML 1.2 knows true and false'],
  ],
  ['a boolean for a number', { type: 'number' }, true, ['. must be a number, is true']],
  ['a false for a list', { type: 'array' }, false, ['. must be a list, is false']],
  ['a fraction', { type: 'integer' }, 1.5, ['. must be a whole number, is a number with a fraction']],
  ['a list for an object', { type: 'object' }, [], ['. must be an object, is a list']],
  ['an object for two types', { type: ['string', 'array'] }, {}, ['. must be a string or a list, is an object']],
  [
    'one of several words',
    { enum: ['enforce', 'shadow'] },
    'shadwo',
    ['. must be one of enforce, shadow, is "shadwo"; did you mean "shadow"?'],
  ],
  ['another type than the words', { enum: ['enforce', 5] }, {}, ['. must be one of enforce, 5, is an object']],
  ['a constant', { const: 1 }, 2, ['. must be 1, is 2']],
  [
    'no kind',
    object({ jwt: {}, api_key: {} }, { minProperties: 1, maxProperties: 1 }),
    {},
    ['. must name exactly one of: jwt, api_key'],
  ],
  [
    'two kinds',
    object({ jwt: {}, api_key: {} }, { minProperties: 1, maxProperties: 1 }),
    { jwt: 1, api_key: 1 },
    ['. must name exactly one of: jwt, api_key'],
  ],
  ['too little of some', object({ a: {}, b: {} }, { minProperties: 1 }), {}, ['. must name at least one of: a, b']],
  ['too few keys', { type: 'object', minProperties: 2 }, {}, ['. must have at least 2 keys']],
  ['too many keys', { type: 'object', maxProperties: 1 }, { a: 1, b: 2 }, ['. must have at most 1 key']],
  ['an empty list', { type: 'array', minItems: 1 }, [], ['. must not be empty']],
  ['a short list', { type: 'array', minItems: 2 }, [], ['. must have at least 2 items']],
  ['a long list', { type: 'array', maxItems: 1 }, [1, 2], ['. must have at most 1 item']],
  [
    'a list with a double',
    { type: 'array', uniqueItems: true },
    [{ a: 1 }, { a: 1 }],
    ['. must not hold an item twice'],
  ],
  ['an empty text', { type: 'string', minLength: 1 }, '', ['. must not be empty']],
  ['a long text', { type: 'string', maxLength: 2 }, 'abc', ['. must have at most 2 characters']],
  ['a small number', { type: 'number', minimum: 1 }, 0, ['. must be at least 1, is 0']],
  ['a large number', { type: 'number', maximum: 1 }, 2, ['. must be at most 1, is 2']],
  [
    'a number on the edge',
    { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
    1,
    ['. must be less than 1, is 1'],
  ],
  ['an odd number', { type: 'number', multipleOf: 2 }, 3, ['. must be a multiple of 2, is 3']],
  ['a text off its pattern', { type: 'string', pattern: '^a$' }, 'b', ['. must match ^a$, is "b"']],
  [
    'a pattern with an example',
    { type: 'string', pattern: '^a', examples: ['abc'] },
    'b',
    ['. must match ^a, like abc, is "b"'],
  ],
  [
    'a pattern with words of its own',
    { type: 'string', pattern: '^a', patternErrorMessage: 'must begin with an a', examples: ['abc'] },
    'b',
    ['. must begin with an a, is "b"'],
  ],
  [
    'a number for a format',
    { type: 'string', format: 'bytes' },
    5,
    ['. must be a size like 512B, 64KiB or 1MiB, is a number'],
  ],
  [
    'one of very many words',
    { enum: Array.from({ length: 20 }, (_, at) => at) },
    'x',
    ['. must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …, is "x"'],
  ],
  [
    'a text off its format',
    { type: 'string', format: 'duration' },
    '5 minutes',
    ['. must be a duration like 20ms, 30s, 5m, 24h or 7d, is "5 minutes"'],
  ],
  [
    'a bad name',
    { type: 'object', propertyNames: { format: 'identifier' } },
    { 'a b': 1 },
    [
      '["a b"]! the key must be a name of letters, digits, _ and -, beginning with a letter, of at most 63 characters, is "a b"',
    ],
  ],
  ['a companion', { type: 'object', dependentRequired: { a: ['b'] } }, { a: 1 }, ['b is required; "a" needs it']],
  ['what must not be', { not: { const: 1 } }, 1, ['. is not allowed in this form']],
  ['what is never allowed', object({ a: false }), { a: 1 }, ['a is not allowed here']],
  [
    'a condition',
    JSON.parse('{"if": {"const": 1}, "then": {"type": "string"}}'),
    1,
    ['. must be a string, is a number; put it in quotes'],
  ],
  [
    'a keyword without own words',
    { type: 'array', contains: { const: 1 } },
    [2],
    ['[0] must be 1, is 2', '. must contain at least 1 valid item(s)'],
  ],
  [
    'places in lists',
    { type: 'array', items: object({ 'a/b~c': text }) },
    [{}, { 'a/b~c': 1 }],
    ['[1]["a/b~c"] must be a string, is a number; put it in quotes'],
  ],
  [
    'all at once',
    object({ a: text, b: { type: 'integer' } }),
    { a: 1, b: 'x', c: 1 },
    [
      'c! unknown key; known are a, b',
      'a must be a string, is a number; put it in quotes',
      'b must be a whole number, is a string',
    ],
  ],
];

for (const [name, schema, value, said] of rows) {
  test(`${name} is told in our own words`, () => {
    assert.deepEqual(say(schema, value), said);
  });
}

const listen = {
  anyOf: [{ ...text, format: 'listen' }, object({ address: text, tls: {} }, { required: ['address'] })],
};
const file = object({ file: text }, { required: ['file'] });
const url = object({ url: text, refresh: { ...text, format: 'duration' } }, { required: ['url'] });
const condition: JsonSchema = {
  $ref: '#/$defs/condition',
  $defs: {
    condition: {
      oneOf: [
        object({ role: text }, { required: ['role'] }),
        object({ all: { type: 'array', items: { $ref: '#/$defs/condition' } } }, { required: ['all'] }),
      ],
    },
  },
};

const unions: typeof rows = [
  [
    'neither type',
    listen,
    5,
    ['. must be an address like 127.0.0.1:9191, [::1]:9191 or unix:/run/portcullis.sock or an object, is a number'],
  ],
  [
    'the string of a union',
    listen,
    'x',
    ['. must be an address like 127.0.0.1:9191, [::1]:9191 or unix:/run/portcullis.sock, is "x"'],
  ],
  [
    'the object of a union',
    listen,
    { adress: 'x' },
    ['address is required', 'adress! unknown key; did you mean "address"?; known are address, tls'],
  ],
  ['no form of several', { oneOf: [file, url] }, {}, ['. must have one of: file, url']],
  [
    'a key of no form',
    { oneOf: [file, url] },
    { ulr: 'x' },
    ['ulr! unknown key; did you mean "url"?; known are file, url, refresh'],
  ],
  [
    'the form that was meant',
    { oneOf: [file, url] },
    { url: 'x', refresh: 'y' },
    ['refresh must be a duration like 20ms, 30s, 5m, 24h or 7d, is "y"'],
  ],
  ['two forms at once', { oneOf: [text, { minLength: 1 }] }, 'x', ['. fits more than one of the allowed forms']],
  ['any of two forms', { anyOf: [text, { minLength: 1 }] }, 'x', []],
  [
    'a word beside a format',
    { anyOf: [{ ...text, format: 'duration' }, { const: 'off' }] },
    'on',
    ['. must be a duration like 20ms, 30s, 5m, 24h or 7d or off, is "on"'],
  ],
  [
    'a word beside a type',
    { anyOf: [{ type: 'integer' }, { const: 'off' }] },
    null,
    ['. must be a whole number or off, is empty'],
  ],
  [
    'forms with unlike complaints',
    {
      anyOf: [
        { type: 'array', minItems: 1 },
        { type: 'array', maxItems: -1 },
      ],
    },
    [],
    ['. must not be empty or must have at most -1 items'],
  ],
  [
    'a union in itself',
    condition,
    { all: [{ role: 'x' }, { all: [{ role: 5 }, { rol: 'x' }] }] },
    [
      'all[1].all[0].role must be a string, is a number; put it in quotes',
      'all[1].all[1].rol! unknown key; did you mean "role"?; known are role, all',
    ],
  ],
];

for (const [name, schema, value, said] of unions) {
  test(`of a union: ${name}`, () => {
    assert.deepEqual(say(schema, value), said);
  });
}

test('no message repeats what may be a secret, or what came from the environment', () => {
  const strict = { type: 'string', pattern: '^$' } as const;
  const schema = object({
    password: strict,
    client_secret: { enum: ['a'] },
    keys: { type: 'array', items: object({ hash: strict }) },
    shown: strict,
    long: strict,
  });
  const planted = 'PLANTED';
  const value = {
    password: planted,
    client_secret: planted,
    keys: [{ hash: planted }],
    shown: 'x',
    long: 'y'.repeat(99),
  };
  assert.deepEqual(say(schema, value), [
    'password must match ^$',
    'client_secret must be a, is a string',
    'keys[0].hash must match ^$',
    'shown must match ^$, is "x"',
    'long must match ^$',
  ]);
  assert.deepEqual(
    say(object({ shown: strict }), { shown: planted }, () => true),
    ['shown must match ^$'],
  );
});

test('a compiled shape can be used again', () => {
  const shape = compileShape(condition);
  assert.equal(shape.check({ role: 1 }).length, 1);
  assert.deepEqual(shape.check({ role: 'a' }), []);
  assert.equal(shape.check({ all: [{}] }).length, 1);
});

test('a schema with an unknown keyword or format is a bug that shows at once', () => {
  assert.throws(() => compileShape({ typ: 'string' }));
  assert.throws(() => compileShape({ type: 'string', format: 'duratoin' }));
});

test('objects without prototype are taken, whatever their keys are called', () => {
  const value = Object.assign(Object.create(null), { constructor: [Object.create(null)] });
  const schema = {
    type: 'object',
    properties: { constructor: { type: 'array', uniqueItems: true } },
    required: ['constructor'],
  };
  assert.deepEqual(say(schema, value), []);
});

test('the published schema is JSON and names its dialect', () => {
  const published = publishSchema(object({ a: text }));
  assert.ok(published.endsWith('}\n'));
  assert.equal(JSON.parse(published).$schema, 'https://json-schema.org/draft/2020-12/schema');
});

const samples = {
  duration: [
    ['5m', '20ms'],
    ['5', 'm5', '5 m', '-5m', ''],
  ],
  rate: [
    ['100/m', '1/s'],
    ['0/s', '100', '100/w', '1.5/s'],
  ],
  bytes: [
    ['64KiB', '512B'],
    ['64KB', '64', '-1B'],
  ],
  prefix: [
    ['192.0.2.7', '10.0.0.0/8', '2001:db8::/32'],
    ['10.0.0.1/8', '10.0.0.0/33', '256.0.0.1', '10.0.0.0/08', 'fe80::1%eth0'],
  ],
  identifier: [
    ['a', 'orders-write', 'a_1'],
    ['', '1a', 'a/b', 'a b', 'a'.repeat(64), 'ä'],
  ],
  header: [
    ['x-api-key', 'Authorization'],
    ['', 'a b', 'a:', 'ä'],
  ],
  listen: [
    ['127.0.0.1:9191', '[::1]:0', 'localhost:1', 'unix:/a'],
    ['9191', 'a:65536', '[::1', '::1:9', 'unix:', 'unix:a', '[1.2.3.4]:5'],
  ],
} as const satisfies Record<keyof typeof formats, readonly [readonly string[], readonly string[]]>;

for (const [name, format] of Object.entries(formats)) {
  test(`the format ${name} takes what it says and nothing else`, () => {
    const [good, bad] = new Map<string, readonly (readonly string[])[]>(Object.entries(samples)).get(name) ?? [];
    for (const sample of good ?? []) assert.equal(format.test(sample), true, sample);
    for (const sample of bad ?? []) assert.equal(format.test(sample), false, sample);
  });
}

test('the nearest word is suggested, and no word that is far', () => {
  const known = ['jwt', 'api_key', 'identity', 'rules'];
  assert.equal(suggest('jwtt', known), 'jwt');
  assert.equal(suggest('wjt', known), 'jwt');
  assert.equal(suggest('apikey', known), 'api_key');
  assert.equal(suggest('api-key', known), 'api_key');
  assert.equal(suggest('Identiyt', known), 'identity');
  assert.equal(suggest('abc', known), undefined);
  assert.equal(suggest('zz', ['a']), undefined);
  assert.equal(suggest('x'.repeat(1000), known), undefined);
});
