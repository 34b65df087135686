import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildHere } from '../../test/support/inspection.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject, type Headers } from '../../test/support/requests.ts';
import type { Subject } from '../core/plan.ts';
import type { Verdict } from '../core/verdict.ts';
import type { PayloadOptions } from './inspection.ts';

const order = {
  type: 'object',
  required: ['item', 'quantity'],
  additionalProperties: false,
  properties: { item: { type: 'string' }, quantity: { type: 'integer', maximum: 1000 } },
};
const json = { 'content-type': 'application/json' };
const good = '{"item":"tea","quantity":2}';

function subjectOf(body: string | Uint8Array | undefined, headers: Headers = json): Subject {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return aSubject({ request: { headers, body: bytes } });
}

function build(payload: PayloadOptions, files: Readonly<Record<string, string>> = {}) {
  const { context, issues } = recordIssues(files);
  return { inspect: buildHere({ payload, pathParameters: [] }, context.at('rules', 0)), issues };
}

function inspect(subject: Subject, payload: PayloadOptions = { schema: order }): Verdict {
  const built = build(payload);
  assert.deepEqual(built.issues, []);
  return built.inspect(subject);
}

const code = (verdict: Verdict): string => ('reason' in verdict ? verdict.reason : verdict.kind);

test('a body that matches passes', () => {
  assert.equal(code(inspect(subjectOf(good))), 'pass');
  const length = String(good.length);
  const headers = {
    'content-type': 'application/vnd.order+json; charset=UTF-8',
    'content-length': length,
    'content-encoding': 'identity',
  };
  assert.equal(code(inspect(subjectOf(good, { ...headers, 'x-envoy-auth-partial-body': 'false' }))), 'pass');
});

test('a body is there, or the denial says what to configure', () => {
  for (const body of [undefined, '']) {
    const verdict = inspect(subjectOf(body));
    assert.ok(verdict.kind === 'reject' && verdict.reason === 'body_missing');
    assert.match(String(verdict.detail['hint']), /with_request_body/);
  }
});

test('a body in which Envoy may have replaced bytes is refused: the upstream gets other ones', () => {
  const textual = (body: string) => {
    const subject = subjectOf(body);
    const attributes = { ...subject.request.attributes, bodyIsText: true as const };
    return inspect({ ...subject, request: { ...subject.request, attributes } });
  };
  const [exact, replaced] = [good, good.replace('{', '{ "note": "!",')];
  assert.equal(code(textual(exact)), 'pass');
  const verdict = textual(replaced);
  assert.ok(verdict.kind === 'reject' && verdict.reason === 'body_malformed');
  assert.match(String(verdict.detail['hint']), /pack_as_bytes/);
});

const refusals: readonly (readonly [
  name: string,
  headers: Record<string, string | readonly string[]>,
  reason: string,
])[] = [
  ['a part of a body', { ...json, 'x-envoy-auth-partial-body': 'true' }, 'body_too_large'],
  ['a client that contradicts Envoy', { ...json, 'x-envoy-auth-partial-body': ['false', 'true'] }, 'body_too_large'],
  ['gzip', { ...json, 'content-encoding': 'gzip' }, 'media_type_unsupported'],
  ['identity and gzip', { ...json, 'content-encoding': ['identity', 'gzip'] }, 'media_type_unsupported'],
  ['a list of encodings', { ...json, 'content-encoding': 'identity, gzip' }, 'media_type_unsupported'],
  ['no type', {}, 'media_type_unsupported'],
  ['two types', { 'content-type': ['application/json', 'text/plain'] }, 'media_type_unsupported'],
  ['one type twice', { 'content-type': ['application/json', 'application/json'] }, 'media_type_unsupported'],
  ['text', { 'content-type': 'text/plain' }, 'media_type_unsupported'],
  ['UTF-16', { 'content-type': 'application/json; charset=utf-16' }, 'media_type_unsupported'],
  ['a length that is too long', { ...json, 'content-length': String(good.length + 1) }, 'body_too_large'],
  ['a length that is too short', { ...json, 'content-length': String(good.length - 1) }, 'body_malformed'],
  ['two lengths', { ...json, 'content-length': [String(good.length), String(good.length)] }, 'body_malformed'],
  ['a length that is none', { ...json, 'content-length': `+${good.length}` }, 'body_malformed'],
];

for (const [name, headers, reason] of refusals) {
  test(`refuses ${name} as ${reason}`, () => assert.equal(code(inspect(subjectOf(good, headers))), reason));
}

test('an unsupported type or encoding is told what is supported', () => {
  const type = inspect(subjectOf(good, { 'content-type': 'text/plain' }), {
    content_types: ['application/json', 'text/json'],
  });
  assert.ok(type.kind === 'reject');
  assert.deepEqual(type.headers, [{ name: 'accept', value: 'application/json, text/json' }]);
  const encoding = inspect(subjectOf(good, { ...json, 'content-encoding': 'br' }));
  assert.ok(encoding.kind === 'reject');
  assert.deepEqual(encoding.headers, [{ name: 'accept-encoding', value: 'identity' }]);
});

