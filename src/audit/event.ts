import { parseAddress } from '../core/address.ts';
import type { Decision } from '../core/decision.ts';
import type { Principal } from '../core/principal.ts';
import { printable, printableHost, printablePath } from '../core/printable.ts';
import { reasons } from '../core/reason.ts';
import { short, shortOrNone, userAgent } from '../core/redact.ts';
import type { ClosedTrail } from '../core/trail.ts';
import { activityOf, classOf, decidingEntry, isStandardMethod, outcomeOf, severityOf } from './class.ts';
import { firewallRule, ownFacts } from './facts.ts';
import type { Flood } from './floods.ts';
import { type AuditEvent, type ClassName, classes, encode, type Origin, otherActivity, status } from './ocsf.ts';

const methodMax = 32;

/** The OCSF event of a decision: API Activity, Authentication or HTTP Activity. Never a header besides the user agent, a query or a body. */
export function decisionEvent(trail: ClosedTrail, sequence: number, origin: Origin, flood?: Flood): AuditEvent {
  const { decision, startMs, attributes } = trail;
  const entry = decidingEntry(trail);
  const name = classOf(trail, entry?.step);
  const method = printable(trail.request?.method ?? attributes?.method ?? '', methodMax);
  const activity = activityOf(name, method);
  const severity = severityOf(decision);
  const requestId = shortOrNone(attributes?.requestId);
  const uid = uidOf(trail);
  const line = encode(
    {
      class: name,
      activity,
      severity,
      timeMs: startMs,
      uid,
      sequence,
      ...(requestId === undefined ? {} : { correlationUid: requestId }),
    },
    origin,
    {
      activity_name: activity === otherActivity ? method || 'unknown' : undefined,
      ...statusOf(decision, flood),
      ...(flood && { count: flood.count, start_time: Math.trunc(flood.sinceMs), end_time: Math.trunc(flood.untilMs) }),
      ...outcomeOf(decision, entry?.step),
      policy: policyOf(trail),
      firewall_rule: entry && firewallRule(entry),
      src_endpoint: sourceOf(trail),
      dst_endpoint: { hostname: printableHost(trail), svc_name: 'portcullis' },
      ...byClass(name, trail, method),
      // Authentication has no place for the request, and nobody can look into a failed login without it.
      unmapped: {
        portcullis: {
          ...ownFacts(trail, entry),
          request: name === 'authentication' ? requestOf(trail, method) : undefined,
          flood: flood && { decision_ids: flood.ids },
        },
      },
    },
  );
  const classUid = classes[name].uid;
  const { effect: kind, rule } = decision;
  const reason = decision.effect === 'deny' ? decision.reason : 'ok';
  const facts = { uid, sequence, timeMs: startMs, severity, classUid, trace: trail.trace, reason, rule };
  return { kind, name: 'portcullis.decision', ...facts, line };
}

// Events of one decision have its id inside, and names of their own.
const uidOf = ({ service, decision: { id } }: ClosedTrail): string => (service === undefined ? id : `${id}.${service}`);

function statusOf(decision: Decision, flood: Flood | undefined) {
  if (decision.effect === 'allow') return { status_id: status.success, status_code: 'OK', message: 'allowed' };
  const { reason, status: code } = decision;
  const times = flood === undefined ? '' : ` ${flood.count} times more`;
  const message = `denied${times}: ${reasons[reason].title}`;
  return { status_id: status.failure, status_code: String(code), status_detail: reason, message };
}

function byClass(name: ClassName, trail: ClosedTrail, method: string): Readonly<Record<string, unknown>> {
  const http = { http_request: requestOf(trail, method), http_response: responseOf(trail.decision) };
  const { decision, principal } = trail;
  switch (name) {
    case 'api': {
      return {
        ...http,
        actor: { user: userOf(principal), session: sessionOf(principal) },
        api: { operation: operationOf(decision.rule, method), service: { name: printableHost(trail) ?? 'unknown' } },
        authorizations: [{ decision: decision.effect, policy: policyOf(trail) }],
        trace: traceOf(trail),
      };
    }
    case 'authentication':
      return {
        user: { name: 'unknown', type_id: 0 },
        service: { name: printableHost(trail) ?? 'unknown' },
        is_remote: true,
        ...authProtocol(decision),
      };
    default:
      return { ...http, trace: traceOf(trail) };
  }
}

// The gateway knows an operation by the rule that takes it; the path is in the request.
const operationOf = (rule: string | undefined, method: string): string => `${method} ${rule ?? ''}`.trim() || 'unknown';

/** Whoever a rule lets in without asking is called anonymous: API Activity demands an actor. */
function userOf(principal: Principal | undefined) {
  if (principal === undefined) return { name: 'anonymous', type_id: 0 };
  const { id, source, kind, credentialId } = principal;
  return {
    uid: short(id),
    domain: source,
    type_id: 99,
    type: kind,
    programmatic_credentials: credentialId === undefined ? undefined : [{ uid: short(credentialId), type: kind }],
  };
}

function sessionOf(principal: Principal | undefined) {
  const issuer = shortOrNone(principal?.issuer);
  return issuer === undefined ? undefined : { issuer };
}

const policyOf = ({ decision: { rule }, planVersion: version }: ClosedTrail) =>
  rule === undefined ? { type: 'default-deny', version } : { uid: rule, name: rule, version };

const oauth = { auth_protocol_id: 6, auth_protocol: 'OAUTH 2.0' };
const protocols = Object.entries({
  token_: oauth,
  proof_: oauth,
  api_key_: { auth_protocol_id: 99, auth_protocol: 'API key' },
  certificate_: { auth_protocol_id: 99, auth_protocol: 'TLS client certificate' },
});

function authProtocol(decision: Decision) {
  const reason = decision.effect === 'deny' ? decision.reason : '';
  return protocols.find(([prefix]) => reason.startsWith(prefix))?.[1] ?? { auth_protocol_id: 0 };
}

function sourceOf({ request, attributes }: ClosedTrail) {
  const peer = attributes?.source;
  const ip = request?.clientAddress || peer?.address;
  if (ip === undefined || ip === '') return { name: peer === undefined ? 'unknown' : 'local' };
  // The proxy's word for its peer may be a path or a name: an address is only what reads as one.
  if (parseAddress(ip) === undefined) return { name: short(ip) };
  return { ip: short(ip), port: ip === peer?.address && peer.port > 0 ? peer.port : undefined };
}

function requestOf(trail: ClosedTrail, method: string) {
  const { attributes, request } = trail;
  if (attributes === undefined) return undefined;
  const path = printablePath(trail);
  const scheme = request?.scheme ?? shortOrNone(attributes.scheme);
  return {
    http_method: isStandardMethod(method) ? method : undefined,
    url: path === undefined ? undefined : { scheme, hostname: printableHost(trail), path },
    user_agent: userAgent(attributes.headers),
    uid: shortOrNone(attributes.requestId),
  };
}

const responseOf = (decision: Decision) => (decision.effect === 'deny' ? { code: decision.status } : undefined);

function traceOf({ trace, startMs, durationMs }: ClosedTrail) {
  if (trace === undefined) return undefined;
  const start = Math.trunc(startMs);
  return {
    uid: trace.traceId,
    span: { uid: trace.spanId, start_time: start, end_time: Math.ceil(start + durationMs) },
  };
}
