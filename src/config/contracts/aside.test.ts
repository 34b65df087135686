import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkOnThread } from './aside.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-contracts-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const never = new AbortController().signal;
const basePaths = [undefined, '/v2'];

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const head = 'openapi: 3.1.0\ninfo: { title: a, version: "1" }\n';
const operation = 'responses: { "200": { description: ok } }';

test('a sound document comes back as JSON in shared memory, with the digest of what was read', async () => {
  const text = `${head}paths:\n  /a: { get: { ${operation} } }\n`;
  const reading = await checkOnThread()({ file: write('api.yaml', text), basePaths }, never);
  assert.equal(reading?.digest, hash('sha256', text));
  assert.deepEqual(reading.issues, []);
  assert.ok(reading.json?.buffer instanceof SharedArrayBuffer);
  assert.deepEqual(JSON.parse(Buffer.from(reading.json).toString()).paths, {
    '/a': { get: { responses: { 200: { description: 'ok' } } } },
  });
});

test('issues come back with their file, line, column and path, and then no document does', async () => {
  const parameter = '{ name: q, in: query, schema: { type: string, patern: x } }';
  const file = write('bad.yaml', `${head}paths:\n  /a:\n    get: { parameters: [${parameter}], ${operation} }\n`);
  const reading = await checkOnThread()({ file, basePaths: [undefined] }, never);
  assert.equal(reading?.json, undefined);
  assert.deepEqual(
    reading?.issues.map(({ message, ...place }) => [place, message]),
    [[{ file, line: 5, col: 79, path: 'paths["/a"].get.parameters[0].schema.patern' }, 'unknown keyword "patern"']],
  );
  const broken = await checkOnThread()({ file: write('broken.yaml', 'openapi: ['), basePaths }, never);
  assert.equal(broken?.json, undefined);
  assert.ok((broken?.issues.length ?? 0) > 0);
});

test('a document that is not there, or is no text, is left to whoever looks himself', async () => {
  assert.equal(await checkOnThread()({ file: join(folder, 'none.yaml'), basePaths }, never), undefined);
  writeFileSync(join(folder, 'bytes.yaml'), Buffer.of(0xff, 0xfe));
  assert.equal(await checkOnThread()({ file: join(folder, 'bytes.yaml'), basePaths }, never), undefined);
});
