import { methodOf } from './official-client.ts';
import { official } from './transport.ts';

const method = methodOf(official, 'envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs');
const socket = (address: string, port: number) => ({ socket_address: { address, port_value: port } });
const span = (ms: number) => ({ seconds: Math.floor(ms / 1000), nanos: Math.round((ms % 1000) * 1e6) });
const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0').slice(-digits);

/** An HTTPAccessLogEntry with all that Envoy 1.39 tells of a request that was allowed and answered, number by number another one. */
function entryAt(number: number): object {
  const scattered = Math.imul(number + 1, 0x9e37_79b1) >>> 0;
  const id = `${hex(scattered, 8)}-7c1d-4e0a-9b53-${hex(number, 12)}`;
  const tookMs = 1 + (scattered % 4000) / 1000;
  return {
    common_properties: {
      downstream_remote_address: socket(`203.0.113.${number % 200}`, 20_000 + (scattered % 40_000)),
      downstream_direct_remote_address: socket('10.0.0.7', 20_000 + (scattered % 40_000)),
      downstream_local_address: socket('10.0.0.9', 8080),
      upstream_remote_address: socket(`10.1.0.${number % 5}`, 9300),
      upstream_local_address: socket('10.0.0.9', 33_000 + (scattered % 20_000)),
      start_time: span(1_700_000_000_000 + number),
      time_to_last_rx_byte: span(0.05),
      time_to_first_upstream_tx_byte: span(tookMs * 0.3),
      time_to_last_upstream_tx_byte: span(tookMs * 0.31),
      time_to_first_upstream_rx_byte: span(tookMs * 0.8),
      time_to_last_upstream_rx_byte: span(tookMs * 0.9),
      time_to_first_downstream_tx_byte: span(tookMs * 0.91),
      time_to_last_downstream_tx_byte: span(tookMs * 0.99),
      duration: span(tookMs),
      upstream_cluster: 'api',
      route_name: 'orders',
      upstream_request_attempt_count: 1,
      stream_id: id,
      response_flags: {},
      metadata: {
        filter_metadata: [
          {
            key: 'envoy.filters.http.ext_authz',
            value: {
              fields: Object.entries({
                decision_id: `01936f1e-${hex(scattered, 4)}-7000-8000-${hex(number, 12)}`,
                reason: 'ok',
                rule: 'orders-read',
                principal_id: `client-${number % 50}`,
                principal_source: 'users',
              }).map(([key, text]) => ({ key, value: { string_value: text } })),
            },
          },
        ],
      },
      custom_tags: [{ key: 'trace_id', value: `${hex(scattered, 16)}${hex(number, 16)}` }],
      downstream_wire_bytes_sent: 734,
      downstream_wire_bytes_received: 512,
      downstream_header_bytes_sent: 201,
      downstream_header_bytes_received: 480,
      upstream_wire_bytes_sent: 690,
      upstream_wire_bytes_received: 650,
      access_log_type: 'DownstreamEnd',
    },
    protocol_version: 'HTTP2',
    request: {
      request_method: 'GET',
      scheme: 'https',
      authority: 'api.example.com',
      path: `/orders/${scattered % 100_000}?page=2&token=${hex(scattered, 8)}`,
      user_agent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36',
      request_id: id,
      request_headers_bytes: 612,
    },
    response: {
      response_code: { value: 200 },
      response_headers_bytes: 180,
      response_body_bytes: 533,
      response_code_details: 'via_upstream',
    },
  };
}

/** StreamAccessLogsMessages of so many entries each, as Envoy's own code writes them. */
export const accessMessages = (messages: number, entries: number): readonly Buffer[] =>
  Array.from({ length: messages }, (_, message) =>
    method.requestSerialize({
      http_logs: { log_entry: Array.from({ length: entries }, (_entry, at) => entryAt(message * entries + at)) },
    }),
  );
