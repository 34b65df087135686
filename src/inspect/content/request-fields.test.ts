import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRequest, type Headers } from '../../../test/support/requests.ts';
import { requestFields } from './index.ts';

const written = (headers: Headers): readonly string[] =>
  requestFields(aRequest({ headers, segments: [] })).map(({ in: where, role, name, text }) =>
    [where, role, name, text].join(' '),
  );

test('cookies are pairs; one without a name has a value all the same', () => {
  assert.deepEqual(written({ cookie: 'a=1; b = "2" ;c; ; =d' }), [
    'cookie name a a',
    'cookie value a 1',
    'cookie name b b',
    'cookie value b "2"',
    'cookie value  c',
    'cookie name  ',
    'cookie value  d',
  ]);
});

test('a cookie whose quotes hold a semicolon is read both ways', () => {
  assert.deepEqual(
    written({ cookie: 'a="x;y"; b="p\\";q"' }).filter((line) => line.includes(' value ')),
    [
      'cookie value a "x',
      'cookie value  y"',
      'cookie value b "p\\"',
      'cookie value  q"',
      'cookie value a "x;y"',
      'cookie value b "p\\";q"',
    ],
  );
  assert.ok(written({ cookie: 'a="x; b=1' }).includes('cookie value a "x; b=1'), 'a quote that never ends');
});

test('a long row of quotes is read in no time to speak of', () => {
  for (const text of ['"'.repeat(50_000), '"\\'.repeat(25_000), '";'.repeat(25_000)])
    assert.ok(written({ cookie: `a=${text}` }).length > 0);
});

test('the user and the password of Basic credentials are texts of their own', () => {
  const basic = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
  assert.deepEqual(written({ authorization: `Basic ${basic("a' or 1=1--:b:c")}` }).slice(1), [
    "header value authorization#user a' or 1=1--",
    'header value authorization#password b:c',
  ]);
  assert.deepEqual(written({ 'proxy-authorization': `bAsIc  ${basic('a')}` }).slice(1), [
    'header value proxy-authorization#user a',
    'header value proxy-authorization#password ',
  ]);
  assert.ok(
    written({ authorization: `Basic ${basic(Uint8Array.of(0xe9, 0x3a))}` }).includes(
      'header value authorization#user é',
    ),
  );
  for (const value of ['Bearer abc', 'Basic', 'Basic a b', 'Basic !'])
    assert.deepEqual(written({ authorization: value }), [`header value authorization ${value}`]);
});
