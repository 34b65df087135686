import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noFeeds } from '../../test/support/feeds.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { type AttributesSketch, anAttributes } from '../../test/support/requests.ts';
import { type NormalRequest, singleHeader } from '../core/attributes.ts';
import { buildGuard, type GuardOptions, guardSchemas } from './index.ts';

const guard = (sketch: AttributesSketch, options: GuardOptions = {}) =>
  buildGuard(options, recordIssues().context, noFeeds).guard(anAttributes(sketch), () => {});

function normal(sketch: AttributesSketch, options: GuardOptions = {}): NormalRequest {
  const verdict = guard(sketch, options);
  assert.ok(verdict.kind === 'pass', JSON.stringify(verdict));
  return verdict.value;
}

function reasonOf(sketch: AttributesSketch, options: GuardOptions = {}): string {
  const verdict = guard(sketch, options);
  return verdict.kind === 'reject' ? verdict.reason : verdict.kind;
}

test('a request has one normal form', () => {
  const request = normal({
    method: 'PUT',
    scheme: 'htTps',
    host: 'FoO.Bar.:8080',
    path: '/%6frders/1?a=%2f&b=?',
    headers: { 'content-type': 'application/json' },
  });
  assert.deepEqual(
    { ...request, attributes: undefined },
    {
      attributes: undefined,
      method: 'PUT',
      scheme: 'https',
      host: 'foo.bar',
      path: '/orders/1',
      segments: ['orders', '1'],
      query: 'a=%2f&b=?',
      headers: new Map([['content-type', ['application/json']]]),
      clientAddress: '192.0.2.1',
    },
  );
  assert.equal(request.attributes.path, '/%6frders/1?a=%2f&b=?');
});

test('the query is split off before anything else', () => {
  assert.deepEqual(normal({ path: '/admin?x=1' }).segments, ['admin']);
  assert.equal(normal({ path: '/foo/critical?x=/bar' }).path, '/foo/critical');
  assert.equal(normal({ path: '/admin?.css' }).path, '/admin');
  assert.equal(normal({ path: '/a?' }).query, '');
  assert.equal(normal({ path: '/a?x=//../..;%2f' }).query, 'x=//../..;%2f');
  assert.equal(reasonOf({ path: '//x/people?a=1' }), 'path_ambiguous');
  assert.equal(reasonOf({ path: '?a=1' }), 'path_malformed');
  assert.equal(reasonOf({ path: '/a?b#c' }), 'query_malformed');
});

test('what has no path to decide on is refused without a crash', () => {
  assert.equal(reasonOf({ path: 'admin.Svc/Del' }), 'path_malformed');
  assert.equal(reasonOf({ method: 'OPTIONS', path: '*' }), 'path_malformed');
  assert.equal(reasonOf({ path: '' }), 'path_malformed');
  assert.equal(reasonOf({ method: 'CONNECT', path: '', host: 'api.example.com:443' }), 'method_malformed');
});

test('each part has its own reason', () => {
  assert.equal(reasonOf({ method: 'G T' }), 'method_malformed');
  assert.equal(reasonOf({ scheme: 'gopher' }), 'scheme_malformed');
  assert.equal(reasonOf({ host: '' }), 'host_malformed');
  assert.equal(reasonOf({ host: 'a,b;for=1.2.3.4' }), 'host_malformed');
  assert.equal(reasonOf({ headers: { 'x-any': '\ufffd' } }), 'header_malformed');
  assert.equal(reasonOf({ headers: { 'x-any': 'a\r\nx-role: admin' } }), 'header_malformed');
});

test('a header that stands twice keeps both values and has no single one', () => {
  const { headers } = normal({ headers: { 'x-role': ['user', 'admin'] } });
  assert.deepEqual(headers.get('x-role'), ['user', 'admin']);
  assert.equal(singleHeader(headers, 'x-role'), undefined);
});

test('headers that speak of path, method, scheme or health are not read', () => {
  const request = normal({
    scheme: 'http',
    path: '/admin',
    headers: {
      'x-envoy-original-path': '/public',
      'x-envoy-internal': 'true',
      'x-original-url': '/public',
      'x-forwarded-uri': '/public',
      'x-forwarded-proto': 'https',
      'x-forwarded-method': 'POST',
      'x-forwarded-host': 'evil.example',
      'x-http-method-override': 'POST',
      'user-agent': 'GoogleHC/1.0',
    },
  });
  assert.deepEqual(
    [request.method, request.scheme, request.host, request.path],
    ['GET', 'http', 'api.example.com', '/admin'],
  );
});

test('the address lists see the trusted address only', () => {
  const options: GuardOptions = {
    client_address: { from: 'x-forwarded-for', trusted_hops: 1 },
    addresses: { deny: ['203.0.113.0/24'] },
  };
  assert.equal(reasonOf({ headers: { 'x-forwarded-for': '203.0.113.9' } }, options), 'address_blocked');
  assert.equal(reasonOf({ headers: { 'x-forwarded-for': '203.0.113.9, 192.0.2.9' } }, options), 'pass');
  assert.equal(
    reasonOf({ peer: '203.0.113.9', headers: { 'x-forwarded-for': 'unknown' } }, options),
    'address_blocked',
  );
  assert.equal(reasonOf({ peer: '' }, options), 'address_blocked');
  assert.equal(reasonOf({ peer: '203.0.113.9', path: '//' }, options), 'path_ambiguous');
  assert.equal(normal({ peer: '' }).clientAddress, '');
});

test('issues stand below the keys of the config', () => {
  const { context, issues } = recordIssues();
  buildGuard({ client_address: { from: 'peer', trusted_hops: 2 }, addresses: { deny: ['x'] } }, context, noFeeds);
  assert.deepEqual(
    issues.map((issue) => issue.split(' ')[0]),
    ['client_address.trusted_hops', 'addresses.deny.0'],
  );
  assert.deepEqual(Object.keys(guardSchemas), ['client_address', 'addresses']);
});

test('any text in any place gets a verdict', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('__proto__', 'toString', '/', 'a', '%'),
  );
  const headers = fc.dictionary(text, fc.array(text, { maxLength: 2 }));
  fc.assert(
    fc.property(text, text, text, text, text, headers, (method, scheme, host, path, peer, some) => {
      const verdict = guard({ method, scheme, host, path: `/${path}`, peer, headers: some });
      assert.ok(verdict.kind === 'pass' || verdict.kind === 'reject');
    }),
  );
});
