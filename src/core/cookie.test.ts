import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cookieNames, cookieValues, withoutCookies } from './cookie.ts';

test('cookies are found by name, in one header or several, however they are spaced', () => {
  const headers = ['a=1; sid=x y ;b=2', ' sid = "q" ;; c', 'SID=other'];
  assert.deepEqual(cookieNames(headers), ['a', 'sid', 'b', 'sid', 'SID']);
  assert.deepEqual(cookieValues(headers, 'sid'), ['x y', '"q"']);
  assert.deepEqual(cookieValues(headers, 'SID'), ['other']);
  assert.deepEqual(cookieValues(headers, 'c'), []);
  assert.deepEqual(cookieValues(['a=b=c'], 'a'), ['b=c']);
  assert.deepEqual(cookieValues([], 'a'), []);
});

test('what is taken out is gone from every header, and the rest stays as it was', () => {
  const headers = ['a=1; sid=x;b="2"', 'sid=y; c'];
  assert.equal(
    withoutCookies(headers, (name) => name === 'sid'),
    'a=1; b="2"; c',
  );
  assert.equal(
    withoutCookies(['sid=x; sid=y'], () => true),
    '',
  );
});

test('no cookie of a name is left, whatever else is sent', () => {
  const part = fc.oneof(fc.string(), fc.constantFrom('sid=secret', ' sid =secret', 'sid=', '=sid', 'sid'));
  fc.assert(
    fc.property(fc.array(fc.array(part).map((parts) => parts.join(';'))), (headers) => {
      const left = withoutCookies(headers, (name) => name === 'sid');
      assert.deepEqual(cookieValues([left], 'sid'), []);
      const others = (all: readonly string[]) => cookieNames(all).filter((name) => name !== 'sid');
      assert.deepEqual(others([left]), others(headers));
    }),
  );
});
