import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCookieJar } from '../../../test/support/cookie-jar.ts';
import { clearCookie, hasCookie, readCookie, writeCookie } from './cookies.ts';

const name = '__Host-s';
const headersOf = (cookie: string | undefined) => new Map(cookie === undefined ? [] : [['cookie', [cookie]]]);
const nothing = headersOf(undefined);

function written(text: string, cookie?: string): readonly string[] {
  const lines = writeCookie(name, text, 'Lax', headersOf(cookie));
  assert.ok(lines !== undefined);
  return lines.map(({ value }) => value);
}

test('a text comes back through a browser, in as many cookies as it takes', () => {
  for (const length of [0, 1, 3797, 3798, 3799, 7598, 7599, 18_998]) {
    const text = 'x'.repeat(length);
    const jar = openCookieJar();
    const lines = written(text);
    jar.take(lines);
    assert.deepEqual(readCookie(headersOf(jar.header()), name), { kind: 'text', text });
    assert.equal(lines.length, Math.ceil((length + 2) / 3800));
    for (const line of lines) {
      assert.match(line, /^__Host-s(\.[1-4])?=[^;]*; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
      assert.ok((line.split(';')[0] ?? '').length <= 4096);
    }
  }
  assert.equal(writeCookie(name, 'x'.repeat(18_999), 'Lax', nothing), undefined);
});

test('each line is a header of its own', () => {
  assert.ok(writeCookie(name, 'x', 'Strict', nothing)?.every(({ append }) => append === true));
  assert.match(writeCookie(name, 'x', 'Strict', nothing)?.[0]?.value ?? '', /; SameSite=Strict$/);
});

test('parts that are no longer needed are taken away, and no cookie of another name is touched', () => {
  const cookie = `${name}=3.a; ${name}.1=b; ${name}.2=c; ${name}.login.x=1; ${name}2=1; other=1; ${name}.x=1`;
  assert.deepEqual(
    written('x', cookie).filter((line) => line.includes('Max-Age=0')),
    [`${name}.1`, `${name}.2`].map((one) => `${one}=; Path=/; Secure; HttpOnly; Max-Age=0; SameSite=Lax`),
  );
  const cleared = clearCookie(name, headersOf(cookie)).map(({ value }) => value.split('=')[0]);
  assert.deepEqual(cleared, [name, `${name}.1`, `${name}.2`]);
});

const presented: Readonly<Record<string, readonly [cookie: string | undefined, kind: string]>> = {
  'no cookie at all': [undefined, 'absent'],
  'other cookies': ['a=b; __Host-sx=1; x__Host-s=1; __host-s=1.a', 'absent'],
  'the name in a value': ['a=__Host-s', 'absent'],
  'a login that is under way': ['__Host-s.login.abc=1', 'absent'],
  'one part': ['__Host-s=1.abc', 'text'],
  'two parts': ['__Host-s=2.abc; __Host-s.1=def', 'text'],
  'two parts, the other way': ['__Host-s.1=def; __Host-s=2.abc', 'text'],
  'parts beyond the count': ['__Host-s=1.abc; __Host-s.1=def', 'text'],
  'no count': ['__Host-s=abc', 'malformed'],
  'an empty value': ['__Host-s=', 'malformed'],
  'a count of zero': ['__Host-s=0.abc', 'malformed'],
  'a count beyond the bound': [
    '__Host-s=6.a; __Host-s.1=b; __Host-s.2=c; __Host-s.3=d; __Host-s.4=e; __Host-s.5=f',
    'malformed',
  ],
  'a missing part': ['__Host-s=2.abc', 'malformed'],
  'the first part missing': ['__Host-s.1=def', 'malformed'],
  'a part twice': ['__Host-s=2.abc; __Host-s.1=d; __Host-s.1=d', 'malformed'],
  'the first part twice': ['__Host-s=1.abc; __Host-s=1.abc', 'malformed'],
};
for (const [title, [cookie, kind]] of Object.entries(presented)) {
  test(`${title}: ${kind}`, () => {
    const headers = headersOf(cookie);
    assert.equal(readCookie(headers, name).kind, kind);
    assert.equal(hasCookie(headers, name), kind !== 'absent');
  });
}

test('several Cookie headers are one', () => {
  const headers = new Map([['cookie', ['a=b; __Host-s=2.abc', '__Host-s.1=def']]]);
  assert.deepEqual(readCookie(headers, name), { kind: 'text', text: 'abcdef' });
});
