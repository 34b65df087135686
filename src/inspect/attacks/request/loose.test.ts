import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aRequest } from '../../../../test/support/requests.ts';
import { looseContent } from './loose.ts';

function read(type: string | undefined, body: string | Uint8Array): readonly string[] | undefined {
  const headers = type === undefined ? {} : { 'content-type': type };
  const content = looseContent(aRequest({ headers, body: Buffer.from(body) }));
  return content?.fields.map(({ role, name, text }) => `${role} ${name} ${text}`);
}

const form = 'application/x-www-form-urlencoded';
const multipart = 'multipart/form-data; boundary=b';

test('a form is taken apart whatever stands in it', () => {
  assert.deepEqual(read(form, 'a=1;b+%zz%27&x/y=é\n&c'), [
    'name /a a',
    "value /a 1;b %zz'",
    'name /x~1y x/y',
    'value /x~1y é\n',
    'name /c c',
    'value /c ',
  ]);
});

test('parts are found by their delimiters, with names and headers as they stand', () => {
  const body = [
    '--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+ADw-\r\n',
    '--b\nContent-Disposition: form-data; name=f; filename="x\\".j\\sp"\n\nbytes\n',
    '--b--\r\n',
  ];
  assert.deepEqual(read(multipart, body.join('')), [
    'name /a a',
    'part_header /a Content-Disposition: form-data; name="a"',
    'part_header /a Content-Type: text/plain; charset=utf-7',
    'value /a +ADw-',
    'name /f f',
    'part_header /f Content-Disposition: form-data; name=f; filename="x\\".j\\sp"',
    'file_name /f x\\".j\\sp',
  ]);
});

test('files keep their names and sizes', () => {
  const body = Buffer.from('--b\nContent-Disposition: form-data; name="c\\v"; filename=cv.pdf\n\nbytes\n--b--');
  const content = looseContent(aRequest({ headers: { 'content-type': multipart }, body }));
  assert.deepEqual(
    content?.parts?.map(({ name, fileName, bytes }) => [name, fileName, bytes.length]),
    [['c\\v', 'cv.pdf', 5]],
  );
});

test('other bodies are nothing that could be taken apart', () => {
  assert.equal(read('application/json', '{'), undefined);
  assert.equal(read('multipart/form-data', '--b'), undefined);
  assert.equal(read(undefined, 'a=1'), undefined);
  assert.equal(looseContent(aRequest({ headers: { 'content-type': form } })), undefined);
});

test('what stands behind a thousand pieces is looked at as one more', () => {
  const fields = read(form, `${'a=1&'.repeat(2000)}last=2`) ?? [];
  assert.equal(fields.length, 2002);
  assert.ok(fields.at(-1)?.endsWith('&last=2'));
});

test('no body makes it throw', () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.string().map(Buffer.from),
    fc.array(fc.constantFrom('--b', '\r\n', '"', 'name=', '\\', ';')).map((list) => Buffer.from(list.join(''))),
  );
  fc.assert(fc.property(fc.constantFrom(form, multipart), bytes, (type, body) => void read(type, body)));
});
