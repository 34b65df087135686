import type { Clock } from '../core/clock.ts';
import type { AuditSignals, DetectionSignals, Signals } from '../core/ports.ts';
import { printable } from '../core/printable.ts';
import { shadowOutcomes } from '../core/shadow.ts';
import type { ClosedTrail, TrailEntry } from '../core/trail.ts';
import type { Cells } from './cells.ts';
import { createDetectionSignals } from './detection.ts';
import { stepTimes } from './step-times.ts';
import { countAccess } from './traffic.ts';

// The domain is the proxy's to choose, so its length is bounded here; how many there are is bounded by the cells.
const domainMax = 128;
const nobody = 'none';
const noCounts = new Float64Array(0);

/** Signals that count into cells. */
export function createSignals(cells: Cells, clock: Clock): Signals & AuditSignals & DetectionSignals {
  const ends = new Map<string, number>();
  return {
    decided: (trail) => countDecision(cells, trail),
    limitChecked: (limit, outcome, shadow) => cells.add('limitChecks', [limit, outcome, String(shadow)]),
    storeLinked: (store, connected) => cells.set('storeConnected', [store], connected ? 1 : 0),
    storeCalled: (outcome, durationMs) => {
      cells.add('storeCalls', [outcome]);
      cells.observe('storeDuration', [outcome], durationMs / 1000);
    },
    stateCalled: (outcome, durationMs) => {
      cells.add('stateCalls', [outcome]);
      cells.observe('stateDuration', [outcome], durationMs / 1000);
    },
    logFollowed: (log, current) => cells.set('logCurrent', [log], current ? 1 : 0),
    revocationsKnown: (count) => cells.set('revocations', [], count),
    ...banSignals(cells),
    keySetFetched: (identity, outcome, keys) => {
      cells.add('keySetFetches', [identity, outcome]);
      if (outcome === 'error') return;
      cells.set('keySetKeys', [identity], keys);
      cells.set('keySetLastSuccess', [identity], clock.nowMs() / 1000);
    },
    keySetEnds: (identity, endMs) => {
      if (endMs === undefined) ends.delete(identity);
      else ends.set(identity, endMs / 1000);
      cells.load(
        'keySetExpiry',
        [...ends].map(([name, value]) => ({ labels: [name], value, counts: noCounts })),
      );
    },
    certificateEnds: (use, endMs) => cells.set('certificateExpiry', [use], endMs / 1000),
    providerCalled: (identity, endpoint, outcome, durationMs) => {
      cells.add('providerCalls', [identity, endpoint, outcome]);
      cells.observe('providerDuration', [identity, endpoint], durationMs / 1000);
    },
    introspected: (identity, from, outcome) => cells.add('introspections', [identity, from, outcome]),
    descriptorsChecked: (domain, outcome) => cells.add('descriptors', [printable(domain, domainMax), outcome]),
    endpointAnswered: (endpoint, status) => cells.add('publicRequests', [endpoint, `${Math.floor(status / 100)}xx`]),
    payloadInspected: (outcome, durationMs) => {
      cells.add('poolInspections', [outcome]);
      cells.observe('poolDuration', [outcome], durationMs / 1000);
    },
    messageProcessed: ({ rule = nobody, message, outcome, reason, bytes, durationMs }) => {
      cells.add('processedMessages', [rule, message, outcome, reason]);
      cells.add('processedBytes', [message], bytes);
      cells.observe('processDuration', [message], durationMs / 1000);
    },
    streamsOpen: (count) => cells.set('processStreams', [], count),
    accessLogged: (counts) => countAccess(cells, counts),
    feedRefreshed: (feed, outcome) => cells.add('feedRefreshes', [feed, outcome]),
    feedInForce: (feed, entries, confirmedMs) => {
      cells.set('feedEntries', [feed], entries);
      cells.set('feedConfirmed', [feed], confirmedMs / 1000);
    },
    readyChanged: (ready) => cells.set('ready', [], ready ? 1 : 0),
    planLoaded: (outcome, version) => {
      cells.add('planLoads', [outcome]);
      cells.set('planLastSuccessful', [], outcome === 'ok' ? 1 : 0);
      if (outcome === 'ok') cells.replace('planInfo', [version], 1);
    },
    ...createDetectionSignals(cells),
    auditDelivered: (sink, outcome, events) => cells.add('auditEvents', [sink, outcome], events),
    auditRetried: (sink, events) => cells.add('auditRetries', [sink], events),
    auditQueued: (sink, events, bytes) => {
      cells.set('auditQueueEvents', [sink], events);
      cells.set('auditQueueBytes', [sink], bytes);
    },
    auditBounded: (bytes) => cells.set('auditQueueLimit', [], bytes),
  };
}

function countDecision(cells: Cells, trail: ClosedTrail): void {
  const { decision, durationMs, entries } = trail;
  const { effect, rule = nobody } = decision;
  cells.add('decisions', [rule, effect, decision.effect === 'deny' ? decision.reason : 'ok']);
  cells.observe('decisionDuration', [effect], durationMs / 1000);
  for (const [step, ms] of stepTimes(trail)) cells.observe('stepDuration', [step], ms / 1000);
  for (const shadow of shadowOutcomes(entries)) {
    cells.add('shadowDecisions', [shadow.rule ?? nobody, shadow.effect, shadow.reason ?? 'ok']);
  }
  for (const entry of entries) {
    const { feed } = entry.detail;
    if (typeof feed === 'string') cells.add('feedHits', [feed, entry.shadow ? 'shadow' : 'refused']);
    const classes = entry.detail['attack.classes'];
    if (typeof classes !== 'object') continue;
    for (const name of classes) cells.add('attackMatches', [name, attackOutcome(entry)]);
  }
}

/** What became of a request in which a search found something. */
function attackOutcome({ shadow, reason, detail }: TrailEntry): string {
  if (shadow || detail['protect.shadow'] === true) return 'shadow';
  return reason === 'attack_detected' ? 'refused' : 'passed';
}

const banSignals = (cells: Cells): Pick<Signals, 'bansHeld' | 'banChanged' | 'webhookTold'> => ({
  bansHeld: (effect, count) => cells.set('bans', [effect], count),
  banChanged: (by, outcome) => cells.add('banChanges', [by, outcome]),
  webhookTold: (webhook, outcome) => cells.add('banWebhooks', [webhook, outcome]),
});
