import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildHere } from '../../test/support/inspection.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject, type Headers } from '../../test/support/requests.ts';
import type { Verdict } from '../core/verdict.ts';
import type { PayloadOptions } from './inspection.ts';

const form = 'application/x-www-form-urlencoded';

function send(
  payload: PayloadOptions,
  type: string | readonly string[] | undefined,
  body: string,
  more: Headers = {},
): string {
  const { context, issues } = recordIssues();
  const inspect = buildHere({ payload, pathParameters: [] }, context);
  assert.deepEqual(issues, []);
  const headers = type === undefined ? more : { ...more, 'content-type': type };
  const verdict: Verdict = inspect(
    aSubject({ request: { method: 'POST', headers, body: new TextEncoder().encode(body) } }),
  );
  if (verdict.kind !== 'reject') return verdict.kind;
  return [verdict.reason, ...Object.values(verdict.expose)].join(' ');
}

test('the Content-Type decides how a body is read, and must be one that is accepted', () => {
  const payload: PayloadOptions = { content_types: ['application/json', form, 'text/plain', 'application/xml'] };
  const cases = [
    ['application/json', '{}', 'pass'],
    [form, 'a=1', 'pass'],
    ['text/plain', 'hello {"a":1}', 'pass'],
    ['text/plain', '{not json}', 'pass'],
    ['application/xml', '<a/>', 'pass'],
    ['application/json', 'a=1', 'body_malformed  syntax'],
    [form, '{"a":1}', 'body_malformed  mistyped'],
    [form, ' [1]', 'body_malformed  mistyped'],
    [form, '<a/>', 'body_malformed  mistyped'],
    ['text/plain', '{"a":1}', 'body_malformed  mistyped'],
    ['text/plain', '\ufeff\n[1]', 'body_malformed  mistyped'],
    ['text/plain', '<?xml version="1.0"?><a/>', 'body_malformed  mistyped'],
    ['text/plain', '<!doctype a []>', 'body_malformed  mistyped'],
    ['application/graphql', '{ a }', 'media_type_unsupported'],
    ['multipart/form-data; boundary=b', '--b--', 'media_type_unsupported'],
    ['application/octet-stream', 'x', 'media_type_unsupported'],
    ['application/json, text/plain', '{}', 'media_type_unsupported'],
    [['application/json', 'application/json'], '{}', 'media_type_unsupported'],
    ['application/json; charset=ibm037', '{}', 'media_type_unsupported'],
    [undefined, '{}', 'media_type_unsupported'],
  ] as const;
  for (const [type, body, expected] of cases) assert.equal(send(payload, type, body), expected, `${type} ${body}`);
  for (const coding of ['gzip', 'gzip, gzip', 'deflate', 'br', 'identity;x']) {
    assert.equal(
      send(payload, 'application/json', '{}', { 'content-encoding': coding }),
      'media_type_unsupported',
      coding,
    );
  }
});

test('a schema sees a form as texts, and each line of NDJSON by itself', () => {
  const schema = {
    type: 'object',
    required: ['a'],
    properties: { a: { type: 'string', pattern: '^\\d+$' }, l: { type: 'array', items: { type: 'string' } } },
    additionalProperties: false,
  };
  const multipart = 'multipart/form-data; boundary=b';
  const payload: PayloadOptions = { schema, content_types: [form, 'multipart/form-data', 'application/x-ndjson'] };
  const part = (name: string, text: string): string =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
  const cases = [
    [form, 'a=1&l=x&l=y', 'pass'],
    [form, 'a=x', 'body_mismatch /a pattern'],
    [form, 'a=1&a=2', 'body_mismatch /a type'],
    [form, 'l=x&l=y', 'body_mismatch  required a'],
    [multipart, `${part('a', '1')}--b--`, 'pass'],
    [multipart, `${part('a', '1')}${part('c', '1')}--b--`, 'body_mismatch  additionalProperties'],
    [multipart, part('a', '1'), 'body_malformed  unclosed'],
    ['application/x-ndjson', '{"a":"1"}\n{"a":"2"}\n', 'pass'],
    ['application/x-ndjson', '{"a":"1"}\n{"a":2}\n', 'body_mismatch /1/a type'],
  ] as const;
  for (const [type, body, expected] of cases) assert.equal(send(payload, type, body), expected, `${type} ${body}`);
});

test('bounds end in a stated decision', () => {
  const payload: PayloadOptions = {
    content_types: ['application/json', form, 'multipart/form-data'],
    max_fields: 4,
    max_parts: 1,
    max_depth: 2,
  };
  const part = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n';
  assert.equal(send(payload, 'application/json', '["a","b","c","d"]'), 'pass');
  assert.equal(send(payload, 'application/json', '["a","b","c","d","e"]'), 'payload_excessive  too_many_fields');
  assert.equal(send(payload, 'application/json', '[[[1]]]'), 'payload_excessive /0/0 depth');
  assert.equal(send(payload, form, 'a=1&b=2&c=3'), 'payload_excessive  too_many_fields');
  assert.equal(
    send(payload, 'multipart/form-data; boundary=b', `${part}${part}--b--`),
    'payload_excessive  too_many_parts',
  );
});

test('a schema that can be held against nothing is an issue', () => {
  const { context, issues } = recordIssues();
  buildHere(
    { payload: { schema: {}, content_types: ['text/xml', 'image/png', 'multipart/form-data'] }, pathParameters: [] },
    context,
  );
  assert.deepEqual(issues, [
    'payload.content_types.0 no schema can be held against text/xml',
    'payload.content_types.1 no schema can be held against image/png',
  ]);
});
