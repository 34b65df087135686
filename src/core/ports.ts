import type { Finding } from './finding.ts';
import type { Direction } from './processing-mode.ts';
import type { Reason } from './reason.ts';
import type { PackedTraffic } from './traffic.ts';
import type { ClosedTrail } from './trail.ts';

/** Takes the story of every call; never throws, never waits. */
export interface AuditPort {
  record(trail: ClosedTrail): void;
  /**
   * Records as record does, for who may not answer before the story is on disk; undefined: nobody has to wait. Resolves to
   * false, within a second, when it could not be written. Never rejects.
   */
  readonly insist?: ((trail: ClosedTrail) => Promise<boolean>) | undefined;
}

/** What became of a message whose body was looked at on its way. */
export interface ProcessedMessage {
  /** Undefined where no rule was reached. */
  readonly rule: string | undefined;
  readonly message: Direction;
  readonly outcome: 'unchanged' | 'changed' | 'refused';
  /** Why it was refused; ok where it was not. */
  readonly reason: Reason | 'ok';
  readonly bytes: number;
  readonly durationMs: number;
}

/** What was read of Envoy's access log since the start. */
export interface AccessLogCounts {
  readonly messages: number;
  readonly undecodable: number;
  readonly entries: number;
  readonly traffic: PackedTraffic;
  /** What became of what was to be written, for each sink. */
  readonly records: readonly AccessRecordCounts[];
}

/** What became of the records of requests that one sink of the access log was to take. */
export interface AccessRecordCounts {
  readonly sink: string;
  readonly written: number;
  /** There was no room for them, for the sink was slow, away or closed. */
  readonly dropped: number;
  /** The sink has refused them, or we ended before it had them. */
  readonly failed: number;
  readonly waiting: number;
}

/** What happened inside, told in our own words; telemetry turns it into metrics. Never throws. */
export interface Signals {
  decided(trail: ClosedTrail): void;
  /** A limit was checked; local: the store was away and memory counted. */
  limitChecked(
    limit: string,
    outcome: 'allowed' | 'limited' | 'local' | 'store_denied' | 'store_allowed',
    shadow: boolean,
  ): void;
  /** The connection to Redis of the counters, or that of the state, was made or lost. */
  storeLinked(store: 'counters' | 'state', connected: boolean): void;
  /** One round trip to the counter store. */
  storeCalled(outcome: 'ok' | 'error' | 'timeout', durationMs: number): void;
  /** One round trip to the state store: sessions, replay marks, logs. */
  stateCalled(outcome: 'ok' | 'error' | 'timeout', durationMs: number): void;
  /** A log was looked at; current: what other replicas add is heard. */
  logFollowed(log: string, current: boolean): void;
  /** So many revocations are known now. */
  revocationsKnown(count: number): void;
  /** So many bans are in force now. */
  bansHeld(effect: 'refuse' | 'tighten', count: number): void;
  /**
   * A ban of an author was made, lifted or ended here; refused: there was no room for it. unheard: the store is away, so that it holds
   * here alone for now.
   */
  banChanged(by: string, outcome: 'made' | 'lifted' | 'ended' | 'refused' | 'unheard'): void;
  /** A webhook was told of a change of bans, or not: it refuses it, could not take it for long (failed), or too many wait. */
  webhookTold(webhook: string, outcome: 'delivered' | 'retried' | 'refused' | 'failed' | 'dropped'): void;
  /** A key set was fetched, or could not be. */
  keySetFetched(identity: string, outcome: 'ok' | 'error', keys: number): void;
  /** When the last key of a set that was fetched ends, in milliseconds since the epoch; undefined where it does not tell of every key. */
  keySetEnds(identity: string, endMs: number | undefined): void;
  /** When the first of our listener’s certificates of a use ends, in milliseconds since the epoch. */
  certificateEnds(use: 'listener' | 'client_ca', endMs: number): void;
  /** A provider was asked for something: what it said of a token is ok whatever it is; refused: it does not take us for its client. */
  providerCalled(
    identity: string,
    endpoint: 'metadata' | 'introspection' | 'token',
    outcome: 'ok' | 'refused' | 'error' | 'timeout',
    durationMs: number,
  ): void;
  /** An opaque token was looked up; from: who knew the answer, or nobody, for the provider is left alone for a while. */
  introspected(
    identity: string,
    from: 'cache' | 'stale' | 'provider' | 'nobody',
    outcome: 'active' | 'inactive' | 'unavailable',
  ): void;
  /** A descriptor call of RateLimitService was answered. */
  descriptorsChecked(domain: string, outcome: 'ok' | 'over_limit' | 'error'): void;
  /** A public page answered with a status; none: there is no such page. */
  endpointAnswered(endpoint: string, status: number): void;
  /** A large payload was looked at by a thread, or not: it ended over it (failed), took too long, or had no room to wait. */
  payloadInspected(outcome: 'ok' | 'failed' | 'timeout' | 'overloaded' | 'abandoned', durationMs: number): void;
  /** The body of a message was looked at on its way. */
  messageProcessed(message: ProcessedMessage): void;
  /** So many exchanges are on their way through us now. */
  streamsOpen(count: number): void;
  /** Envoy's access log was read so far: what was counted of it since the start. */
  accessLogged(counts: AccessLogCounts): void;
  /** A list of addresses was looked at: taken, unchanged, failed to come, or refused for what it holds. */
  feedRefreshed(feed: string, outcome: 'taken' | 'unchanged' | 'failed' | 'refused'): void;
  /** A list of addresses is in force with so many entries, and its source said so then, in milliseconds since the epoch. */
  feedInForce(feed: string, entries: number, confirmedMs: number): void;
  /** Whether calls should come here. */
  readyChanged(ready: boolean): void;
  /** A config was loaded, at start or by a reload. */
  planLoaded(outcome: 'ok' | 'refused', version: string): void;
}

