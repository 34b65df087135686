import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromAccessLogMessage } from '../../src/wire/access-log-message.ts';
import { methodOf } from '../support/official-client.ts';
import { official } from '../support/transport.ts';

const method = methodOf(official, 'envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs');
const bytesOf = (message: object): Buffer => method.requestSerialize(message);
const read = (...entries: readonly object[]) => fromAccessLogMessage(bytesOf({ http_logs: { log_entry: entries } }));

const socket = (address: string, port: number) => ({ socket_address: { address, port_value: port } });
const span = (ms: number) => ({ seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 });
const said = (fields: Readonly<Record<string, string>>) => ({
  fields: Object.entries(fields).map(([key, value]) => ({ key, value: { string_value: value } })),
});

const whole = {
  common_properties: {
    downstream_remote_address: socket('203.0.113.7', 51_544),
    downstream_direct_remote_address: socket('10.0.0.7', 1),
    upstream_remote_address: socket('2001:db8::1', 8080),
    start_time: span(1_700_000_000_123),
    time_to_last_rx_byte: span(1),
    time_to_first_upstream_tx_byte: span(2),
    time_to_first_upstream_rx_byte: span(1500),
    time_to_last_upstream_rx_byte: span(1600),
    time_to_last_downstream_tx_byte: span(1700),
    duration: span(1701),
    upstream_cluster: 'api',
    route_name: 'orders',
    upstream_transport_failure_reason: 'TLS_error',
    upstream_request_attempt_count: 2,
    response_flags: {
      upstream_remote_reset: true,
      unauthorized_details: { reason: 'EXTERNAL_SERVICE' },
      overload_manager: false,
    },
    metadata: {
      filter_metadata: [
        { key: 'another', value: said({ rule: 'not this' }) },
        {
          key: 'envoy.filters.http.ext_authz',
          value: said({ decision_id: 'd', reason: 'ok', rule: 'r', principal_id: 'a', principal_source: 's' }),
        },
      ],
    },
    custom_tags: [{ key: 'trace_id', value: '0af7651916cd43dd8448eb211c80319c' }],
    downstream_wire_bytes_sent: 4_294_967_297,
    downstream_wire_bytes_received: 300,
    access_log_type: 'DownstreamEnd',
  },
  protocol_version: 'HTTP2',
  request: {
    request_method: 'PATCH',
    scheme: 'https',
    authority: 'api.example.com',
    path: '/changed',
    original_path: '/orders/1?token=secret',
    user_agent: 'zoë/1',
    request_id: 'b3b2',
    request_body_bytes: 12,
    referer: 'nobody asks',
    request_headers: [{ key: 'authorization', value: 'secret' }],
  },
  response: { response_code: { value: 502 }, response_body_bytes: 40, response_code_details: 'upstream_reset' },
};

test('an entry that Envoy’s own code has written is read', () => {
  assert.deepEqual(read(whole), [
    {
      startMs: 1_700_000_000_123,
      milestones: {
        requestRead: 1,
        upstreamAsked: 2,
        upstreamAnswered: 1500,
        upstreamDone: 1600,
        responseSent: 1700,
        end: 1701,
      },
      client: { address: '203.0.113.7', peer: '10.0.0.7', userAgent: 'zoë/1' },
      request: {
        id: 'b3b2',
        method: 'PATCH',
        scheme: 'https',
        host: 'api.example.com',
        path: '/orders/1',
        protocol: 'HTTP/2',
        bodyBytes: 12,
        wireBytes: 300,
      },
      response: {
        status: 502,
        flags: ['UR', 'UAEX'],
        details: 'upstream_reset',
        bodyBytes: 40,
        wireBytes: 4_294_967_297,
      },
      upstream: {
        route: 'orders',
        cluster: 'api',
        address: '[2001:db8::1]:8080',
        attempts: 2,
        tlsFailure: 'TLS_error',
      },
      vouched: { decisionId: 'd', reason: 'ok', rule: 'r', principalId: 'a', principalSource: 's' },
      traceId: '0af7651916cd43dd8448eb211c80319c',
    },
  ]);
});

test('an entry that says nothing is an entry of nothing', () => {
  const [entry] = read({}) ?? [];
  assert.equal(entry?.response.status, undefined);
  assert.equal(entry?.vouched, undefined);
  assert.equal(entry?.request.path, '');
});

test('entries of requests that go on, and those of TCP, are left out', () => {
  for (const common_properties of [
    { intermediate_log_entry: true },
    { access_log_type: 'DownstreamPeriodic' },
    { access_log_type: 'UpstreamEnd' },
  ]) {
    assert.deepEqual(read({ common_properties }, {})?.length, 1);
  }
  assert.deepEqual(fromAccessLogMessage(bytesOf({ tcp_logs: { log_entry: [{}] } })), []);
  assert.deepEqual(fromAccessLogMessage(bytesOf({ identifier: { log_name: 'x' } })), []);
});

test('nothing of a query is read, however its beginning is written', () => {
  for (const path of ['/a?b=c', '/a#b', '/a%3fb=c', '/a%253Fb', '/a%23b']) {
    assert.equal(read({ request: { path } })?.[0]?.request.path, '/a');
  }
});

test('every flag of Envoy has its letters', () => {
  const flags = read({ common_properties: { response_flags: everyFlag() } })?.[0]?.response.flags ?? [];
  assert.equal(new Set(flags).size, Object.keys(everyFlag()).length);
});

function everyFlag(): Readonly<Record<string, boolean | object>> {
  const type = official['envoy.data.accesslog.v3.ResponseFlags'];
  assert.ok(type !== undefined && 'type' in type);
  const fields = (type.type as { readonly field: readonly { readonly name: string }[] }).field; // a DescriptorProto
  return Object.fromEntries(fields.map(({ name }) => [name, name === 'unauthorized_details' ? {} : true]));
}

test('what is no protobuf is told from it and never throws', () => {
  const bytes = bytesOf({ http_logs: { log_entry: [whole, whole] } });
  for (let length = 1; length < bytes.length; length += 1) fromAccessLogMessage(bytes.subarray(0, length));
  assert.equal(fromAccessLogMessage(bytes.subarray(0, bytes.length - 1)), undefined);
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .tuple(fc.nat(bytes.length - 1), fc.nat(255))
      .map(([at, byte]) => Uint8Array.from(bytes, (own, index) => (index === at ? byte : own))),
  );
  fc.assert(
    fc.property(noise, (broken) => {
      const entries = fromAccessLogMessage(broken);
      assert.ok(entries === undefined || Array.isArray(entries));
    }),
    { numRuns: 2000 },
  );
});
