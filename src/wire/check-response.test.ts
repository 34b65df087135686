import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Allow, Decision, Deny } from '../core/decision.ts';
import { reasonCodes, reasons } from '../core/reason.ts';
import { allowProblem, toCheckResponse } from './check-response.ts';
import {
  CheckResponse,
  type DeniedHttpResponse,
  type OkHttpResponse,
} from './gen/envoy/service/auth/v3/external_auth.ts';

const allow = (fields: Partial<Allow> = {}): Allow => ({
  effect: 'allow',
  id: 'd1',
  rule: 'orders',
  set: [],
  remove: [],
  removeQuery: [],
  response: [],
  metadata: {},
  ...fields,
});

const deny = (fields: Partial<Deny> = {}): Deny => ({
  effect: 'deny',
  id: 'd1',
  rule: undefined,
  reason: 'no_rule',
  status: 403,
  headers: [],
  body: '{}',
  metadata: {},
  ...fields,
});

const sent = (decision: Decision): CheckResponse => CheckResponse.decode(toCheckResponse(decision));

function okOf(message: CheckResponse): OkHttpResponse {
  assert.equal(message.status?.code, 0);
  assert.equal(message.httpResponse?.$case, 'okResponse');
  return message.httpResponse.value;
}

function deniedOf(message: CheckResponse): DeniedHttpResponse {
  assert.ok(message.status !== undefined && message.status.code > 0);
  assert.equal(message.httpResponse?.$case, 'deniedResponse');
  return message.httpResponse.value;
}

test('an allow sets by overwriting, removes, and tells the client and later filters', () => {
  const message = sent(
    allow({
      set: [{ name: 'x-user', value: 'ålice' }],
      remove: ['authorization'],
      removeQuery: ['api%5Fkey'],
      response: [{ name: 'ratelimit', value: '"a";r=1' }],
      metadata: { rule: 'orders', hits: 2, shadow: false },
    }),
  );
  const ok = okOf(message);
  assert.deepEqual(
    ok.headers.map(({ header, appendAction }) => [header?.key, header?.value, appendAction]),
    [['x-user', 'ålice', 2]],
  );
  assert.deepEqual(
    ok.responseHeadersToAdd.map(({ header, appendAction }) => [header?.key, header?.value, appendAction]),
    [['ratelimit', '"a";r=1', 2]],
  );
  assert.deepEqual(ok.headersToRemove, ['authorization']);
  assert.deepEqual(ok.queryParametersToRemove, ['api%5Fkey']);
  assert.deepEqual(message.dynamicMetadata, { rule: 'orders', hits: 2, shadow: false });
});

test('a header that may stand more than once is added beside what stands there', () => {
  const headers = [
    { name: 'set-cookie', value: 'a=1', append: true },
    { name: 'set-cookie', value: 'b=2', append: true },
  ] as const;
  const sentHeaders = (options: OkHttpResponse['responseHeadersToAdd']) =>
    options.map(({ header, appendAction }) => [header?.key, header?.value, appendAction]);
  const added = [
    ['set-cookie', 'a=1', 0],
    ['set-cookie', 'b=2', 0],
  ];
  assert.deepEqual(sentHeaders(okOf(sent(allow({ response: headers }))).responseHeadersToAdd), added);
  assert.deepEqual(sentHeaders(deniedOf(sent(deny({ status: 302, headers }))).headers), added);
});

test('what is set is never removed', () => {
  const ok = okOf(sent(allow({ set: [{ name: 'authorization', value: 'x' }], remove: ['authorization', 'cookie'] })));
  assert.deepEqual(ok.headersToRemove, ['cookie']);
});

test('a denial carries status, headers, body and metadata', () => {
  const message = sent(
    deny({
      status: 401,
      headers: [{ name: 'www-authenticate', value: 'Bearer' }],
      body: '{"a":1}',
      metadata: { reason: 'credential_missing' },
    }),
  );
  const denied = deniedOf(message);
  assert.equal(message.status?.code, 16);
  assert.equal(denied.status?.code, 401);
  assert.equal(denied.body, '{"a":1}');
  assert.deepEqual(
    denied.headers.map(({ header, appendAction }) => [header?.key, header?.value, appendAction]),
    [['www-authenticate', 'Bearer', 2]],
  );
  assert.deepEqual(message.dynamicMetadata, { reason: 'credential_missing' });
});

