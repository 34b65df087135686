// How a text is changed and asked: no shortcut may pass over a text that matches.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectorOf } from '../../../../test/support/detection.ts';
import { openEngine } from '../engines/index.ts';
import type { Operator, Transform } from '../rule.ts';

const engine = openEngine('auto');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const hex = (text: string): string => Buffer.from(text).toString('hex');

test('plain texts are looked at as what a change makes of them', (context) => {
  const cases: readonly (readonly [change: Transform, asks: string | Operator, text: string])[] = [
    ['base64_decode', '<script', base64('<script>')],
    ['base64_decode', { kind: 'phrases', phrases: ['<script'] }, base64('<script>')],
    ['base64_decode', { kind: 'sql_shape' }, base64("1' or '1'='1")],
    ['base64_decode', { kind: 'html_shape' }, base64('<script>a</script>')],
    ['hex_decode', 'union\\s+select', hex('1 union select')],
    ['sql_hex_decode', '/etc/passwd', `0x${hex('/etc/passwd')}`],
    ['hex_encode', '^3c', '<a'],
    ['url_encode', '%3c', '<a'],
    ['length', { kind: 'gt', number: '9' }, 'a'.repeat(10)],
    ['length', '^10$', 'a'.repeat(10)],
    ['remove_whitespace', 'unionselect', 'union select'],
    ['remove_whitespace', { kind: 'phrases', phrases: ['unionselect'] }, 'union select'],
    ['compress_whitespace', 'union select', 'union \t select'],
    ['remove_nulls', 'select', 'sel\0ect'],
    ['remove_comments', 'a b|ab', 'a/* c */b'],
    ['replace_comments', 'a b', 'a/* c */b'],
    ['lowercase', '^abc$', 'ABC'],
    ['uppercase', '^ABC$', 'abc'],
    ['trim', '^a$', ' a '],
    ['cmd_line', '^cat/etc', 'c^a"t" /etc'],
    ['css_decode', '^<a', '\\3c a'],
    ['js_decode', '^<a', '\\x3ca'],
    ['html_entity_decode', '^<a', '&#x3c;a'],
    ['escape_seq_decode', '^<a', '\\x3ca'],
    ['url_decode', '^<a', '%3Ca'],
    ['url_decode_uni', '^<a', '%u003Ca'],
    ['normalize_path', '^/b$', '/a/../b'],
    ['normalize_path_win', '^/b$', '\\a\\..\\b'],
    ['unicode_normalize', '^<a', '＜a'],
    ['utf8_to_unicode', '%u00e9', 'é'],
  ];
  for (const [change, asks, text] of cases) {
    const rule = { id: 'r', when: [{ in: 'request_headers:x', asks, transforms: [change] }] } as const;
    assert.equal(detectorOf(context, engine, [rule])({ headers: { x: text } }).length, 1, `${change} of ${text}`);
  }
});

test('each stage is looked at where that is asked for, else only the last', (context) => {
  const transforms = ['html_entity_decode', 'lowercase', 'remove_whitespace'] as const;
  const asks = (pattern: string, everyStage: boolean) =>
    detectorOf(context, engine, [
      { id: 'r', when: [{ in: 'request_headers:x', asks: pattern, transforms, everyStage }] },
    ])({
      headers: { x: '&lt;A B' },
    }).length;
  for (const pattern of ['&lt;A B', '<A B', '<a b', '<ab']) assert.equal(asks(`^${pattern}$`, true), 1, pattern);
  for (const pattern of ['&lt;A B', '<A B', '<a b']) assert.equal(asks(`^${pattern}$`, false), 0, pattern);
  assert.equal(asks('^<ab$', false), 1);
});

test('rules that change a text alike or otherwise each see their own', (context) => {
  const when = (asks: string, ...transforms: readonly Transform[]) => [{ in: 'args', asks, transforms }] as const;
  const detect = detectorOf(context, engine, [
    { id: 'raw', when: when('^AbC$') },
    { id: 'low', when: when('^abc$', 'lowercase') },
    { id: 'low again', when: when('^abc$', 'lowercase') },
    { id: 'trimmed', when: when('^abc$', 'lowercase', 'trim') },
    { id: 'other order', when: when('^abc$', 'trim', 'lowercase') },
  ]);
  assert.deepEqual(
    detect({ query: 'a=AbC' }).map((line) => line.split(' query')[0]),
    ['raw', 'low', 'low again', 'trimmed', 'other order'],
  );
  assert.deepEqual(
    detect({ query: 'a=%20aBC' }).map((line) => line.split(' query')[0]),
    ['trimmed', 'other order'],
  );
});

