import assert from 'node:assert/strict';
import { test } from 'node:test';
import { texts } from '../../../test/support/content.ts';

const type = 'application/xml';

test('elements, attributes and text', () => {
  assert.deepEqual(texts(type, '<?xml version="1.0" encoding="UTF-8"?>\n<o i="1">a&amp;<b>c</b> d<!-- e --></o>'), [
    'token /o o',
    'token /o/@i i',
    'value /o/@i 1',
    'token /o/b b',
    'value /o/b c',
    'value /o a& d',
  ]);
});

test('mark-up cannot split a word', () => {
  for (const body of [
    '<a>&lt;scr<![CDATA[ipt]]>&gt;</a>',
    '<a>&lt;scr<!-- x -->ipt&gt;</a>',
    '<a>&lt;scr&#x69;pt&gt;</a>',
  ]) {
    assert.deepEqual(texts(type, body), ['token /a a', 'value /a <script>'], body);
  }
});

test('what reaches beyond the document, or is not well formed, is refused', () => {
  const cases: readonly (readonly [body: string | Uint8Array, problem: string])[] = [
    ['<!DOCTYPE a><a/>', 'doctype'],
    ['<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', 'doctype'],
    ['<?xml version="1.0"?><!-- x --><!DOCTYPE a [<!ENTITY % b "c">]><a/>', 'doctype'],
    ['<!doctype a><a/>', 'syntax'],
    ['<!ENTITY b "c"><a/>', 'syntax'],
    ['<a>&b;</a>', 'syntax /a'],
    ['<?xml-stylesheet href="x"?><a/>', 'processing_instruction'],
    ['<a><?php x ?></a>', 'processing_instruction'],
    ['<?xml version="1.1"?><a/>', 'version'],
    ['<?xml version="1.0" encoding="utf-16"?><a/>', 'encoding'],
    ['<?xml version="1.0" encoding="utf-7"?><a/>', 'encoding'],
    [Buffer.from('<a/>', 'utf16le'), 'syntax'],
    [Uint8Array.of(0x3c, 0x61, 0xff, 0x3e), 'utf8'],
    ['<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="x"/></a>', 'xinclude /a'],
    ['<include xmlns="http://www.w3.org/2001/XInclude" href="x"/>', 'xinclude'],
    ['<a><b></a>', 'syntax /a'],
    ['<a b="1" b="2"/>', 'syntax'],
    ['<a/><b/>', 'syntax'],
    ['<x:a/>', 'syntax'],
    ['<a>\u0000</a>', 'syntax /a'],
    ['', 'syntax'],
    ['{"a":1}', 'syntax'],
    ['<a>'.repeat(17) + '</a>'.repeat(17), `+depth ${'/a'.repeat(16)}`],
    [`<a>${'<b/>'.repeat(101)}</a>`, '+too_many_fields /a/b'],
    [`<a ${Array.from({ length: 101 }, (_, index) => `a${index}=""`).join(' ')}/>`, '+too_many_fields /a/@a49'],
  ];
  for (const [body, problem] of cases) assert.equal(texts(type, body), problem, String(body).slice(0, 100));
});

test('names that objects have are names like any other', () => {
  assert.deepEqual(texts(type, '<constructor __proto__="x"/>'), [
    'token /constructor constructor',
    'token /constructor/@__proto__ __proto__',
    'value /constructor/@__proto__ x',
  ]);
});
