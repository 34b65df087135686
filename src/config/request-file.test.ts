import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readRequestFile } from './request-file.ts';

function read(context: TestContext, content: string | Uint8Array) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-request-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'request.yaml');
  writeFileSync(file, content);
  return readRequestFile(file);
}

test('a request needs only a path', (context) => {
  const result = read(context, '{ "path": "/orders?a=1" }');
  assert.ok(result.ok);
  const { method, host, scheme, path, source, body } = result.attributes;
  assert.deepEqual(
    [method, host, scheme, path, source.address],
    ['GET', 'localhost', 'https', '/orders?a=1', '127.0.0.1'],
  );
  assert.equal(body, undefined);
});

test('headers may repeat, in any case, and host may stand among them', (context) => {
  const result = read(context, 'path: /\nheaders: { Host: api.example, X-A: [one, two], x-a: three }');
  assert.ok(result.ok);
  assert.deepEqual(result.attributes.headers.get('x-a'), ['one', 'two', 'three']);
  assert.equal(result.attributes.host, 'api.example');
  assert.ok(!result.attributes.headers.has('host'));
});

test('a body that is no text is sent as JSON, with its media type', (context) => {
  const result = read(context, 'path: /\nbody: { item: sofa }\ncontext_extensions: { rule: a }');
  assert.ok(result.ok);
  assert.equal(new TextDecoder().decode(result.attributes.body), '{"item":"sofa"}');
  assert.deepEqual(result.attributes.headers.get('content-type'), ['application/json']);
  assert.equal(result.attributes.contextExtensions.get('rule'), 'a');
});

test('nothing of the environment gets into a request', (context) => {
  const result = read(context, 'path: "/$' + '{HOME}"\nbody: "$' + '{HOME}"');
  assert.ok(result.ok);
  assert.equal(result.attributes.path, '/$' + '{HOME}');
});

test('what is wrong is told with its place', (context) => {
  const bad = read(context, 'path: 7\nmethd: GET\n');
  assert.ok(!bad.ok);
  assert.deepEqual(
    bad.issues.map(({ line, path }) => [line, path]),
    [
      [2, 'methd'],
      [1, 'path'],
    ],
  );
  for (const content of ['{', '', new Uint8Array([0xff, 0xfe])]) assert.ok(!read(context, content).ok);
  assert.ok(!readRequestFile('/nowhere/request.json').ok);
});
