import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cookiesOf, withoutCookies } from './cookie.ts';

const withCookies = (...lines: readonly string[]) => new Map([['cookie', lines]]);

test('cookies are found by name, in one header or several, however they are spaced', () => {
  const cookies = cookiesOf(withCookies('a=1; sid=x y ;b=2', ' sid = "q" ;; c', 'SID=other; =d'));
  assert.deepEqual(
    [...cookies],
    [
      ['a', ['1']],
      ['sid', ['x y', '"q"']],
      ['b', ['2']],
      ['SID', ['other']],
    ],
  );
  assert.deepEqual(cookiesOf(withCookies('a=b=c')).get('a'), ['b=c']);
  assert.equal(cookiesOf(new Map()).size, 0);
});

test('the cookies of a request are read once, however many look for theirs', () => {
  let asked = 0;
  const line = new Proxy(['a=1; b=2'], {
    get: (lines, name, self) => {
      asked += name === '0' ? 1 : 0;
      return Reflect.get(lines, name, self);
    },
  });
  const headers = new Map([['cookie', line]]);
  for (const name of ['a', 'b', 'c']) cookiesOf(headers).get(name);
  assert.equal(asked, 1);
});

test('what is taken out is gone from every header, and the rest stays as it was', () => {
  assert.equal(
    withoutCookies(withCookies('a=1; sid=x;b="2"', 'sid=y; c'), (name) => name === 'sid'),
    'a=1; b="2"; c',
  );
  assert.equal(
    withoutCookies(withCookies('sid=x; sid=y'), () => true),
    '',
  );
  assert.equal(
    withoutCookies(new Map(), () => true),
    '',
  );
});

test('no cookie of a name is left, whatever else is sent', () => {
  const part = fc.oneof(fc.string(), fc.constantFrom('sid=secret', ' sid =secret', 'sid=', '=sid', 'sid'));
  fc.assert(
    fc.property(fc.array(fc.array(part).map((parts) => parts.join(';'))), (lines) => {
      const left = withoutCookies(withCookies(...lines), (name) => name === 'sid');
      const others = [...cookiesOf(withCookies(...lines))].filter(([name]) => name !== 'sid');
      assert.deepEqual([...cookiesOf(withCookies(left))], others);
    }),
  );
});

test('a cookie that cannot be sent on goes, and does not stop the others', () => {
  const headers = new Map([['cookie', ['sid=x; planted=a\tb; other=a\u2028b; theme=dark']]]);
  assert.equal(
    withoutCookies(headers, (name) => name === 'sid'),
    'theme=dark',
  );
});
