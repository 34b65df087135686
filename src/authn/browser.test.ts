import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNavigation, isOwnNavigation, isSameOrigin, isUnsafe } from './browser.ts';

const asked = (method: string, headers: Readonly<Record<string, string | readonly string[]>>) => ({
  method,
  headers: new Map(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? [value] : value])),
});
const navigate = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

const navigations: readonly (readonly [title: string, ReturnType<typeof asked>, boolean])[] = [
  ['a navigation', asked('GET', navigate), true],
  ['a HEAD of one', asked('HEAD', navigate), true],
  ['a form', asked('POST', navigate), false],
  ['a fetch', asked('GET', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: 'text/html' }), false],
  ['an image', asked('GET', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }), false],
  ['a frame', asked('GET', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }), false],
  ['a page that is fetched ahead', asked('GET', { ...navigate, 'sec-purpose': 'prefetch;prerender' }), false],
  ['a page that is fetched ahead, by the old name', asked('GET', { ...navigate, purpose: 'prefetch' }), false],
  ['two modes', asked('GET', { ...navigate, 'sec-fetch-mode': ['navigate', 'cors'] }), false],
  ['a mode alone', asked('GET', { 'sec-fetch-mode': 'navigate' }), true],
  ['a destination alone', asked('GET', { 'sec-fetch-dest': 'script', accept: 'text/html' }), false],
  ['an old browser', asked('GET', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }), true],
  ['an old browser, later in the list', asked('GET', { accept: 'application/xml, text/html;q=0.9' }), true],
  ['a HEAD of an old browser', asked('HEAD', { accept: 'text/html' }), false],
  ['an old script', asked('GET', { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' }), false],
  ['a program', asked('GET', { accept: '*/*' }), false],
  ['a program that wants something else', asked('GET', { accept: 'text/html+x, application/json' }), false],
  ['nothing said', asked('GET', {}), false],
];
for (const [title, request, wanted] of navigations) {
  test(`${title} is ${wanted ? 'a' : 'no'} navigation`, () => assert.equal(isNavigation(request), wanted));
}

test('what may change something is told by the method, and by the start of a WebSocket', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE']) assert.equal(isUnsafe(asked(method, {})), false);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'PROPFIND', 'get', '']) {
    assert.equal(isUnsafe(asked(method, {})), true);
  }
  assert.equal(isUnsafe(asked('GET', { upgrade: 'websocket' })), true);
  assert.equal(isUnsafe(asked('GET', { 'sec-websocket-key': 'x' })), true);
});

const origin = 'https://app.example.com';
const origins: readonly (readonly [Readonly<Record<string, string | readonly string[]>>, boolean])[] = [
  [{}, false],
  [{ 'sec-fetch-site': 'same-origin' }, true],
  [{ 'sec-fetch-site': 'same-origin', origin: 'null' }, true],
  [{ 'sec-fetch-site': 'same-site' }, false],
  [{ 'sec-fetch-site': 'cross-site' }, false],
  [{ 'sec-fetch-site': 'none' }, false],
  [{ 'sec-fetch-site': ['same-origin', 'cross-site'] }, false],
  [{ 'sec-fetch-site': 'same-origin, cross-site' }, false],
  [{ 'sec-fetch-site': 'same-origin', origin }, true],
  [{ 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, false],
  [{ 'sec-fetch-site': 'cross-site', origin }, false],
  [{ origin }, true],
  [{ origin: 'https://APP.example.com' }, false],
  [{ origin: 'http://app.example.com' }, false],
  [{ origin: 'https://app.example.com:444' }, false],
  [{ origin: 'https://app.example.com.evil.example' }, false],
  [{ origin: 'https://evil.example' }, false],
  [{ origin: 'null' }, false],
  [{ origin: [origin, 'https://evil.example'] }, false],
  [{ origin: `${origin},${origin}` }, false],
  [{ referer: `${origin}/x` }, false],
];
for (const [headers, wanted] of origins) {
  test(`${JSON.stringify(headers)} is ${wanted ? 'the same' : 'no known'} origin`, () =>
    assert.equal(isSameOrigin(asked('POST', headers), origin), wanted));
}

test('a person comes by a link of the origin or by the address bar', () => {
  for (const [site, wanted] of [
    ['same-origin', true],
    ['none', true],
    ['same-site', false],
    ['cross-site', false],
  ] as const) {
    assert.equal(isOwnNavigation(asked('GET', { ...navigate, 'sec-fetch-site': site })), wanted);
  }
  assert.equal(isOwnNavigation(asked('GET', navigate)), false);
  assert.equal(isOwnNavigation(asked('GET', { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'image' })), false);
});
