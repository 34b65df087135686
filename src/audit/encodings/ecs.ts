import { isIP } from 'node:net';
import type { AuditEvent } from '../ocsf.ts';
import { classes } from '../ocsf.ts';
import type { Encoding } from './encoding.ts';
import { type EventReader, readEvent, reasonOf } from './read.ts';

/** The version of the Elastic Common Schema that the fields are of. */
const ecsVersion = '8.17.0';

/** Elastic Common Schema: what it has no field for stands in `portcullis`, as in unmapped.portcullis of OCSF. */
export const ecs: Encoding = {
  braces: 2,
  encode: (event, facts) => {
    const read = readEvent(event);
    return JSON.stringify({
      '@timestamp': new Date(facts.timeMs).toISOString(),
      ecs: { version: ecsVersion },
      message: read.text('message'),
      event: eventFields(read, facts),
      ...requestFields(read),
      user: userFields(read),
      rule: ruleFields(read),
      threat: threatFields(read),
      trace: idOf(read.text('trace.uid') ?? read.text('unmapped.portcullis.trace_id')),
      span: idOf(read.text('trace.span.uid') ?? read.text('unmapped.portcullis.span_id')),
      service: {
        name: 'portcullis',
        type: 'portcullis',
        version: read.text('metadata.product.version'),
        node: { name: read.text('metadata.product.uid') },
      },
      portcullis: read.raw('unmapped.portcullis') ?? {},
    });
  },
};

const kinds: ReadonlyMap<number, { readonly category: readonly string[]; readonly type: readonly string[] }> = new Map([
  [classes.api.uid, { category: ['api'], type: ['access'] }],
  [classes.http.uid, { category: ['web'], type: ['access'] }],
  [classes.authentication.uid, { category: ['authentication'], type: ['info'] }],
  [classes.entity.uid, { category: ['configuration'], type: ['change'] }],
  [classes.finding.uid, { category: ['intrusion_detection'], type: ['info'] }],
  [classes.lifecycle.uid, { category: ['process'], type: ['info'] }],
]);
const lifecycleTypes: ReadonlyMap<number | undefined, string> = new Map([
  [3, 'start'],
  [4, 'end'],
]);
const accountTypes: ReadonlyMap<number | undefined, string> = new Map([
  [1, 'start'],
  [2, 'end'],
]);

function typesOf(read: EventReader, { name, classUid }: AuditEvent): readonly string[] {
  const action = read.number('action_id');
  const verdict = action === 1 ? ['allowed'] : action === 2 ? ['denied'] : [];
  const activity = read.number('activity_id');
  if (name === 'portcullis.lifecycle') return [lifecycleTypes.get(activity) ?? 'info'];
  if (name === 'portcullis.account') return [accountTypes.get(activity) ?? 'info'];
  // Denied and allowed are types of api and web, not of authentication.
  const own = kinds.get(classUid)?.type ?? ['info'];
  return classUid === classes.authentication.uid ? own : [...own, ...verdict];
}

function eventFields(read: EventReader, facts: AuditEvent) {
  const start = read.number('start_time');
  const end = read.number('end_time');
  const latencyUs = read.number('unmapped.portcullis.latency_us');
  const outcome = read.number('status_id');
  return {
    kind: facts.severity >= 4 || read.raw('is_alert') === true ? 'alert' : 'event',
    category: kinds.get(facts.classUid)?.category ?? ['intrusion_detection'],
    type: typesOf(read, facts),
    action: facts.name,
    outcome: outcome === 1 ? 'success' : outcome === 2 ? 'failure' : 'unknown',
    reason: reasonOf(read),
    code: read.text('status_code'),
    id: read.text('metadata.uid'),
    sequence: read.number('metadata.sequence'),
    severity: facts.severity,
    duration: latencyUs === undefined ? undefined : latencyUs * 1000,
    start: start === undefined ? undefined : new Date(start).toISOString(),
    end: end === undefined ? undefined : new Date(end).toISOString(),
    module: 'portcullis',
    dataset: 'portcullis.audit',
    provider: 'portcullis',
  };
}

function requestFields(read: EventReader): Readonly<Record<string, unknown>> {
  const source = ['src_endpoint', 'evidences.0.src_endpoint'].find((path) => read.raw(path) !== undefined);
  const ip = read.text(`${source}.ip`);
  const request = ['http_request', 'unmapped.portcullis.request'].find((path) => read.raw(path) !== undefined);
  const field = (name: string): string | undefined =>
    request === undefined ? undefined : read.text(`${request}.${name}`);
  const domain = read.text('dst_endpoint.hostname');
  const agent = field('user_agent');
  const path = field('url.path');
  const method = field('http_method');
  const status = read.number('http_response.code');
  return {
    source: {
      address: ip ?? read.text(`${source}.name`),
      ip: ip !== undefined && isIP(ip) > 0 ? ip : undefined,
      port: read.number(`${source}.port`),
    },
    destination: domain === undefined ? undefined : { address: domain, domain },
    http: {
      request: { id: field('uid'), method },
      response: status === undefined ? undefined : { status_code: status },
    },
    url: path === undefined ? undefined : { scheme: field('url.scheme'), domain: field('url.hostname'), path },
    user_agent: agent === undefined ? undefined : { original: agent },
  };
}

function userFields(read: EventReader) {
  const place = ['actor.user', 'user', 'evidences.0.user'].find((path) => read.raw(path) !== undefined);
  if (place === undefined) return undefined;
  return { id: read.text(`${place}.uid`), name: read.text(`${place}.name`), domain: read.text(`${place}.domain`) };
}

function ruleFields(read: EventReader) {
  const detector = read.text('finding_info.analytic.name');
  if (detector !== undefined) {
    return { id: detector, name: detector, ruleset: 'portcullis', uuid: read.text('finding_info.uid') };
  }
  const id = read.text('policy.uid');
  if (id === undefined) return undefined;
  return { id, name: id, ruleset: 'portcullis', version: read.text('policy.version') };
}

function threatFields(read: EventReader) {
  const technique = read.text('finding_info.attacks.0.technique.uid');
  return technique === undefined ? undefined : { framework: 'MITRE ATT&CK', technique: { id: [technique] } };
}

const idOf = (id: string | undefined) => (id === undefined ? undefined : { id });
