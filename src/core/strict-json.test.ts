import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseStrictJson, type StrictJsonLimits, type StrictJsonProblem } from './strict-json.ts';

const encoder = new TextEncoder();
const parse = (text: string, limits?: Partial<StrictJsonLimits>) => parseStrictJson(encoder.encode(text), limits);

const refusals: readonly (readonly [text: string, problem: StrictJsonProblem, pointer: string])[] = [
  ['', 'empty', ''],
  [' \t\r\n', 'empty', ''],
  ['\ufeff{}', 'bom', ''],
  ['{"role":"user","role":"admin"}', 'duplicate_member', '/role'],
  ['{"role":"user","\\u0072ole":"admin"}', 'duplicate_member', '/role'],
  ['{"a":{"":1,"":2}}', 'duplicate_member', '/a/'],
  ['{"a/b":{"~":1,"~":2}}', 'duplicate_member', '/a~1b/~0'],
  ['[{},{"__proto__":{}}]', 'forbidden_member', '/1/__proto__'],
  ['{"\\u005f_proto__":1}', 'forbidden_member', '/__proto__'],
  ['{"a":{"constructor":{"prototype":{"x":1}}}}', 'forbidden_member', '/a/constructor/prototype'],
  ['{"n":[1,1e400]}', 'number', '/n/1'],
  ['-1e400', 'number', ''],
  ['1e-400', 'number', ''],
  ['9007199254740992', 'number', ''],
  ['-9007199254740993', 'number', ''],
  ['9007199254740993.0', 'number', ''],
  ['-9007199254740993e0', 'number', ''],
  ['90071992547409930e-1', 'number', ''],
  ['1768435200.00000000000000001', 'number', ''],
  ['0.99999999999999999999', 'number', ''],
  [`0.${'1'.repeat(63)}`, 'number', ''],
  ['"\\ud800"', 'surrogate', ''],
  ['["\\udc00\\ud800"]', 'surrogate', '/0'],
  ['{"\\ud83d":1}', 'surrogate', ''],
  ['{"a":1,}', 'syntax', ''],
  ['{"a" 1}', 'syntax', '/a'],
  ['{"a":}', 'syntax', '/a'],
  ['{"a":1 "b":2}', 'syntax', ''],
  ['{a:1}', 'syntax', ''],
  ["{'a':1}", 'syntax', ''],
  ['{"a', 'syntax', ''],
  ['[1,2', 'syntax', ''],
  ['[1,,2]', 'syntax', '/1'],
  ['[1]]', 'syntax', ''],
  ['{} {}', 'syntax', ''],
  ['{}\u0000', 'syntax', ''],
  ['01', 'syntax', ''],
  ['+1', 'syntax', ''],
  ['1.', 'syntax', ''],
  ['.5', 'syntax', ''],
  ['0x10', 'syntax', ''],
  ['NaN', 'syntax', ''],
  ['tru', 'syntax', ''],
  ['nulL', 'syntax', ''],
  ['"a', 'syntax', ''],
  ['"a\\', 'syntax', ''],
  ['"a\u0000"', 'syntax', ''],
  ['"a\nb"', 'syntax', ''],
  ['"\\x41"', 'syntax', ''],
  ['"\\u12g4"', 'syntax', ''],
  ['// c\n1', 'syntax', ''],
  ['\u00a01', 'syntax', ''],
];

for (const [text, problem, pointer] of refusals) {
  test('numbers that a double would change are taken where they say nothing, if they are finite and not too long', () => {
    const rough = (text: string): string => {
      const result = parseStrictJson(new TextEncoder().encode(text), { roughNumbers: true });
      return result.ok ? 'ok' : result.problem;
    };
    for (const text of ['820982911946154508', '[-9007199254740993]', '{"a":1e-400}', '0.1'])
      assert.equal(rough(text), 'ok', text);
    for (const text of ['1e400', '9'.repeat(65)]) assert.equal(rough(text), 'number', text);
  });

  test(`refuses ${JSON.stringify(text)} as ${problem}`, () => {
    assert.deepEqual(parse(text), { ok: false, problem, pointer });
  });
}

