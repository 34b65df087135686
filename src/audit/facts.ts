import { boundedDetail, short } from '../core/redact.ts';
import { shadowOutcomes } from '../core/shadow.ts';
import type { ClosedTrail, TrailEntry } from '../core/trail.ts';
import type { Detail } from '../core/verdict.ts';

const shadowsMax = 32;

/** What OCSF has no place for: unmapped.portcullis. */
export function ownFacts(trail: ClosedTrail, entry: TrailEntry | undefined) {
  const { decision, planVersion, durationMs, principal, trace, entries } = trail;
  const shadow = [...shadowedRules(trail), ...shadowedLists(entries), ...shadowedChecks(entries)].slice(0, shadowsMax);
  return {
    decision_id: decision.id,
    reason: decision.effect === 'deny' ? decision.reason : 'ok',
    rule: decision.rule,
    step: entry?.step,
    config_rev: planVersion,
    latency_us: Math.round(durationMs * 1000),
    principal: principal && short(principal.key),
    trace_id: trace?.traceId,
    span_id: trace?.spanId,
    limit: entry?.step === 'limit' ? limitFacts(entry.detail) : undefined,
    detail: entry && boundedDetail(entry.detail),
    processed: processedFacts(trail),
    shadow: shadow.length === 0 ? undefined : shadow,
  };
}

/** What was found in the messages on their way, and done with them. */
function processedFacts({ service, entries }: ClosedTrail) {
  if (service !== 'process') return undefined;
  const found = entries.filter(({ verdict }) => verdict === 'pass');
  return found.length === 0
    ? undefined
    : Object.fromEntries(found.map(({ step, detail }) => [step.replace('process_', ''), boundedDetail(detail)]));
}

const shadowedRules = ({ entries }: ClosedTrail) =>
  shadowOutcomes(entries.filter(({ rule }) => rule !== undefined)).map(({ rule, effect, step, reason }) => ({
    rule,
    effect,
    step,
    reason: reason ?? 'ok',
  }));

/** Address lists that only watched, before any rule was looked at. */
const shadowedLists = (entries: readonly TrailEntry[]) =>
  entries
    .filter(({ shadow, rule }) => shadow && rule === undefined)
    .map(({ step, reason, detail }) => ({
      step,
      check: text(detail['list']),
      outcome: reason,
      prefix: text(detail['prefix']),
    }));

/** Single checks that only watched, inside of rules that decide: a detail says `NAME: outcome` and `NAME.shadow: true`. */
const shadowedChecks = (entries: readonly TrailEntry[]) =>
  entries
    .filter(({ shadow }) => !shadow)
    .flatMap(({ rule, step, detail }) =>
      Object.entries(detail)
        .filter(([name, value]) => name.endsWith('.shadow') && value === true)
        .map(([name]) => name.slice(0, -'.shadow'.length))
        .map((check) => ({ rule, step, check: short(check), outcome: short(String(detail[check] ?? '')) })),
    );

const text = (value: Detail[string] | undefined): string | undefined =>
  typeof value === 'string' ? short(value) : undefined;
const number = (value: Detail[string] | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;

/** The limit that denied, as the limit room's detail tells of it. */
function limitFacts(detail: Detail) {
  const id = text(detail['limit']);
  const fact = (name: string): number | undefined => number(detail[`limit.${id}.${name}`]);
  return {
    id,
    count: fact('count'),
    period_ms: fact('period_ms'),
    remaining: fact('remaining'),
    reset_ms: fact('reset_ms'),
    retry_after_ms: fact('retry_after_ms'),
  };
}

/** The first rule of detection that matched, and where what was found stands; undefined: none did. */
function attackFacts(detail: Detail) {
  const [rules, classes, places] = ['rules', 'classes', 'places'].map((name) => detail[`attack.${name}`]);
  if (typeof rules !== 'object' || typeof classes !== 'object' || typeof places !== 'object') return undefined;
  const uid = rules[0];
  const details = places.map(short);
  return { name: classes.join(', '), uid, type: 'attack', condition: 'attack_detected', match_details: details };
}

/** The rule that denied, as OCSF's firewall_rule tells of limits, address lists and checks of the payload; undefined elsewhere. */
export function firewallRule({ step, detail, reason, rule }: TrailEntry) {
  if (reason === undefined) return undefined;
  switch (step) {
    case 'limit': {
      const { id, count, period_ms } = limitFacts(detail);
      const name = id ?? rule ?? reason;
      const condition = count === undefined || period_ms === undefined ? undefined : `${count}/${period_ms}ms`;
      return { name, uid: name, type: 'rate_limit', rate_limit: count, condition };
    }
    case 'guard': {
      const name = text(detail['list']) ?? reason;
      const prefix = text(detail['prefix']);
      const type = reason === 'address_blocked' ? 'ip_blocklist' : 'request_form';
      return { name, uid: name, type, match_details: prefix === undefined ? undefined : [prefix] };
    }
    case 'inspect':
      return attackFacts(detail) ?? { name: rule ?? reason, uid: rule ?? reason, type: 'payload', condition: reason };
    case 'process_request':
    case 'process_response':
      return { name: rule ?? reason, uid: rule ?? reason, type: 'payload', condition: reason };
    default:
      return undefined;
  }
}