test('bounds: bytes and depth', () => {
  const max = { schema: order, max_bytes: `${good.length}B` };
  assert.equal(code(inspect(subjectOf(good), max)), 'pass');
  assert.equal(code(inspect(subjectOf(`${good} `), max)), 'body_too_large');
  assert.equal(code(inspect(subjectOf('{}'.padEnd(64 * 1024 + 1)))), 'body_too_large');
  assert.equal(code(inspect(subjectOf('{}'.padEnd(64 * 1024)), {})), 'pass');
  assert.equal(code(inspect(subjectOf('[[1]]'), { max_depth: 2 })), 'pass');
  assert.equal(code(inspect(subjectOf('[[1]]'), { max_depth: 1 })), 'payload_excessive');
});

test('a body that is not strict JSON is refused with the place', () => {
  const verdict = inspect(subjectOf('{"item":"tea","role":"user","r\\u006fle":"admin"}'));
  assert.ok(verdict.kind === 'reject' && verdict.reason === 'body_malformed');
  assert.deepEqual(verdict.expose, { pointer: '/role', problem: 'duplicate_member' });
});

test('a body that does not match is refused with pointer and keyword', () => {
  const over = inspect(subjectOf('{"item":"tea","quantity":1001}'));
  assert.ok(over.kind === 'reject' && over.reason === 'body_mismatch');
  assert.deepEqual(over.expose, { pointer: '/quantity', keyword: 'maximum' });
  const missing = inspect(subjectOf('{"item":"tea"}'));
  assert.ok(missing.kind === 'reject');
  assert.deepEqual(missing.expose, { pointer: '', keyword: 'required', member: 'quantity' });
  assert.deepEqual(missing.detail, {
    inspection: 'payload',
    ...missing.expose,
    schemaPath: '#/required',
    mismatches: [' required'],
  });
});

test('a choice that fails in every branch tells of at most ten mismatches', () => {
  const anyOf = Array.from({ length: 20 }, (_, index) => ({ const: index }));
  const verdict = inspect(subjectOf('"tea"'), { schema: { anyOf } });
  assert.ok(verdict.kind === 'reject');
  assert.ok(Array.isArray(verdict.detail['mismatches']) && verdict.detail['mismatches'].length === 10);
});

test('a pointer through long names ends at an ancestor', () => {
  const schema = { type: 'object', additionalProperties: { type: 'object', additionalProperties: { type: 'string' } } };
  const verdict = inspect(subjectOf(`{"a":{"${'n'.repeat(300)}":1}}`), { schema });
  assert.ok(verdict.kind === 'reject');
  assert.equal(verdict.expose['pointer'], '/a');
});

test('without a schema any strict JSON passes', () => {
  assert.equal(code(inspect(subjectOf('[1]'), {})), 'pass');
  assert.equal(code(inspect(subjectOf('[1'), {})), 'body_malformed');
});

test('shadow watches and abstains', () => {
  const shadow = { schema: order, mode: 'shadow' } as const;
  const bad = inspect(subjectOf('{}'), shadow);
  assert.equal(bad.kind, 'abstain');
  assert.equal(bad.detail['payload.shadow'], true);
  assert.equal(bad.detail['payload'], 'body_mismatch');
  assert.equal(inspect(subjectOf(good), shadow).detail['payload'], 'pass');
  assert.equal(inspect(subjectOf(undefined), shadow).detail['payload'], 'body_missing');
  assert.equal(inspect(broken(), shadow).detail['payload'], 'inspection_failed');
});

/** A subject that breaks whoever looks at its headers. */
function broken(): Subject {
  const headers = new Map();
  headers.get = () => {
    throw new TypeError('the value is hunter2');
  };
  const { request, ...rest } = subjectOf(good);
  return { ...rest, request: { ...request, headers } };
}

test('a bug is a failure, or a pass that says so where the rule allows it', () => {
  assert.deepEqual(inspect(broken()), {
    kind: 'fail',
    reason: 'inspection_failed',
    detail: { inspection: 'payload', error: 'TypeError' },
  });
  const allowed = inspect(broken(), { schema: order, on_failure: 'allow' });
  assert.equal(allowed.kind, 'pass');
  assert.equal(allowed.detail['failed'], true);
  assert.equal(code(inspect(subjectOf('{}'), { schema: order, on_failure: 'allow' })), 'body_mismatch');
});

test('a file holds the schema, and its issues are reported there', () => {
  const files = { 'order.schema.json': JSON.stringify(order), 'bad.json': '{"type":"object","required":7}' };
  const { inspect, issues } = build({ schema_file: 'order.schema.json' }, files);
  assert.equal(code(inspect(subjectOf(good))), 'pass');
  assert.equal(code(inspect(subjectOf('{}'))), 'body_mismatch');
  assert.deepEqual(issues, []);
  assert.deepEqual(build({ schema_file: 'bad.json' }, files).issues, ['bad.json:required must be array']);
  assert.deepEqual(build({ schema_file: 'none.json' }).issues, ['rules.0.payload.schema_file cannot read none.json']);
});

test('issues of the options have their place', () => {
  assert.deepEqual(build({ schema: { type: 'object', required: 7 } }).issues, [
    'rules.0.payload.schema.required must be array',
  ]);
  assert.match(String(build({ max_bytes: '64KB' }).issues), /^rules\.0\.payload\.max_bytes /);
  assert.match(String(build({ max_bytes: '0B' }).issues), /^rules\.0\.payload\.max_bytes /);
  assert.match(String(build({ schema: {}, schema_file: 'a' }).issues), /^rules\.0\.payload\.schema /);
});
