import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allowed,
  allowOf,
  denied,
  denyOf,
  parentTrace,
  planted,
  plantedAttributes,
  trailOf,
} from '../../test/support/trails.ts';
import type { AdminAct } from '../core/administration.ts';
import { reasonCodes, reasons } from '../core/reason.ts';
import { type ClosedTrail, steps } from '../core/trail.ts';
import { fail, pass, passWith, reject } from '../core/verdict.ts';
import { adminEvent } from './admin-event.ts';
import { decisionEvent } from './event.ts';
import type { AuditEvent } from './ocsf.ts';
import { gapEvent, lifecycleEvent, reloadEvent } from './system-event.ts';

const origin = { version: '1.2.3', instanceId: 'instance-1' };
const stamp = { uid: 'event-1', sequence: 9, timeMs: 1_795_320_000_000.5 };
const parse = (event: AuditEvent) => JSON.parse(event.line);
const eventOf = (trail: ClosedTrail) => parse(decisionEvent(trail, 7, origin));

/** Required attributes of OCSF 1.8.0: each a path, or paths of which at least one must be there. */
const base = ['category_uid', 'class_uid', 'activity_id', 'type_uid', 'severity_id', 'time', 'metadata.version'].concat(
  [
    'metadata.product.name',
    'metadata.product.vendor_name',
    'metadata.product.uid',
    'metadata.sequence',
    'metadata.uid',
  ],
);
const endpoint = (name: string) => [`${name}.ip`, `${name}.name`, `${name}.hostname`, `${name}.svc_name`];
const required: Readonly<Record<number, readonly (string | readonly string[])[]>> = {
  6003: ['api.operation', ['actor.user.uid', 'actor.user.name'], endpoint('src_endpoint')],
  4002: [
    ['http_request', 'http_response.code'],
    [...endpoint('src_endpoint'), ...endpoint('dst_endpoint')],
  ],
  3002: [
    ['user.name', 'user.uid'],
    ['service.name', 'dst_endpoint.hostname'],
  ],
  3004: [['entity.name', 'entity.uid']],
  6002: [['app.name', 'app.uid']],
};

const at = (event: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value === undefined ? value : Object(value)[name]), event);

function assertValid(event: ReturnType<typeof parse>): void {
  const own = required[event.class_uid];
  assert.ok(own, String(event.class_uid));
  for (const rule of [...base, ...own]) {
    const paths = typeof rule === 'string' ? [rule] : rule;
    assert.ok(
      paths.some((path) => at(event, path) !== undefined),
      `${event.class_uid} lacks ${paths.join(' or ')}`,
    );
  }
  assert.equal(event.type_uid, event.class_uid * 100 + event.activity_id);
  assert.equal(Math.floor(event.class_uid / 1000), event.category_uid);
  assert.equal(event.metadata.version, '1.8.0');
  assert.ok(Number.isInteger(event.time));
  if (event.activity_id === 99) assert.ok(event.activity_name);
  if (event.http_response) assert.ok(Number.isInteger(event.http_response.code));
  if (event.http_request?.url) assert.ok(event.http_request.url.path);
  if (event.trace) assert.ok(event.metadata.profiles.includes('trace'));
  if (event.action_id) assert.ok(event.metadata.profiles.includes('security_control'));
}

test('every reason at every step makes a valid event without secrets', () => {
  for (const reason of reasonCodes) {
    for (const step of steps) {
      const trail = denied(step, reason);
      const event = decisionEvent(trail, 1, origin);
      assertValid(parse(event));
      assert.equal(event.kind, 'deny');
      for (const secret of Object.values(planted)) assert.ok(!event.line.includes(secret), `${step} ${reason}`);
      assert.ok(!event.line.includes('\n'));
    }
  }
});

