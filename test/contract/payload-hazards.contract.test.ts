// What has made other inspections look away, hang or end: cut lists, deep values, long texts, patterns that backtrack,
// stacks that overflow, comparisons of all with all. Each has its test here, through the inspection that serves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from '../../src/core/verdict.ts';
import type { InspectionOptions } from '../../src/inspect/index.ts';
import { buildHere } from '../support/inspection.ts';
import { recordIssues } from '../support/recording-context.ts';
import { aSubject, type RequestSketch } from '../support/requests.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const attack = "x' union select password from users--";

type Inspected = (request: RequestSketch) => Verdict;

function inspected(options: Omit<InspectionOptions, 'pathParameters'>): Inspected {
  const { context, issues } = recordIssues();
  const inspect = buildHere({ ...options, pathParameters: [] }, context);
  assert.deepEqual(issues, []);
  return (request) => inspect(aSubject({ request }));
}

const reasonOf = (verdict: Verdict): string => ('reason' in verdict ? verdict.reason : verdict.kind);
const posted = (body: string, type = 'application/json'): RequestSketch => ({
  method: 'POST',
  headers: { 'content-type': type },
  body: encode(body),
});

test('no place in a list is too far behind', () => {
  const protect = inspected({ protect: {} });
  for (const length of [255, 256, 257, 300, 5000]) {
    const list = [...Array.from({ length }, (_, index) => `a${index}`), attack];
    assert.equal(reasonOf(protect(posted(JSON.stringify(list)))), 'attack_detected', String(length));
    assert.equal(reasonOf(protect(posted(JSON.stringify(list.slice(0, -1))))), 'pass', String(length));
    const form = list.map((text) => `a=${encodeURIComponent(text)}`).join('&');
    assert.equal(reasonOf(protect(posted(form, 'application/x-www-form-urlencoded'))), 'attack_detected');
  }
  const query = Array.from({ length: 600 }, (_, index) => `a${index}=b`).join('&');
  assert.equal(reasonOf(protect({ query: `${query}&b=${encodeURIComponent(attack)}` })), 'attack_detected');
});

test('no value stands too deep: it is found, or the depth is refused', () => {
  const protect = inspected({ protect: {} });
  const list = (depth: number): string => `${'['.repeat(depth)}${JSON.stringify(attack)}${']'.repeat(depth)}`;
  const object = (depth: number): string => `${'{"a":'.repeat(depth)}${JSON.stringify(attack)}${'}'.repeat(depth)}`;
  const xml = (depth: number): string => `${'<a>'.repeat(depth)}${attack}${'</a>'.repeat(depth)}`;
  for (const depth of [19, 20, 21, 25, 60])
    for (const request of [posted(list(depth)), posted(object(depth)), posted(xml(depth), 'text/xml')])
      assert.equal(reasonOf(protect(request)), 'attack_detected', String(depth));
  for (const depth of [70, 5000, 100_000])
    for (const request of [posted(list(depth)), posted(object(depth)), posted(xml(depth), 'text/xml')])
      assert.equal(reasonOf(protect(request)), 'payload_excessive', String(depth));
});

test('no text is too long: what stands behind 4,096 characters, or across that place, is found', () => {
  const protect = inspected({ protect: {} });
  for (const length of [4060, 4080, 4090, 4096, 4100, 5000, 8180, 60_000]) {
    const text = `${'x '.repeat(length / 2)}${attack}`;
    for (const request of [
      posted(JSON.stringify({ a: text })),
      posted(text, 'text/plain'),
      posted(`a=${encodeURIComponent(text)}`, 'application/x-www-form-urlencoded'),
      { headers: { 'x-a': text } },
      { headers: { cookie: `a=${text}` } },
      { query: `a=${encodeURIComponent(text)}` },
    ])
      assert.equal(reasonOf(protect(request)), 'attack_detected', `${length} ${JSON.stringify(request).slice(0, 60)}`);
  }
});

test('a pattern that would backtrack for hours is decided at once', () => {
  const pattern = '^(a+)+$';
  const text = `${'a'.repeat(5000)}!`;
  const schema = {
    type: 'object',
    properties: { a: { type: 'string', pattern } },
    patternProperties: { '^(b+)+$': {} },
  };
  const payload = inspected({ payload: { schema } });
  assert.equal(reasonOf(payload(posted(JSON.stringify({ a: text })))), 'body_mismatch');
  assert.equal(reasonOf(payload(posted(JSON.stringify({ [`${'b'.repeat(5000)}!`]: 1 })))), 'pass');
  const parameters = inspected({ parameters: { query: { a: pattern } } });
  assert.equal(reasonOf(parameters({ query: `a=${text}` })), 'parameter_mismatch');
  assert.equal(reasonOf(parameters({ query: `a=${'a'.repeat(5000)}` })), 'pass');
});