test('what an operator asks', (context) => {
  const cases: readonly (readonly [asks: Operator, yes: readonly string[], no: readonly string[]])[] = [
    [{ kind: 'rx', pattern: '(?i)^a+$' }, ['a', 'AA'], ['', 'ab']],
    [{ kind: 'phrases', phrases: ['Evil', 'über all'] }, ['an EVIL one', 'ÜBER ALL', 'devils'], ['evi l', 'uber']],
    [{ kind: 'phrases', phrases: ['a+b', '--'] }, ['xa+by', 'a--'], ['ab', '-']],
    [{ kind: 'sqli' }, ["1' or '1'='1"], ['hello world']],
    [{ kind: 'xss' }, ['<script>a()</script>'], ['1 < 2']],
    [{ kind: 'contains', text: 'B' }, ['aBc'], ['abc']],
    [{ kind: 'begins_with', text: 'ab' }, ['abc'], ['cab']],
    [{ kind: 'ends_with', text: 'bc' }, ['abc'], ['bca']],
    [{ kind: 'within', text: 'GET POST' }, ['GET', 'T P'], ['PUT']],
    [{ kind: 'contains_word', text: 'or' }, ['a or b', 'or', '(or)'], ['for', 'or1', '_or']],
    [{ kind: 'lt', number: '10' }, ['9', '-1', 'x'], ['10']],
    [{ kind: 'le', number: '10' }, ['10'], ['11']],
    [{ kind: 'gt', number: '10' }, ['11'], ['10', 'x']],
    [{ kind: 'ge', number: '10' }, ['10'], ['9']],
    [{ kind: 'eq', number: '0' }, ['0', 'x', '00'], ['1']],
    [
      { kind: 'ip_match', prefixes: ['192.0.2.0/24', '2001:db8::/32'] },
      ['192.0.2.7', '2001:db8::1'],
      ['192.0.3.1', 'x'],
    ],
    [{ kind: 'byte_outside', ranges: [[32, 126]] }, ['é', 'a\tb'], ['abc']],
    [{ kind: 'byte_outside', ranges: [[1, 255]] }, ['a\0b'], ['é']],
    [{ kind: 'bad_url_encoding' }, ['%zz', 'a%'], ['%41']],
    [{ kind: 'bad_utf8' }, ['%ff', '\ufffd'], ['%c3%a9', 'é']],
    [{ kind: 'always' }, ['', 'a'], []],
  ];
  for (const [asks, yes, no] of cases) {
    const detect = detectorOf(context, engine, [{ id: 'r', when: [{ in: 'request_headers:x', asks }] }]);
    for (const [texts, count] of [
      [yes, 1],
      [no, 0],
    ] as const)
      for (const text of texts) assert.equal(detect({ headers: { x: text } }).length, count, `${asks.kind} ${text}`);
  }
});

test('bytes are looked at where a pattern names them', (context) => {
  const detect = detectorOf(context, engine, [{ id: 'r', when: [{ in: 'request_headers:x', asks: '\\xc3\\xa9' }] }]);
  assert.equal(detect({ headers: { x: 'caf\u00e9' } }).length, 1);
  assert.equal(detect({ headers: { x: 'cafe' } }).length, 0);
});

test('what is remembered of texts from call to call makes no difference', (context) => {
  const rules = [
    { id: 'one', when: [{ in: 'args', asks: '^bad\\d+$' }] },
    { id: 'two', when: [{ in: 'request_headers:x', asks: '^bad\\d+$' }] },
  ] as const;
  const detect = detectorOf(context, engine, rules);
  for (let round = 0; round < 3; round += 1)
    for (let index = 0; index < 3000; index += 1) {
      const [word, bad] = index % 7 === 0 ? [`bad${index}`, true] : [`bat${index}`, false];
      assert.equal(detect({ query: `a=${word}` }).length, bad ? 1 : 0, word);
      if (index % 5 === 0) assert.equal(detect({ headers: { x: word } }).length, bad ? 1 : 0, word);
    }
});

test('one text at many places is found at each, and told where a chain has left it', (context) => {
  const detect = detectorOf(context, engine, [
    {
      id: 'all',
      when: [
        { in: ['args', 'request_headers:x', 'request_cookies'], asks: 'x' },
        { in: '&matched_vars', asks: { kind: 'eq', number: '3' } },
      ],
    },
  ]);
  assert.deepEqual(detect({ query: 'a=x', headers: { x: 'x', cookie: 'c=x' } }), ['all query.a x']);
  assert.deepEqual(detect({ query: 'a=x', headers: { x: 'x' } }), []);
});