test('an allow is API Activity with actor, rule, trace and our own facts', () => {
  const event = eventOf(allowed());
  assertValid(event);
  assert.deepEqual(
    [event.class_uid, event.activity_id, event.severity_id, event.status_id, event.action_id, event.disposition_id],
    [6003, 3, 1, 1, 1, 1],
  );
  assert.deepEqual(event.metadata.profiles, ['security_control', 'trace']);
  assert.deepEqual([event.metadata.sequence, event.metadata.product.uid], [7, 'instance-1']);
  assert.equal(event.metadata.correlation_uid, 'f0e1d2c3');
  assert.equal(event.actor.user.uid, 'alice');
  assert.equal(event.actor.user.domain, 'users');
  assert.deepEqual(event.actor.user.programmatic_credentials, [{ uid: 'jti-1', type: 'jwt' }]);
  assert.equal(event.actor.session.issuer, 'https://idp.example');
  assert.deepEqual(event.policy, { uid: 'orders-write', name: 'orders-write', version: 'plan-1' });
  assert.equal(event.authorizations[0].decision, 'allow');
  assert.deepEqual(event.src_endpoint, { ip: '203.0.113.7', port: 51544 });
  assert.deepEqual(event.http_request.url, { scheme: 'https', hostname: 'api.example.com', path: '/orders/1' });
  assert.equal(event.http_request.user_agent, 'curl/8.9\\u{1b}[31m');
  assert.equal(event.trace.uid, parentTrace.traceId);
  assert.equal(event.trace.span.uid, parentTrace.spanId);
  const own = event.unmapped.portcullis;
  assert.deepEqual([own.reason, own.rule, own.config_rev, own.latency_us], ['ok', 'orders-write', 'plan-1', 750]);
  assert.equal(own.decision_id, event.metadata.uid);
});

test('each denial has the class of what was known when it fell', () => {
  const kinds = [
    [denied('authorize', 'permission_missing'), 6003, 2, 403],
    [denied('match', 'no_rule'), 6003, 2, 403],
    [denied('identify', 'token_expired'), 3002, 26, 401],
    [denied('identify', 'key_set_unavailable'), 3002, 27, 503],
    [denied('inspect', 'body_mismatch'), 4002, 25, 422],
    [denied('guard', 'path_ambiguous'), 4002, 25, 400],
    [denied('guard', 'address_blocked'), 4002, 2, 403],
    [denied('decode', 'call_undecodable'), 4002, 25, 400],
    [denied('limit', 'limit_exceeded'), 4002, 2, 429],
    [denied('limit', 'limit_exceeded', { principal: allowed().principal }), 6003, 2, 429],
    [trailOf(denyOf('internal_error', undefined)), 4002, 27, 503],
  ] as const;
  for (const [trail, classUid, dispositionId, status] of kinds) {
    const event = eventOf(trail);
    assertValid(event);
    assert.deepEqual(
      [event.class_uid, event.disposition_id, event.status_code, event.action_id, event.status_id],
      [classUid, dispositionId, String(status), 2, 2],
    );
    const { decision } = trail;
    assert.equal(event.status_detail, decision.effect === 'deny' && decision.reason);
    assert.equal(event.unmapped.portcullis.reason, event.status_detail);
  }
});

test('failures of ours are grave, blocked addresses less so, other denials little', () => {
  const severityOf = (trail: ClosedTrail) => eventOf(trail).severity_id;
  assert.equal(severityOf(denied('identify', 'key_set_unavailable')), 4);
  assert.equal(severityOf(denied('guard', 'address_blocked')), 3);
  assert.equal(severityOf(denied('authorize', 'role_missing')), 2);
});

test('the activity follows the method, and an odd method is named', () => {
  const activity = (method: string, trail: ClosedTrail) => {
    const attributes = plantedAttributes({ method });
    const event = eventOf({ ...trail, attributes, request: trail.request && { ...trail.request, method } });
    assertValid(event);
    return [event.activity_id, event.activity_name, event.http_request.http_method];
  };
  assert.deepEqual(activity('GET', allowed()), [2, undefined, 'GET']);
  assert.deepEqual(activity('DELETE', allowed()), [4, undefined, 'DELETE']);
  assert.deepEqual(activity('PROPFIND', allowed()), [99, 'PROPFIND', undefined]);
  assert.deepEqual(activity('GET', denied('inspect', 'body_missing')), [3, undefined, 'GET']);
  assert.deepEqual(activity('constructor', denied('guard', 'method_malformed')), [99, 'constructor', undefined]);
  assert.deepEqual(activity('', denied('guard', 'method_malformed')), [99, 'unknown', undefined]);
});

