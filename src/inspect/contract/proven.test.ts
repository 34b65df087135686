import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from '../../../test/support/content.ts';
import { provenBy } from './proven.ts';
import { openShapes } from './shape.ts';

/** The places of a body whose texts a schema has proven. */
function proven(schema: object, body: unknown, type = 'application/json'): readonly string[] {
  const result = read(type, typeof body === 'string' ? body : JSON.stringify(body));
  assert.ok(result.ok);
  const holds = provenBy(openShapes(schema, false)(schema), result.content);
  return result.content.fields.filter(holds).map(({ role, name }) => `${role} ${name}`);
}

const text = (more: object): object => ({ type: 'string', ...more });

test('closed lists, formats of digits and patterns of plain letters prove a text', () => {
  const harmless = [
    text({ format: 'uuid' }),
    text({ format: 'date' }),
    text({ format: 'date-time' }),
    text({ enum: ['x'] }),
    { const: 'x' },
    text({ pattern: '^[A-Za-z0-9_-]{1,20}$' }),
    text({ pattern: '^\\d+$' }),
    { allOf: [text({}), { format: 'uuid' }] },
    { anyOf: [text({ format: 'uuid' }), { type: 'null' }] },
    { $ref: '#/$defs/id' },
  ];
  const $defs = { id: text({ format: 'uuid' }) };
  for (const schema of harmless) {
    const whole = { $defs, type: 'object', properties: { a: schema } };
    assert.deepEqual(proven(whole, { a: 'x' }), ['name /a', 'value /a'], JSON.stringify(schema));
  }
  const others = [
    text({}),
    text({ maxLength: 5 }),
    text({ format: 'email' }),
    text({ format: 'uri' }),
    text({ pattern: '[a-z]+' }),
    text({ pattern: '^[a-z]+' }),
    text({ pattern: '^.*$' }),
    text({ pattern: '^[A-z]+$' }),
    text({ pattern: '^[ -~]+$' }),
    text({ pattern: "^[a-z']+$" }),
    // SQL beside a number, and hosts of addresses: 1 union select 2 from t, metadata.google.internal, 169.254.169.254.
    text({ pattern: '^[A-Za-z0-9 ]+$' }),
    text({ pattern: '^[a-z.:]+$' }),
    text({ format: 'ipv4' }),
    { anyOf: [text({ format: 'uuid' }), text({})] },
    { not: text({ enum: ['x'] }) },
  ];
  for (const schema of others) {
    assert.ok(!proven({ properties: { a: schema } }, { a: 'x' }).includes('value /a'), JSON.stringify(schema));
  }
  assert.deepEqual(
    proven({ properties: { a: { format: 'uuid' } } }, { a: 'x' }),
    [],
    'a format alone lets objects pass',
  );
});

test('names that the schema lists are proven, other names and what stands under them are not', () => {
  const schema = { type: 'object', properties: { a: text({ enum: ['x'] }) }, additionalProperties: text({}) };
  assert.deepEqual(proven(schema, { a: 'x', b: 'x' }), ['name /a', 'value /a']);
});

test('lists, lines and forms', () => {
  const schema = { type: 'object', properties: { l: { type: 'array', items: text({ format: 'uuid' }) } } };
  assert.deepEqual(proven(schema, { l: ['x', 'y'] }), ['value /l/0', 'value /l/1']);
  assert.deepEqual(proven(schema, 'l=x&l=y', 'application/x-www-form-urlencoded'), ['value /l/0', 'value /l/1']);
  assert.deepEqual(proven(schema, '{"l":["x"]}\n{"l":["y"]}', 'application/x-ndjson'), [
    'value /0/l/0',
    'value /1/l/0',
  ]);
  assert.deepEqual(proven(schema, '<l>x</l>', 'application/xml'), []);
});

test('a pointer that was cut short proves nothing of what stands further down', () => {
  const long = 'n'.repeat(300);
  const open = { type: 'object', properties: { a: { type: 'object', additionalProperties: true } } };
  assert.deepEqual(proven(open, { a: { [long]: '<script>' } }), []);
  const odd = { type: 'object', properties: { a: { enum: [{ [long]: 'x' }] } } };
  assert.deepEqual(proven(odd, { a: { [long]: 'x' } }), []);
});
