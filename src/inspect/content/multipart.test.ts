import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, texts, value } from '../../../test/support/content.ts';

const type = 'multipart/form-data; boundary=b';
const part = (head: string, content = 'x'): string => `--b\r\n${head}\r\n\r\n${content}\r\n`;
const named = (name: string, content?: string): string =>
  part(`Content-Disposition: form-data; name="${name}"`, content);
const closed = (...parts: readonly string[]): string => `${parts.join('')}--b--\r\n`;
const disposition = (rest: string): string => closed(part(`Content-Disposition: form-data; ${rest}`));

test('values, files and JSON', () => {
  const body = closed(
    named('a', 'one\r\n--two'),
    named('a', ''),
    part('Content-Disposition: form-data; name=f; filename="a b.png"\r\nContent-Type: image/png', '\x00\x01<script>'),
    part('content-disposition: form-data; name="j"\r\ncontent-type: application/json', '{"k":"v"}'),
  );
  assert.deepEqual(texts(type, body), [
    'name /a/0 a',
    'part_header /a/0 Content-Disposition: form-data; name="a"',
    'value /a/0 one\r\n--two',
    'name /a/1 a',
    'part_header /a/1 Content-Disposition: form-data; name="a"',
    'value /a/1 ',
    'name /f f',
    'part_header /f Content-Disposition: form-data; name=f; filename="a b.png"',
    'part_header /f Content-Type: image/png',
    'file_name /f a b.png',
    'name /j j',
    'part_header /j content-disposition: form-data; name="j"',
    'part_header /j content-type: application/json',
    'name /j/k k',
    'value /j/k v',
  ]);
  assert.deepEqual(value(type, body), { a: ['one\r\n--two', ''], f: 'a b.png', j: { k: 'v' } });
  const result = read(type, body);
  assert.ok(result.ok);
  assert.deepEqual(
    result.content.parts?.map(({ name, fileName, mediaType, bytes }) => [name, fileName, mediaType, bytes.length]),
    [
      ['a', undefined, undefined, 10],
      ['a', undefined, undefined, 0],
      ['f', 'a b.png', 'image/png', 10],
      ['j', undefined, 'application/json', 9],
    ],
  );
});

test('a form without parts, a file that was not chosen, a closing delimiter at the very end', () => {
  assert.deepEqual(value(type, '--b--'), {});
  const empty = closed(part('Content-Disposition: form-data; name="f"; filename=""', ''));
  assert.deepEqual(value(type, empty), { f: '' });
  assert.deepEqual(value(type, `${named('a')}--b--`), { a: 'x' });
});

test('what two readers would take for two bodies is refused', () => {
  const cases: readonly (readonly [body: string, problem: string])[] = [
    ['', 'boundary'],
    [named('a'), 'unclosed'],
    [`preamble\r\n${closed(named('a'))}`, 'boundary'],
    [`${closed(named('a'))}epilogue`, 'epilogue'],
    [`${closed(named('a'))}\r\n`, 'epilogue'],
    [closed(named('a')).replaceAll('\r\n', '\n'), 'boundary'],
    [closed(named('a')).replace('--b\r\n', '--b \r\n'), 'boundary'],
    [closed(named('a', 'x\n--b\r\ny')), 'boundary'],
    [closed(named('a', 'x\r\n--bc')), 'boundary'],
    [closed('--b\r\nContent-Disposition: form-data; name="a"\r\n'), 'part_header /0'],
    [closed(part('')), 'part_header /0'],
    [closed(part('X-Other: 1')), 'disposition /0'],
    [disposition('filename="a"'), 'part_name /0'],
    [disposition('name=""'), 'part_name /0'],
    [disposition('name="a"; name="b"'), 'disposition /0'],
    [disposition('name="a"; filename=a.php;filename=b.png'), 'disposition /0'],
    [disposition('name="a"; filename*=utf-8\'\'a.php'), 'disposition /0'],
    [disposition('name="a"; filename="a\\"b"'), 'disposition /0'],
    [disposition('name="a"; filename="..\\a"'), 'disposition /0'],
    [disposition('name="a\u0000"'), 'part_header /0'],
    [disposition('name="a'), 'disposition /0'],
    [closed(part('Content-Disposition: attachment; name="a"')), 'disposition /0'],
    [
      closed(part('Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"')),
      'part_header /0',
    ],
    [closed(part('Content-Disposition: form-data;\r\n name="a"')), 'part_header /0'],
    [closed(part('Content-Disposition: form-data; name="a"\nX: 1')), 'part_header /0'],
    [closed(part('Content-Disposition : form-data; name="a"')), 'part_header /0'],
    [
      closed(part('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64')),
      'transfer_encoding /0',
    ],
    [
      closed(part('Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=utf-7')),
      'part_type /0',
    ],
    [
      closed(part('Content-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=c')),
      'part_type /0',
    ],
    [closed(part('Content-Disposition: form-data; name="f"; filename=""')), 'file_name /0'],
    [closed(named('_charset_', 'utf-7')), 'charset /0'],
    [closed(named('__proto__')), 'forbidden_member /0'],
    [
      closed(part('Content-Disposition: form-data; name="j"\r\nContent-Type: application/json', '{"a":1,"a":2}')),
      'duplicate_member /j/a',
    ],
    [closed(part(`Content-Disposition: form-data; name="a"\r\nX: ${'x'.repeat(5000)}`)), 'part_header /0'],
    [closed(...Array.from({ length: 6 }, (_, index) => named(String(index)))), '+too_many_parts'],
  ];
  for (const [body, problem] of cases) assert.equal(texts(type, body), problem, JSON.stringify(body.slice(0, 120)));
  const invalid = Buffer.concat([Buffer.from(named('a', '').slice(0, -2)), Buffer.of(0xff), Buffer.from('\r\n--b--')]);
  assert.equal(texts(type, invalid), 'utf8 /a');
});

test('a boundary may have any legal character', () => {
  const boundary = "0aA'()+_,-./:=?";
  const body = `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--${boundary}--`;
  assert.deepEqual(value(`multipart/form-data; boundary="${boundary}"`, body), { a: 'x' });
});