test('a limit is told as a firewall rule and with its figures', () => {
  const detail = {
    limit: 'per_user',
    'limit.per_user': 'limited',
    'limit.per_user.count': 100,
    'limit.per_user.period_ms': 60_000,
    'limit.per_user.remaining': 0,
    'limit.per_user.retry_after_ms': 600,
  };
  const trail = trailOf(denyOf('limit_exceeded', 'orders'), {}, (open) =>
    open.note('limit', reject('limit_exceeded', detail), { rule: 'orders' }),
  );
  const event = eventOf(trail);
  const rule = { name: 'per_user', uid: 'per_user', type: 'rate_limit', rate_limit: 100, condition: '100/60000ms' };
  assert.deepEqual(event.firewall_rule, rule);
  assert.deepEqual(event.unmapped.portcullis.limit, {
    id: 'per_user',
    count: 100,
    period_ms: 60_000,
    remaining: 0,
    retry_after_ms: 600,
  });
});

test('a blocked address is told with its list and prefix', () => {
  const detail = { client_address: '198.51.100.9', list: 'drop.txt', prefix: '198.51.100.0/24' };
  const trail = trailOf(denyOf('address_blocked', undefined), { request: undefined, principal: undefined }, (open) =>
    open.note('guard', reject('address_blocked', detail)),
  );
  assert.deepEqual(eventOf(trail).firewall_rule, {
    name: 'drop.txt',
    uid: 'drop.txt',
    type: 'ip_blocklist',
    match_details: ['198.51.100.0/24'],
  });
});

test('an attack is told with the first of its rules, its classes and places; another fault of the payload with the rule', () => {
  const detail = {
    inspection: 'protect',
    'attack.rules': ['sqli-shape', 'xss-event'],
    'attack.classes': ['sqli', 'xss'],
    'attack.places': ['query.q', 'body/a'],
  };
  const refused = (reason: 'attack_detected' | 'body_malformed', part: typeof detail | { inspection: string }) =>
    eventOf(
      trailOf(denyOf(reason, 'orders'), {}, (open) => open.note('inspect', reject(reason, part), { rule: 'orders' })),
    ).firewall_rule;
  assert.deepEqual(refused('attack_detected', detail), {
    name: 'sqli, xss',
    uid: 'sqli-shape',
    type: 'attack',
    condition: 'attack_detected',
    match_details: ['query.q', 'body/a'],
  });
  assert.deepEqual(refused('body_malformed', { inspection: 'protect' }), {
    name: 'orders',
    uid: 'orders',
    type: 'payload',
    condition: 'body_malformed',
  });
});

test('a failed login tells the request where nobody’s schema has a place for it', () => {
  const event = eventOf(denied('identify', 'api_key_unknown'));
  assert.equal(event.http_request, undefined);
  assert.equal(event.trace, undefined);
  assert.equal(event.auth_protocol, 'API key');
  assert.equal(event.unmapped.portcullis.request.url.path, '/orders/1');
  assert.equal(event.unmapped.portcullis.trace_id, parentTrace.traceId);
  assert.equal(eventOf(denied('identify', 'proof_replayed')).auth_protocol, 'OAUTH 2.0');
  assert.equal(eventOf(denied('identify', 'certificate_unknown')).auth_protocol, 'TLS client certificate');
  assert.equal(eventOf(denied('identify', 'credential_missing')).auth_protocol_id, 0);
});