test('refuses bytes that are not UTF-8', () => {
  for (const bytes of [
    [0xff],
    [0x22, 0xc3, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
    [0x22, 0xc0, 0xaf, 0x22],
    [0xfe, 0xff],
  ]) {
    assert.deepEqual(parseStrictJson(Uint8Array.from(bytes)), { ok: false, problem: 'utf8', pointer: '' });
  }
});

test('keeps to its limits', () => {
  assert.deepEqual(parse('[1,2]', { maxBytes: 4 }), { ok: false, problem: 'too_large', pointer: '' });
  assert.equal(parse('[1,2]', { maxBytes: 5 }).ok, true);
  assert.deepEqual(parse('[[1]]', { maxDepth: 1 }), { ok: false, problem: 'depth', pointer: '/0' });
  assert.equal(parse('[[1]]', { maxDepth: 2 }).ok, true);
  assert.deepEqual(parse('{"a":{"b":1,"c":2}}', { maxMembers: 1 }), {
    ok: false,
    problem: 'too_many_members',
    pointer: '/a',
  });
  assert.deepEqual(parse('[1,{"a":[]}]', { maxValues: 30 }), {
    ok: false,
    problem: 'too_many_values',
    pointer: '/1/a',
  });
  assert.equal(parse('[1,{"a":[]}]', { maxValues: 31 }).ok, true);
  assert.deepEqual(parse('[12345]', { maxNumberLength: 4 }), { ok: false, problem: 'number', pointer: '/0' });
  assert.equal(parse('[1234]', { maxNumberLength: 4 }).ok, true);
});

test('depth 64 passes and 65 does not', () => {
  assert.equal(parse(`${'['.repeat(64)}${']'.repeat(64)}`).ok, true);
  const deep = parse(`${'['.repeat(65)}${']'.repeat(65)}`);
  assert.deepEqual(deep, { ok: false, problem: 'depth', pointer: '/0'.repeat(64) });
});

test('200,000 levels end without an overflow, whatever the limit', () => {
  for (const text of ['['.repeat(200_000), '{"a":'.repeat(200_000), '[{"a":'.repeat(100_000)]) {
    const result = parse(text, { maxDepth: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY });
    assert.ok(!result.ok);
    assert.equal(result.problem, 'depth');
  }
});

test('a long pointer ends at an ancestor', () => {
  const name = 'n'.repeat(300);
  const result = parse(`{"a":{"${name}":[1,x]}}`);
  assert.deepEqual(result, { ok: false, problem: 'syntax', pointer: '/a' });
});

test('objects have no prototype, and prototype names are ordinary members', () => {
  const result = parse('{"constructor":{"a":1},"prototype":2,"toString":null,"hasOwnProperty":[{"constructor":null}]}');
  assert.ok(result.ok);
  assert.equal(Object.getPrototypeOf(result.value), null);
  assert.deepEqual(JSON.parse(JSON.stringify(result.value)), {
    constructor: { a: 1 },
    prototype: 2,
    toString: null,
    hasOwnProperty: [{ constructor: null }],
  });
});

test('numbers keep their value up to the edges', () => {
  for (const text of [
    '0',
    '-0',
    '0.0',
    '-0.0e5',
    '0e-999',
    '9007199254740991',
    '-9007199254740991',
    '1e20',
    '1e23',
    '100000000000000000000.0',
    '1.0',
    '-1.50e1',
    '1768435200.5',
    '0.1000000000000000055511151231257827',
    '5e-324',
  ]) {
    const result = parse(text);
    assert.ok(result.ok, text);
    assert.ok(Object.is(result.value, JSON.parse(text)), text);
  }
});

test('escapes mean what they mean', () => {
  const text = '"\\u0000\\/\\"\\\\\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00😀"';
  assert.deepEqual(parse(text), { ok: true, value: JSON.parse(text), values: 1 });
});

/** What JSON.parse takes and we do not: exact integers of 2^53 and more, and names that poison merges. */
function strict(value: unknown): boolean {
  if (typeof value === 'number') return !/^-?[0-9]{16,}$/.test(String(value)) || Number.isSafeInteger(value);
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(
    ([name, member]) => name !== '__proto__' && name !== 'constructor' && name.isWellFormed() && strict(member),
  );
}

test('agrees with JSON.parse on every value without doubtful parts', () => {
  const json = fc.jsonValue({ stringUnit: 'binary', noUnicodeString: false, maxDepth: 8 }).filter(strict);
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, ' ', '\t', '\n\r'.slice(0, 1)), (value, space) => {
      const text = JSON.stringify(value, null, space);
      const result = parse(text);
      assert.ok(result.ok, text);
      assert.equal(JSON.stringify(result.value), JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 500 },
  );
});

test('never throws, and never takes what JSON.parse refuses', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    'u',
    '0',
    '1',
    '-',
    '.',
    'e',
    'true',
    ' ',
    '"a"',
    '\u0001',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.array(pieces, { maxLength: 12 }).map((parts) => encoder.encode(parts.join(''))),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      const result = parseStrictJson(input);
      if (!result.ok) return;
      assert.equal(JSON.stringify(result.value), JSON.stringify(JSON.parse(new TextDecoder().decode(input))));
    }),
    { numRuns: 2000 },
  );
});
