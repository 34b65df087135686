import type { AccessEntry } from '../core/access-entry.ts';
import { printable } from '../core/printable.ts';
import { causeOf } from './cause.ts';

/** What is written of a request: attributes by OpenTelemetry's names where it has some, by Envoy's and our own where not. */
type AccessRecord = Readonly<Record<string, string | number | readonly string[]>>;

type Value = string | number | readonly string[] | undefined;

const longest = { path: 1024, text: 256 } as const;
const text = (value: string): string | undefined => (value === '' ? undefined : printable(value, longest.text));

/** What is written of a request. Nothing in it is a secret: no header but the user agent, no query, no body. */
function recordOf(entry: AccessEntry): AccessRecord {
  const { milestones, client, request, response, upstream, vouched } = entry;
  const values: Readonly<Record<string, Value>> = {
    'client.address': text(client.address),
    'network.peer.address': client.peer === client.address ? undefined : text(client.peer),
    'user_agent.original': text(client.userAgent),
    'http.request.method': text(request.method),
    'url.scheme': text(request.scheme),
    'server.address': text(request.host),
    'url.path': request.path === '' ? undefined : printable(request.path, longest.path),
    'network.protocol.version': text(request.protocol.replace('HTTP/', '')),
    'http.request.body.size': request.bodyBytes,
    'http.request.size': request.wireBytes,
    'http.response.status_code': response.status,
    'http.response.body.size': response.bodyBytes,
    'http.response.size': response.wireBytes,
    'envoy.request_id': text(request.id),
    'envoy.response_flags': response.flags.length === 0 ? undefined : response.flags,
    'envoy.response_code_details': text(response.details),
    'envoy.route_name': text(upstream.route),
    'envoy.upstream_cluster': text(upstream.cluster),
    'envoy.upstream_address': text(upstream.address),
    'envoy.upstream_attempts': upstream.attempts > 1 ? upstream.attempts : undefined,
    'envoy.upstream_tls_failure': text(upstream.tlsFailure),
    'portcullis.duration_ms': milestones.end,
    'portcullis.upstream_ms': between(milestones.upstreamAsked, milestones.upstreamAnswered),
    'portcullis.caused_by': causeOf(entry),
    'portcullis.decision_id': vouched?.decisionId,
    'portcullis.reason': vouched?.reason,
    'portcullis.rule': vouched?.rule,
    'portcullis.principal.id': vouched?.principalId,
    'portcullis.principal.source': vouched?.principalSource,
  };
  const record: Record<string, Exclude<Value, undefined>> = {};
  for (const name in values) {
    const value = values[name];
    if (value !== undefined) record[name] = value;
  }
  return record;
}

/** Milliseconds to a thousandth. */
const between = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : Math.round((to - from) * 1000) / 1000;

/** The record as a line of JSON, with its time and its trace. */
export const lineOf = (entry: AccessEntry): string =>
  `${JSON.stringify({ time: new Date(entry.startMs).toISOString(), trace_id: entry.traceId, ...recordOf(entry) })}\n`;