test('what only watched is told apart: whole rules, address lists and single checks', () => {
  const trail = trailOf(allowOf(), {}, (open) => {
    open.note('limit', { ...pass(), detail: { 'limit.new': 'limited', 'limit.new.shadow': true } }, { rule: 'orders' });
    open.note('identify', reject('token_expired'), { rule: 'strict', shadow: true });
    const hit = { list: 'addresses.deny_feeds.new', prefix: '192.0.2.0/24', feed: 'new' };
    open.note('guard', reject('address_blocked', hit), { shadow: true });
  });
  assert.deepEqual(eventOf(trail).unmapped.portcullis.shadow, [
    { rule: 'strict', effect: 'deny', step: 'identify', reason: 'token_expired' },
    { step: 'guard', check: 'addresses.deny_feeds.new', outcome: 'address_blocked', prefix: '192.0.2.0/24' },
    { rule: 'orders', step: 'limit', check: 'limit.new', outcome: 'limited' },
  ]);
});

test('an exchange is told under the decision id of its Check and a name of its own, with what was found in it', () => {
  const found = trailOf(allowOf('reports', 'id-1'), { service: 'process' }, (trail) => {
    trail.note('process_response', passWith(undefined, { leaks: ['cards:mask:2'], changed: true }), {
      rule: 'reports',
    });
  });
  const { metadata, unmapped } = eventOf(found);
  assert.deepEqual([metadata.uid, unmapped.portcullis.decision_id], ['id-1.process', 'id-1']);
  assert.deepEqual(unmapped.portcullis.processed, { response: { leaks: ['cards:mask:2'], changed: true } });
  const refused = trailOf(denyOf('response_leaks', 'reports', 'id-2'), { service: 'process' }, (trail) => {
    trail.note('process_response', fail('response_leaks', { leaks: ['cards:block:1'] }), { rule: 'reports' });
  });
  const event = eventOf(refused);
  assert.deepEqual(
    [event.class_uid, event.status_code, event.unmapped.portcullis.step],
    [4002, '502', 'process_response'],
  );
  assert.equal(event.firewall_rule.condition, 'response_leaks');
  assert.equal(event.unmapped.portcullis.processed, undefined);
});

test('whoever is not known is anonymous, and comes from wherever is known', () => {
  const anonymous = eventOf(allowed({ principal: undefined }));
  assert.deepEqual(anonymous.actor, { user: { name: 'anonymous', type_id: 0 } });
  const local = plantedAttributes({
    source: { address: '', port: 0, principal: '', certificate: '' },
    requestId: '',
    scheme: '',
  });
  const event = eventOf(denied('guard', 'host_malformed', { attributes: local, trace: undefined }));
  assert.deepEqual(event.src_endpoint, { name: 'local' });
  assert.equal(event.metadata.correlation_uid, undefined);
  assert.equal(event.trace, undefined);
  assert.deepEqual(eventOf(denied('decode', 'call_undecodable')).src_endpoint, { name: 'unknown' });
  const keyless = { ...allowed().principal, credentialId: undefined, issuer: undefined };
  const user = eventOf(allowed({ principal: Object.assign({}, allowed().principal, keyless) })).actor;
  assert.deepEqual([user.user.programmatic_credentials, user.session], [undefined, undefined]);
  assert.equal(eventOf(denied('match', 'no_rule')).policy.type, 'default-deny');
});

test('a detail is bounded in members, lists and lengths', () => {
  const detail = {
    text: 'x'.repeat(5000),
    flag: true,
    list: Array.from({ length: 50 }, () => 'y'),
    ...Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`member${index}`, index])),
  };
  const trail = trailOf(denyOf('body_mismatch', 'orders'), {}, (open) =>
    open.note('inspect', reject('body_mismatch', detail), { rule: 'orders' }),
  );
  const { detail: written } = eventOf(trail).unmapped.portcullis;
  assert.equal(Object.keys(written).length, 64);
  assert.equal(written.text.length, 257);
  assert.equal(written.list.length, 16);
  assert.equal(written.flag, true);
});

