import type { AuditEvent } from '../ocsf.ts';
import type { Encoding } from './encoding.ts';
import { type EventReader, readEvent, reasonOf } from './read.ts';

/** ArcSight's Common Event Format, version 0: one line of text, flat, and without a place for the chain. */
export const cef: Encoding = {
  braces: undefined,
  encode: (event, facts) => {
    const read = readEvent(event);
    const version = read.text('metadata.product.version') ?? '';
    const head = ['CEF:0', 'Portcullis', 'Portcullis', version, reasonOf(read) ?? facts.name, nameOf(read, facts)];
    const extension = Object.entries(extensionOf(read, facts))
      .flatMap(([key, value]) => (value === undefined || value === '' ? [] : [`${key}=${inExtension(String(value))}`]))
      .join(' ');
    return `${head.map(inHead).join('|')}|${severities.get(facts.severity) ?? 5}|${extension}`;
  },
};

const nameOf = (read: EventReader, { name }: AuditEvent): string => read.text('message') ?? name;

// OCSF's informational to high, on CEF's scale of 0 to 10.
const severities: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 3],
  [3, 5],
  [4, 8],
  [5, 9],
  [6, 10],
]);

const inHead = (text: string): string => text.replace(/[\r\n]+/g, ' ').replace(/[\\|]/g, '\\$&');
const inExtension = (text: string): string =>
  text.replace(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n');

const actions: ReadonlyMap<number | undefined, string> = new Map([
  [1, 'allowed'],
  [2, 'denied'],
  [3, 'observed'],
  [4, 'tightened'],
]);

type Extension = Readonly<Record<string, string | number | undefined>>;

function extensionOf(read: EventReader, facts: AuditEvent): Extension {
  const outcome = read.number('status_id');
  return {
    rt: Math.trunc(facts.timeMs),
    start: read.number('start_time'),
    end: read.number('end_time'),
    cnt: read.number('count'),
    externalId: read.text('metadata.uid'),
    deviceExternalId: read.text('metadata.product.uid'),
    dvchost: 'portcullis',
    cat: facts.name,
    act: actions.get(read.number('action_id')),
    outcome: outcome === 1 ? 'success' : outcome === 2 ? 'failure' : undefined,
    reason: reasonOf(read),
    ...requestOf(read),
    ...custom('cs1', 'rule', read.text('unmapped.portcullis.rule')),
    ...custom('cs2', 'decisionId', read.text('unmapped.portcullis.decision_id')),
    ...custom('cs3', 'traceId', read.text('unmapped.portcullis.trace_id')),
    ...custom('cs4', 'configRevision', read.text('unmapped.portcullis.config_rev')),
    ...custom('cs5', 'principal', read.text('unmapped.portcullis.principal')),
    ...custom('cs6', 'firewallRule', read.text('firewall_rule.uid')),
    ...custom('flexString1', 'detector', read.text('finding_info.analytic.name')),
    ...custom('flexString2', 'technique', read.text('finding_info.attacks.0.technique.uid')),
    ...custom('cn1', 'classUid', facts.classUid),
    ...custom('cn2', 'latencyMicroseconds', read.number('unmapped.portcullis.latency_us')),
    ...custom('cn3', 'status', read.number('http_response.code')),
  };
}

function requestOf(read: EventReader): Extension {
  const request = read.raw('http_request') === undefined ? 'unmapped.portcullis.request' : 'http_request';
  const first = (...paths: readonly string[]): string => paths.find((path) => read.raw(path) !== undefined) ?? '';
  const user = first('actor.user', 'user', 'evidences.0.user');
  const source = first('src_endpoint', 'evidences.0.src_endpoint');
  const ip = read.text(`${source}.ip`);
  return {
    [ip?.includes(':') === true ? 'c6a2' : 'src']: ip,
    ...(ip?.includes(':') === true && { c6a2Label: 'Source IPv6 Address' }),
    spt: read.number(`${source}.port`),
    suser: read.text(`${user}.name`),
    suid: read.text(`${user}.uid`),
    sntdom: read.text(`${user}.domain`),
    dhost: read.text('dst_endpoint.hostname'),
    requestMethod: read.text(`${request}.http_method`),
    request: read.text(`${request}.url.path`),
    requestClientApplication: read.text(`${request}.user_agent`),
  };
}

const custom = (key: string, label: string, value: string | number | undefined): Extension =>
  value === undefined ? {} : { [key]: value, [`${key}Label`]: label };
