import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldedName, isHeaderName, isToken, proxyHeaders } from './header-name.ts';

test('a token has no blank, no control character and no delimiter', () => {
  for (const text of ['GET', 'x-api-key', 'X_User', "!#$%&'*+.^`|~9"]) assert.equal(isToken(text), true, text);
  for (const text of ['', 'a b', 'a:', ':path', 'a\n', 'ü', 'a"b', 'a/b', 'a,b', '(a)'])
    assert.equal(isToken(text), false, text);
});

test('the name of a header is a token in lower case', () => {
  for (const text of ['x-user', 'x_user', '0']) assert.equal(isHeaderName(text), true, text);
  for (const text of ['X-User', 'x-useR', '', 'x user', ':path', 'ſ']) assert.equal(isHeaderName(text), false, text);
});

test('every spelling of a name folds to one, and folding once is enough', () => {
  for (const name of ['x-user', 'X-USER', 'x_user', 'X_uSeR', 'x.user', 'x!user'])
    assert.equal(foldedName(name), 'x-user');
  for (const name of proxyHeaders) assert.equal(foldedName(name), name);
});
