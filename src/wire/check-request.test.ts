import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Attributes } from '../core/attributes.ts';
import { fromCheckRequest } from './check-request.ts';
import type { Address } from './gen/envoy/config/core/v3/address.ts';
import type {
  AttributeContext_HttpRequest,
  AttributeContext_Peer,
} from './gen/envoy/service/auth/v3/attribute_context.ts';
import { CheckRequest } from './gen/envoy/service/auth/v3/external_auth.ts';

const blank: AttributeContext_HttpRequest = {
  id: '7',
  method: 'GET',
  headers: new Map(),
  headerMap: undefined,
  path: '/orders?x=1',
  host: 'api.example.com',
  scheme: 'https',
  query: '',
  fragment: '',
  size: -1n,
  protocol: 'HTTP/2',
  body: '',
  rawBody: Buffer.alloc(0),
};

const encoded = (http: Partial<AttributeContext_HttpRequest>, source?: AttributeContext_Peer): Uint8Array =>
  CheckRequest.encode({
    attributes: {
      source,
      destination: undefined,
      request: { time: undefined, http: { ...blank, ...http } },
      contextExtensions: new Map([['rule', 'orders']]),
      metadataContext: undefined,
      tlsSession: undefined,
      routeMetadataContext: undefined,
    },
  }).finish();

function attributesOf(bytes: Uint8Array): Attributes {
  const verdict = fromCheckRequest(bytes);
  assert.equal(verdict.kind, 'pass');
  return verdict.value;
}

const whyOf = (bytes: Uint8Array): unknown => {
  const verdict = fromCheckRequest(bytes);
  assert.equal(verdict.kind, 'reject');
  assert.equal(verdict.reason, 'call_undecodable');
  const { why } = verdict.detail;
  return why;
};

const listed = (
  ...headers: readonly (readonly [string, string | Buffer])[]
): Partial<AttributeContext_HttpRequest> => ({
  headerMap: {
    headers: headers.map(([key, value]) =>
      typeof value === 'string' ? { key, value, rawValue: Buffer.alloc(0) } : { key, value: '', rawValue: value },
    ),
  },
});

const peer = (address: Address['address']): AttributeContext_Peer => ({
  address: { address },
  service: '',
  labels: new Map(),
  principal: 'spiffe://x/y',
  certificate: '',
});

const socket = (portSpecifier: { $case: 'portValue'; value: number } | { $case: 'namedPort'; value: string }) =>
  peer({
    $case: 'socketAddress',
    value: {
      protocol: 0,
      address: '192.0.2.1',
      portSpecifier,
      resolverName: '',
      ipv4Compat: false,
      networkNamespaceFilepath: '',
    },
  });

test('the fields of the request arrive untouched', () => {
  const attributes = attributesOf(encoded({ headers: new Map([['x-request-id', 'abc']]) }));
  assert.equal(attributes.method, 'GET');
  assert.equal(attributes.path, '/orders?x=1');
  assert.equal(attributes.host, 'api.example.com');
  assert.equal(attributes.scheme, 'https');
  assert.equal(attributes.protocol, 'HTTP/2');
  assert.equal(attributes.requestId, 'abc');
  assert.deepEqual([...attributes.contextExtensions], [['rule', 'orders']]);
});

test('a peer is its socket address; a unix socket and no peer have none', () => {
  const principal = 'spiffe://x/y';
  const sourceOf = (source?: AttributeContext_Peer): Attributes['source'] => attributesOf(encoded({}, source)).source;
  assert.deepEqual(sourceOf(socket({ $case: 'portValue', value: 4711 })), {
    address: '192.0.2.1',
    port: 4711,
    principal,
    certificate: '',
  });
  assert.equal(sourceOf(socket({ $case: 'namedPort', value: 'http' })).port, 0);
  assert.deepEqual(sourceOf(peer({ $case: 'pipe', value: { path: '/s', mode: 0 } })), {
    address: '',
    port: 0,
    principal,
    certificate: '',
  });
  assert.deepEqual(sourceOf(), { address: '', port: 0, principal: '', certificate: '' });
});

test('header_map keeps duplicates apart and in order, and wins over headers', () => {
  const { headers } = attributesOf(
    encoded({
      headers: new Map([['x-role', 'joined']]),
      ...listed(['x-role', 'user'], ['a', '1'], ['X-Role', 'admin']),
    }),
  );
  assert.deepEqual(
    [...headers],
    [
      ['x-role', ['user', 'admin']],
      ['a', ['1']],
    ],
  );
});

