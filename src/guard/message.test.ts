import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizeScheme, refuseHeaders, refuseMethod } from './message.ts';

test('a method is a token, and no tunnel', () => {
  for (const method of ['GET', 'PATCH', 'M-SEARCH', 'get']) assert.equal(refuseMethod(method), undefined, method);
  for (const method of ['', 'GET ', 'GE\nT', 'GÉT', 'GET/', 'CONNECT']) {
    assert.equal(refuseMethod(method)?.reason, 'method_malformed', JSON.stringify(method));
  }
});

test('the case of a scheme does not count', () => {
  assert.equal(normalizeScheme('htTps'), 'https');
  assert.equal(normalizeScheme('HTTP'), 'http');
});

test('a scheme that nobody states is the one that promises nothing', () => {
  assert.equal(normalizeScheme(''), 'http');
});

test('other schemes are refused', () => {
  for (const scheme of ['ftp', 'https ', 'ws', 'http:', '\u017fhttp', 'toString']) {
    const verdict = normalizeScheme(scheme);
    assert.equal(typeof verdict === 'string' ? verdict : verdict.reason, 'scheme_malformed', scheme);
  }
});

test('header values may hold text and tabs', () => {
  assert.equal(refuseHeaders(new Map([['x-note', ['a\tb', 'grüße', '', '\u{1f600}', ' !~']]])), undefined);
  assert.equal(refuseHeaders(new Map()), undefined);
});

test('header values with controls or broken UTF-8 are refused, and are not told', () => {
  for (const value of [
    '\0',
    'a\r\nset-cookie: b',
    'a\rb',
    'a\nb',
    '\u001b[0m',
    '\u007f',
    '\u0085',
    '\ufffd',
    'ok\ufffdok',
    'a\n',
  ]) {
    const refusal = refuseHeaders(new Map([['x-note', ['fine', value]]]));
    assert.equal(refusal?.reason, 'header_malformed', JSON.stringify(value));
    assert.equal(refusal.detail['header'], 'x-note');
    assert.ok(!JSON.stringify(refusal).includes('cookie'));
  }
});

test('header names are tokens in lower case', () => {
  for (const name of ['', 'X-User', 'x user', ':path', 'x:y', 'x\n', 'ünder', 'x"']) {
    assert.equal(refuseHeaders(new Map([[name, ['a']]]))?.reason, 'header_malformed', JSON.stringify(name));
  }
  for (const name of ['x_user', 'x-user', 'tostring', '__proto__', "!#$%&'*+.^_`|~"]) {
    assert.equal(refuseHeaders(new Map([[name, ['a']]])), undefined, name);
  }
});