test('every reason has a status that Envoy knows and a code that denies', () => {
  for (const reason of reasonCodes) {
    const { status } = reasons[reason];
    const message = sent(deny({ reason, status }));
    assert.equal(deniedOf(message).status?.code, status, reason);
  }
});

test('a status that no denial can have becomes 503', () => {
  for (const status of [0, -1, 200, 307, 499, 1000, Number.NaN]) {
    assert.equal(deniedOf(sent(deny({ status }))).status?.code, 503);
  }
});

const unsound: readonly [string, Partial<Allow>][] = [
  ['header_name', { set: [{ name: ':path', value: '/admin' }] }],
  ['header_name', { set: [{ name: '', value: 'x' }] }],
  ['header_name', { set: [{ name: 'X-User', value: 'x' }] }],
  ['header_name', { set: [{ name: 'x user', value: 'x' }] }],
  ['header_name', { remove: ['x-a', ':authority'] }],
  ['header_untouchable', { remove: ['host'] }],
  ['header_untouchable', { set: [{ name: 'host', value: 'x' }] }],
  ['header_untouchable', { set: [{ name: 'content-length', value: '0' }] }],
  ['header_untouchable', { response: [{ name: 'transfer-encoding', value: 'chunked' }] }],
  ['header_value', { set: [{ name: 'x-user', value: 'a\r\nb: c' }] }],
  ['header_value', { set: [{ name: 'x-user', value: 'a\0' }] }],
  ['header_value', { set: [{ name: 'x-user', value: 'a\u0085' }] }],
  ['header_value', { set: [{ name: 'x-user', value: ' alice' }] }],
  ['header_value', { response: [{ name: 'x-user', value: '\ud800' }] }],
  ['header_count', { set: Array.from({ length: 101 }, (_, n) => ({ name: `x-${n}`, value: '' })) }],
  ['header_bytes', { set: [{ name: 'x', value: 'é'.repeat(30 * 1024) }] }],
];

for (const [problem, fields] of unsound) {
  test(`an allow that Envoy could not carry out becomes a 503: ${problem} in ${Object.keys(fields).join()}`, () => {
    assert.equal(allowProblem(allow(fields)), problem);
    const message = sent(allow(fields));
    const denied = deniedOf(message);
    assert.equal(denied.status?.code, 503);
    assert.equal(JSON.parse(denied.body).decision_id, 'd1');
    assert.deepEqual(message.dynamicMetadata, { decision_id: 'd1', reason: 'internal_error' });
  });
}

test('an allow at the limits is carried out', () => {
  const hundred = Array.from({ length: 100 }, (_, n) => ({ name: `x-${n}`, value: 'v' }));
  assert.equal(okOf(sent(allow({ set: hundred, response: hundred }))).headers.length, 100);
  okOf(sent(allow({ set: [{ name: 'x', value: 'a'.repeat(60 * 1024 - 1) }] })));
});

test('a denial that breaks the limits loses headers and stays the same denial', () => {
  const flood = Array.from({ length: 150 }, (_, n) => ({ name: `x-${n}`, value: 'v' }));
  const headers = [
    { name: 'host', value: 'x' },
    { name: 'www-authenticate', value: 'Bearer' },
    { name: 'x-bad', value: 'a\nb' },
    { name: 'x-big', value: 'b'.repeat(61 * 1024) },
    ...flood,
  ];
  const denied = deniedOf(sent(deny({ status: 429, headers })));
  assert.equal(denied.status?.code, 429);
  assert.equal(denied.headers.length, 100);
  assert.deepEqual(
    denied.headers.slice(0, 2).map(({ header }) => header?.key),
    ['www-authenticate', 'x-0'],
  );
});

test('whatever is set, Envoy gets either exactly that or a denial', () => {
  // Mostly names that can be sent, for the others are denied before their values are looked at.
  const name = fc.oneof(
    { weight: 9, arbitrary: fc.string({ unit: fc.constantFrom(...'ab-_0'), minLength: 1, maxLength: 8 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  );
  const value = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
  const header = fc.record({ name, value }, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(header, { maxLength: 3 }), (set) => {
      const message = sent(allow({ set }));
      if (message.httpResponse?.$case === 'deniedResponse') return message.status?.code === 14;
      const headers = okOf(message).headers.map(({ header }) => ({ name: header?.key, value: header?.value }));
      assert.deepEqual(headers, set);
      return true;
    }),
  );
});