test('headers that differ in case alone are one header with two values', () => {
  const { headers } = attributesOf(
    encoded({
      headers: new Map([
        ['X-A', '1'],
        ['x-a', '2'],
      ]),
    }),
  );
  assert.deepEqual([...headers], [['x-a', ['1', '2']]]);
});

test('only ASCII letters are folded', () => {
  const { headers } = attributesOf(encoded({ headers: new Map([['X-\u212aey', '1']]) }));
  assert.deepEqual([...headers.keys()], ['x-\u212aey']);
});

test('a header named like a member of Object is a header', () => {
  for (const name of ['__proto__', 'constructor', 'tostring']) {
    assert.deepEqual(attributesOf(encoded({ headers: new Map([[name, '1']]) })).headers.get(name), ['1']);
  }
});

test('raw bytes that are not UTF-8 become U+FFFD, a leading U+FEFF stays', () => {
  const { headers } = attributesOf(encoded(listed(['a', Buffer.from([0x61, 0xff])], ['b', Buffer.from('\ufeffb')])));
  assert.deepEqual(headers.get('a'), ['a\ufffd']);
  assert.deepEqual(headers.get('b'), ['\ufeffb']);
  assert.equal(attributesOf(encoded({ path: '\ufeff/admin' })).path, '\ufeff/admin');
});

test('text that is not UTF-8 on the wire is decoded all the same', () => {
  const bytes = encoded({ headers: new Map([['a', 'zzz']]) });
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).fill(
    0xff,
    bytes.lastIndexOf(0x7a),
    bytes.lastIndexOf(0x7a) + 1,
  );
  assert.deepEqual(attributesOf(bytes).headers.get('a'), ['zz\ufffd']);
});

test('pseudo headers that agree are dropped', () => {
  const pseudo: [string, string][] = [
    [':method', 'GET'],
    [':path', '/orders?x=1'],
    [':authority', 'api.example.com'],
    [':scheme', 'http'],
  ];
  assert.equal(attributesOf(encoded({ headers: new Map(pseudo) })).headers.size, 0);
  assert.equal(attributesOf(encoded(listed(...pseudo))).headers.size, 0);
});

test('a pseudo header that contradicts the request is refused', () => {
  for (const [name, value] of [
    [':method', 'POST'],
    [':path', '/admin'],
    [':Path', '/admin'],
    [':authority', 'evil.example'],
  ] as const) {
    assert.equal(whyOf(encoded({ headers: new Map([[name, value]]) })), 'pseudo_header_contradicts');
    assert.equal(whyOf(encoded(listed([':path', '/orders?x=1'], [name, value]))), 'pseudo_header_contradicts');
  }
});

test('the body comes from either field, and an empty one is none', () => {
  assert.equal(attributesOf(encoded({})).body, undefined);
  assert.deepEqual(attributesOf(encoded({ body: 'ä' })).body, Buffer.from('ä'));
  assert.deepEqual(attributesOf(encoded({ rawBody: Buffer.from([0xff, 0]) })).body, Buffer.from([0xff, 0]));
  assert.equal(attributesOf(encoded({ body: 'ä' })).bodyIsText, true);
  assert.equal(attributesOf(encoded({ rawBody: Buffer.from('ä') })).bodyIsText, undefined);
});

test('a call without an HTTP request is refused', () => {
  assert.equal(whyOf(new Uint8Array()), 'no_http_request');
});

test('no bytes make it throw, and what cannot be decoded is refused', () => {
  assert.equal(whyOf(Uint8Array.of(0xff)), 'not_protobuf');
  const whole = encoded({ headers: new Map([['a', 'b']]), body: 'body' }, socket({ $case: 'portValue', value: 1 }));
  const garbage = fc.uint8Array({ maxLength: 200 });
  const truncated = fc.nat(whole.length - 1).map((length) => whole.subarray(0, length));
  const flipped = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => whole.with(at, byte));
  fc.assert(
    fc.property(fc.oneof(garbage, truncated, flipped), (bytes) => {
      const { kind } = fromCheckRequest(bytes);
      return kind === 'pass' || kind === 'reject';
    }),
    { numRuns: 1000 },
  );
});

test('groups nested without end are refused', () => {
  assert.equal(whyOf(new Uint8Array(1_000_000).fill(0x0b)), 'not_protobuf');
});