test('texts that make careless patterns backtrack are searched all the same', () => {
  const protect = inspected({ protect: { preset: 'strict' } });
  const pieces = [
    "'",
    '<a ',
    '%',
    '&#',
    '\\x',
    '/*',
    '--',
    '(',
    ' or ',
    'x=',
    '../',
    '${',
    '{{',
    '";',
    '<!--',
    'data:',
    '\t',
  ];
  for (const piece of pieces) {
    const verdict = protect(posted(JSON.stringify({ a: piece.repeat(6000 / piece.length) })));
    // On a busy machine it may be late; it never ends in a bug.
    assert.notEqual(reasonOf(verdict), 'inspection_failed');
  }
});

test('a schema that refers to itself, and a value that goes on for ever', () => {
  const schema = {
    $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    $ref: '#/$defs/node',
  };
  const chain = (depth: number): string => `${'{"next":'.repeat(depth)}{}${'}'.repeat(depth)}`;
  const payload = inspected({ payload: { schema, max_bytes: '1MiB' } });
  assert.equal(reasonOf(payload(posted(chain(20)))), 'pass');
  for (const depth of [1000, 5000, 20_000]) assert.equal(reasonOf(payload(posted(chain(depth)))), 'payload_excessive');
  // As deep as a config may allow.
  const deep = inspected({ payload: { schema, max_depth: 512 }, protect: {} });
  assert.equal(reasonOf(deep(posted(chain(500)))), 'pass');
  const graphql = inspected({ payload: { graphql: {} } });
  const query = JSON.stringify({ query: `${'{a'.repeat(20_000)}${'}'.repeat(20_000)}` });
  assert.equal(reasonOf(graphql(posted(query))), 'payload_excessive');
});

test('items that must differ are compared once each', () => {
  const schema = { type: 'array', uniqueItems: true };
  const payload = inspected({ payload: { schema, max_bytes: '8MiB', max_fields: 100_000 } });
  const items = Array.from({ length: 20_000 }, (_, id) => ({ id, a: { b: [id] } }));
  assert.equal(reasonOf(payload(posted(JSON.stringify(items)))), 'pass');
  assert.equal(reasonOf(payload(posted(JSON.stringify([...items, { a: { b: [7] }, id: 7 }])))), 'body_mismatch');
});

test('of a million mistakes few are told', () => {
  const schema = { type: 'array', items: { type: 'string' } };
  const payload = inspected({ payload: { schema, max_bytes: '8MiB', max_fields: 100_000 } });
  const verdict = payload(posted(JSON.stringify(Array.from({ length: 1_000_000 }, () => 1))));
  assert.equal(verdict.kind, 'reject');
  assert.ok(JSON.stringify(verdict).length < 2000);
});

test('JSON that two readers could read in two ways is refused, with a contract and without one', () => {
  const bodies = [
    ...['{"role":"user","role":"admin"}', '{"role":"user","\\u0072ole":"admin"}', '{"a\\/b":1,"a/b":2}', '\ufeff{}'],
    ...[
      '{"__proto__":{}}',
      '{"\\u005f_proto__":{}}',
      '{"constructor":{"prototype":{}}}',
      '{"a":1e400}',
      '{"a":1}{"b":2}',
    ],
    ...[`{"a":1${'0'.repeat(1_000_000)}}`, '{"a":"\\ud800"}', '{"a":1,}', '{/**/"a":1}', '{"a":NaN}'],
    ...['a: 1', "{'a':1}", '{"a":"\t"}', '{"a":01}', '', ' '],
  ];
  const options = [{ protect: {} }, { payload: { schema: { type: 'object' }, max_bytes: '2MiB' } }];
  for (const inspect of options.map(inspected))
    for (const body of bodies.filter((text) => text !== ''))
      assert.equal(reasonOf(inspect(posted(body))), 'body_malformed', body.slice(0, 40));
});

test('names that every object inherits are there only where they stand', () => {
  const payload = inspected({ payload: { schema: { type: 'object', required: ['toString'] } } });
  assert.equal(reasonOf(payload(posted('{}'))), 'body_mismatch');
  assert.equal(reasonOf(payload(posted('{"toString":1}'))), 'pass');
});