test('events of the system are valid too', () => {
  const reload = { version: 'v2', previous: 'v1', trigger: 'file' } as const;
  const taken = parse(reloadEvent({ ...reload, outcome: 'ok' }, stamp, origin));
  const refused = parse(
    reloadEvent({ ...reload, outcome: 'refused', version: undefined, trigger: 'signal', issues: 3 }, stamp, origin),
  );
  const start = parse(lifecycleEvent({ activity: 'start', version: 'v1' }, stamp, origin));
  const stop = parse(lifecycleEvent({ activity: 'stop', version: 'v1' }, stamp, origin));
  const lost = { sink: 'otlp', firstSequence: 3, lastSequence: 9, sinceMs: 1, untilMs: 2 };
  const gap = parse(gapEvent({ ...lost, allows: 2, others: 1 }, stamp, origin));
  for (const event of [taken, refused, start, stop, gap]) assertValid(event);
  assert.deepEqual([taken.type_uid, taken.status_id, taken.entity.version], [300403, 1, 'v1']);
  assert.equal(taken.entity_result.version, 'v2');
  assert.deepEqual([refused.status_id, refused.severity_id, refused.entity_result], [2, 4, undefined]);
  assert.deepEqual([start.type_uid, stop.type_uid], [600203, 600204]);
  assert.deepEqual([gap.type_uid, gap.count, gap.severity_id], [600299, 3, 4]);
  assert.equal(gap.unmapped.portcullis.gap.sink, 'otlp');
  assert.equal(parse(gapEvent({ ...lost, allows: 2, others: 0 }, stamp, origin)).severity_id, 3);
});

test('administrative acts and refused attempts are valid, and say who, what and how it ended', () => {
  const act: AdminAct = {
    operation: 'POST /revocations',
    activity: 'create',
    actor: 'admin',
    peer: { address: '127.0.0.1', port: 4711 },
    status: 201,
    refusal: undefined,
    object: { type: 'principal', name: 'users/alice', facts: { why: 'x'.repeat(2000), tighten: null } },
  };
  const done = parse(adminEvent(act, stamp, origin));
  const refusal = { actor: undefined, peer: undefined, object: undefined };
  const unproven = parse(adminEvent({ ...act, ...refusal, status: 401, refusal: 'admin_token_wrong' }, stamp, origin));
  const bad = parse(adminEvent({ ...act, object: undefined, status: 422, refusal: 'request_invalid' }, stamp, origin));
  const away = parse(
    adminEvent({ ...act, activity: 'read', status: 503, refusal: 'store_unavailable' }, stamp, origin),
  );
  for (const event of [done, unproven, bad, away]) assertValid(event);
  assert.deepEqual([done.type_uid, done.status_id, done.severity_id, done.disposition_id], [600301, 1, 1, 1]);
  assert.deepEqual([done.actor.user.name, done.api.operation], ['admin', 'POST /revocations']);
  assert.deepEqual(done.resources, [{ type: 'principal', name: 'users/alice' }]);
  assert.deepEqual(done.unmapped.portcullis.admin.facts, { why: `${'x'.repeat(256)}…`, tighten: null });
  assert.deepEqual(done.src_endpoint, { ip: '127.0.0.1', port: 4711 });
  assert.deepEqual([unproven.actor.user.name, unproven.src_endpoint.name], ['anonymous', 'local']);
  assert.deepEqual(
    [unproven, bad, away].map(({ status_id, severity_id, action_id, disposition_id, status_detail }) => [
      status_id,
      severity_id,
      action_id,
      disposition_id,
      status_detail,
    ]),
    [
      [2, 3, 2, 26, 'admin_token_wrong'],
      [2, 2, 2, 25, 'request_invalid'],
      [2, 4, 2, 27, 'store_unavailable'],
    ],
  );
});

test('the status of a denial is the one of its reason', () => {
  for (const reason of reasonCodes) {
    const { status_code } = eventOf(denied('inspect', reason));
    assert.equal(status_code, String(reasons[reason].status));
  }
});
