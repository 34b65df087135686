import type { AccessEntry } from '../core/access-entry.ts';
import { printable } from '../core/printable.ts';
import { causeOf } from './cause.ts';

/** Something that is written of a request; undefined where there is nothing to be told. */
type Value = string | number | readonly ResponseFlags[number][] | undefined;
type ResponseFlags = AccessEntry['response']['flags'];

const longestText = 256;
const longestPath = 1024;
// What can be seen as it is, as nearly every text can, need not be looked at sign by sign.
const unplain = /[^ -~]/;
const shown = (value: string, longest: number): string =>
  value.length <= longest && !unplain.test(value) ? value : printable(value, longest);
const text = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : shown(value, longestText);

const port = /:(\d{1,5})$/;
const portOf = (authority: string): number | undefined =>
  authority.includes(':') ? Number(port.exec(authority)?.[1] ?? 0) || undefined : undefined;

/** A name and a password before the host are nobody's to read. */
function hostOf(authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return host.includes(':') ? host.replace(port, '') : host;
}

/** Milliseconds to a thousandth: Envoy tells nanoseconds. */
const ms = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value * 1000) / 1000;

/**
 * What is written of a request, by its name: OpenTelemetry's where it has one, of our own where not. Nothing in it is a
 * secret: of headers the user agent alone, no query, no body.
 */
export const fields = Object.freeze({
  'client.address': ({ client }) => text(client.address),
  'network.peer.address': ({ client }) => (client.peer === client.address ? undefined : text(client.peer)),
  'portcullis.principal.source': ({ vouched }) => text(vouched?.principalSource),
  'portcullis.principal.id': ({ vouched }) => text(vouched?.principalId),
  'http.request.method': ({ request }) => text(request.method),
  'url.scheme': ({ request }) => text(request.scheme),
  'server.address': ({ request }) => text(hostOf(request.host)),
  'server.port': ({ request }) => portOf(request.host),
  'url.path': ({ request }) => (request.path === '' ? undefined : shown(request.path, longestPath)),
  'network.protocol.version': ({ request }) => text(request.protocol.replace('HTTP/', '')),
  'user_agent.original': ({ client }) => text(client.userAgent),
  'http.response.status_code': ({ response }) => response.status,
  'portcullis.response.flags': ({ response }) => (response.flags.length === 0 ? undefined : response.flags),
  'portcullis.response.details': ({ response }) => text(response.details),
  'portcullis.caused_by': causeOf,
  'portcullis.decision': decisionOf,
  'portcullis.decision_id': ({ vouched }) => text(vouched?.decisionId),
  'portcullis.reason': ({ vouched }) => text(vouched?.reason),
  'portcullis.rule': ({ vouched }) => text(vouched?.rule),
  'portcullis.route': ({ upstream }) => text(upstream.route),
  'portcullis.upstream.cluster': ({ upstream }) => text(upstream.cluster),
  'portcullis.upstream.address': ({ upstream }) => text(upstream.address),
  'portcullis.upstream.attempts': ({ upstream }) => upstream.attempts || undefined,
  'portcullis.upstream.tls_failure': ({ upstream }) => text(upstream.tlsFailure),
  'portcullis.duration_ms': ({ milestones }) => ms(milestones.end),
  'portcullis.request_read_ms': ({ milestones }) => ms(milestones.requestRead),
  'portcullis.upstream_asked_ms': ({ milestones }) => ms(milestones.upstreamAsked),
  'portcullis.upstream_answered_ms': ({ milestones }) => ms(milestones.upstreamAnswered),
  'portcullis.upstream_done_ms': ({ milestones }) => ms(milestones.upstreamDone),
  'portcullis.response_sent_ms': ({ milestones }) => ms(milestones.responseSent),
  'http.request.body.size': ({ request }) => request.bodyBytes,
  'http.request.size': ({ request }) => request.wireBytes,
  'http.response.body.size': ({ response }) => response.bodyBytes,
  'http.response.size': ({ response }) => response.wireBytes,
  'portcullis.request.id': ({ request }) => text(request.id),
} as const satisfies Record<string, (entry: AccessEntry) => Value>);

/** A name of the field table. */
export type FieldName = keyof typeof fields;

/** What this kind of record is called, in each of them: standard output has others beside it. */
export const eventName = 'portcullis.access';

/** What we said of the request: unasked where Envoy answered without us, unanswered where it asked and had no answer of ours. */
function decisionOf({ vouched, response }: AccessEntry): string {
  if (vouched !== undefined) return vouched.reason === 'ok' ? 'allow' : 'deny';
  return response.flags.includes('UAEX') ? 'unanswered' : 'unasked';
}
