import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Transform, transforms } from '../rule.ts';
import { byteView } from './bytes.ts';
import { transformations } from './index.ts';

/** What each definition of ModSecurity's reference manual makes of a text. */
const cases: Readonly<Record<Transform, readonly (readonly [text: string, changed: string])[]>> = {
  base64_decode: [
    ['VGVzdENhc2U=', 'TestCase'],
    ['PHNjcmlwdD4', '<script>'],
    ['VGVzdA==.VGVzdA', 'Test'],
    ['!', ''],
    ['wK8', '\u00c0\u00af'],
  ],
  cmd_line: [
    ['C^OMMAND /C DI""R', 'command/c dir'],
    ['a;b,,c \t d', 'a b c d'],
    ["w'h'oami (x", 'whoami(x'],
  ],
  compress_whitespace: [['a \t\n\u00a0 b', 'a b']],
  css_decode: [
    ['ja\\vascript', 'javascript'],
    ['\\6aavascript', 'ªvascript'],
    ['\\6a avascript', 'javascript'],
    ['\\00003c script', '<script'],
    ['a\\\nb', 'ab'],
  ],
  escape_seq_decode: [
    ['\\x3cscript\\76', '<script>'],
    ['\\a\\b\\f\\n\\r\\t\\v\\?\\\'\\"\\\\', '\x07\b\f\n\r\t\v?\'"\\'],
    ['\\u\\8\\z', '\\u\\8\\z'],
  ],
  hex_decode: [
    ['3c7363726970743e', '<script>'],
    ['3cg', '<'],
  ],
  hex_encode: [['<é', '3cc3a9']],
  html_entity_decode: [
    ['&lt;script&gt;', '<script>'],
    ['&LT;&quot;&amp;&nbsp;', '<"&\u00a0'],
    ['&#x3c;&#X3C&#60;&#0000060', '<<<<'],
    ['&ltscript', '<script'],
    ['java&colon;&Tab;', 'java:\t'],
    ['&unheardof; &', '&unheardof; &'],
  ],
  js_decode: [
    ['\\u003cscript\\x3e', '<script>'],
    ['\\u{3c}\\74', '<<'],
    ['\\uff1cscript', '<script'],
    ['\\a\\n\\q', '\x07\nq'],
  ],
  length: [
    ['', '0'],
    ['é', '2'],
  ],
  lowercase: [['SeLeCT', 'select']],
  md5: [['', '\xd4\x1d\x8c\xd9\x8f\x00\xb2\x04\xe9\x80\x09\x98\xec\xf8\x42\x7e']],
  normalize_path: [
    ['/a//b/./c/../d', '/a/b/d'],
    ['../../etc/passwd', '../../etc/passwd'],
    ['/../../etc', '/etc'],
    ['/a/b/..', '/a/'],
    ['plain', 'plain'],
  ],
  normalize_path_win: [['\\a\\..\\b', '/b']],
  remove_comments: [
    ['un/**/ion', 'union'],
    ['a<!-- x -->b', 'ab'],
    ['a -- b', 'a '],
    ['a#b', 'a'],
    ['a/* b', 'a'],
  ],
  remove_comments_char: [['a/*b*/c--d#e', 'abcde']],
  remove_nulls: [['sel\0ect', 'select']],
  remove_whitespace: [['s e\tl\u00a0ect', 'select']],
  replace_comments: [
    ['un/* x */ion', 'un ion'],
    ['un/* x', 'un '],
    ['a */ b', 'a */ b'],
  ],
  replace_nulls: [['a\0b', 'a b']],
  sha1: [['', '\xda\x39\xa3\xee\x5e\x6b\x4b\x0d\x32\x55\xbf\xef\x95\x60\x18\x90\xaf\xd8\x07\x09']],
  sql_hex_decode: [['0x414243 0x1', 'ABC 0x1']],
  trim: [[' \ta b\n', 'a b']],
  unicode_normalize: [
    ['＜script＞', '<script>'],
    ['ſelect', 'select'],
  ],
  uppercase: [['select', 'SELECT']],
  url_decode: [
    ['a%3Cb+c', 'a<b c'],
    ['%zz%u003c%', '%zz%u003c%'],
    ['%c3%a9%c0%af', '\u00c3\u00a9\u00c0\u00af'],
    ['%c3%a9', 'é'],
  ],
  url_decode_uni: [
    ['%u003cscript%U003e', '<script>'],
    ['%uff1c%3e+%u00', '<> %u00'],
  ],
  url_encode: [['a b*<é', 'a+b*%3c%c3%a9']],
  utf8_to_unicode: [['a＜é', 'a%uff1c%u00e9']],
};

for (const name of transforms) {
  test(`${name}: is what its definition says`, () => {
    for (const [text, changed] of cases[name]) assert.equal(transformations[name](text), changed, JSON.stringify(text));
  });

  test(`${name}: takes any text, and long ones in time linear in them`, () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(fc.property(text, (any) => typeof transformations[name](any) === 'string'));
    for (const seed of ['%', '\\', '&#', '/*', '<!--', '../', '0x41', ' \t', 'aé', '%u00', '\\u{'])
      assert.equal(typeof transformations[name](seed.repeat(50_000)), 'string');
  });
}

test('bytes are characters, one each', () => {
  assert.equal(byteView('plain'), 'plain');
  assert.equal(byteView('é'), '\u00c3\u00a9');
});
