import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAttributes, aSubject, type Headers } from '../../../../test/support/requests.ts';
import { openReading } from '../../reading.ts';
import { seeBody } from '../body.ts';
import type { Collection } from '../rule.ts';
import { openView } from './view.ts';

function textsOf(collection: Collection, headers: Headers, body?: string): readonly string[] {
  const attributes = anAttributes({ headers, body: body === undefined ? undefined : Buffer.from(body) });
  const subject = aSubject({ request: { attributes, headers: attributes.headers } });
  const { content } = seeBody(subject, openReading());
  const view = openView({ subject, content, proven: () => false });
  return view
    .items(collection)
    .map(({ name, readings }) => (name === '' ? `${readings[0]}` : `${name}: ${readings[0]}`));
}

test('the host is a header like the others', () => {
  assert.deepEqual(textsOf('request_headers', { referer: 'x' }), ['referer: x', 'host: api.example.com']);
  assert.deepEqual(textsOf('request_headers_names', { referer: 'x' }), ['host: host', 'referer: referer']);
});

for (const [type, body, processor, whole] of [
  ['application/json', '{"a":"b"}', 'JSON', false],
  ['application/xml', '<a>b</a>', 'XML', false],
  ['application/x-www-form-urlencoded', 'a=b', 'URLENCODED', true],
  ['text/plain', 'a=b', '', true],
] as const) {
  test(`${type}: the processor is ${processor || 'none'}, and the body is ${whole ? '' : 'not '}looked at as a whole`, () => {
    const headers = { 'content-type': type };
    assert.deepEqual(textsOf('request_body_processor', headers, body), [processor]);
    assert.deepEqual(textsOf('request_body', headers, body), whole ? [body] : []);
  });
}

test('a type without a body names its processor all the same', () => {
  assert.deepEqual(textsOf('request_body_processor', { 'content-type': 'application/json' }), ['JSON']);
  assert.deepEqual(textsOf('request_body_processor', {}), ['']);
});