/** Signals that nobody listens to: for explain and for tests. */
export const silentSignals: Signals = Object.freeze({
  decided: () => {},
  limitChecked: () => {},
  storeLinked: () => {},
  storeCalled: () => {},
  stateCalled: () => {},
  logFollowed: () => {},
  revocationsKnown: () => {},
  bansHeld: () => {},
  banChanged: () => {},
  webhookTold: () => {},
  keySetFetched: () => {},
  keySetEnds: () => {},
  certificateEnds: () => {},
  providerCalled: () => {},
  introspected: () => {},
  descriptorsChecked: () => {},
  endpointAnswered: () => {},
  payloadInspected: () => {},
  messageProcessed: () => {},
  streamsOpen: () => {},
  accessLogged: () => {},
  feedRefreshed: () => {},
  feedInForce: () => {},
  readyChanged: () => {},
  planLoaded: () => {},
});

/** What became of audit events, told to telemetry. Never throws. */
export interface AuditSignals {
  /** Events that left for a sink (written), that its queue had no room for (dropped), or that it refused (failed). */
  auditDelivered(sink: string, outcome: 'written' | 'dropped' | 'failed', events: number): void;
  /** Events that a sink could not take just now, and will be given again. */
  auditRetried(sink: string, events: number): void;
  /** Events and their encoded bytes that wait for a sink now. */
  auditQueued(sink: string, events: number, bytes: number): void;
  /** So many encoded bytes may wait: for each sink in memory, or for all of them in the spool. */
  auditBounded(bytes: number): void;
}

/** Signals of audit that nobody listens to. */
export const silentAuditSignals: AuditSignals = Object.freeze({
  auditDelivered: () => {},
  auditRetried: () => {},
  auditQueued: () => {},
  auditBounded: () => {},
});

/** What became of detection, told to telemetry. Never throws. */
export interface DetectionSignals {
  found(finding: Finding): void;
  /** A ban that a detector asked for was made, could not be, or was held back: too many had been made. */
  detectionActed(detector: string, outcome: 'made' | 'failed' | 'held_back'): void;
  /** So many requests were over that detection was not told of: there was no room. */
  observationsLost(count: number): void;
}

/** A log of our own running, apart from audit. */
export interface Log {
  /** For who looks for a fault. Undefined while nobody listens, so that nothing is even put together. */
  readonly debug?: ((fields: Readonly<Record<string, unknown>>, message: string) => void) | undefined;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** A log that goes nowhere. */
export const silentLog: Log = Object.freeze({ info: () => {}, warn: () => {}, error: () => {} });

/** Makes the span of a call once its story is told, where there is to be one. Never throws. */
export interface Tracing {
  record(trail: ClosedTrail): void;
}

/** Tracing that is off. */
export const silentTracing: Tracing = Object.freeze({ record: () => {} });
