import { durationBounds } from '../core/traffic.ts';

/** What a metric is: its Prometheus name, its kind and the names of its labels. */
export interface MetricSpec {
  readonly name: `portcullis_${string}`;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** A UCUM unit, as OTLP wants it. */
  readonly unit: '1' | 's' | 'By';
  readonly help: string;
  readonly labels: readonly string[];
  /** The upper bounds of a histogram's buckets, in seconds; bucketBounds where it says nothing. */
  readonly bounds?: readonly number[];
}

/** Every metric that we expose, as Prometheus text and over OTLP. Names are stable: append, never rename. */
export const metrics = {
  decisions: {
    name: 'portcullis_decisions_total',
    type: 'counter',
    unit: '1',
    help: 'Decisions by rule, effect and fine reason; the reason of an allow is ok.',
    labels: ['rule', 'effect', 'reason'],
  },
  decisionDuration: {
    name: 'portcullis_decision_duration_seconds',
    type: 'histogram',
    unit: 's',
    help: 'Time from the arrival of a call to its decision.',
    labels: ['effect'],
  },
  shadowDecisions: {
    name: 'portcullis_shadow_decisions_total',
    type: 'counter',
    unit: '1',
    help: 'What rules in shadow mode would have decided.',
    labels: ['rule', 'effect', 'reason'],
  },
  attackMatches: {
    name: 'portcullis_attack_matches_total',
    type: 'counter',
    unit: '1',
    help: 'Requests in which a search found something, by class of attack and what became of them: refused, shadow or passed.',
    labels: ['class', 'outcome'],
  },
  limitChecks: {
    name: 'portcullis_limit_checks_total',
    type: 'counter',
    unit: '1',
    help: 'Checks of a limit by outcome; local means that the store was away and memory counted.',
    labels: ['limit', 'outcome', 'shadow'],
  },
  storeCalls: {
    name: 'portcullis_store_calls_total',
    type: 'counter',
    unit: '1',
    help: 'Round trips to the counter store by outcome.',
    labels: ['outcome'],
  },
  storeDuration: {
    name: 'portcullis_store_call_duration_seconds',
    type: 'histogram',
    unit: 's',
    help: 'Time of a round trip to the counter store.',
    labels: ['outcome'],
  },
  stateCalls: {
    name: 'portcullis_state_calls_total',
    type: 'counter',
    unit: '1',
    help: 'Round trips to the state store (sessions, replay marks, logs) by outcome.',
    labels: ['outcome'],
  },
  stateDuration: {
    name: 'portcullis_state_call_duration_seconds',
    type: 'histogram',
    unit: 's',
    help: 'Time of a round trip to the state store.',
    labels: ['outcome'],
  },
  logCurrent: {
    name: 'portcullis_log_current',
    type: 'gauge',
    unit: '1',
    help: '1 while what other replicas add to the log is heard, 0 while the store is away.',
    labels: ['log'],
  },
  revocations: {
    name: 'portcullis_revocations',
    type: 'gauge',
    unit: '1',
    help: 'Revocations that are known and not over.',
    labels: [],
  },
  descriptors: {
    name: 'portcullis_ratelimit_checks_total',
    type: 'counter',
    unit: '1',
    help: 'Calls of RateLimitService by domain and outcome.',
    labels: ['domain', 'outcome'],
  },
  keySetFetches: {
    name: 'portcullis_key_set_fetches_total',
    type: 'counter',
    unit: '1',
    help: 'Fetches of an identity provider’s key set by outcome.',
    labels: ['identity', 'outcome'],
  },
  keySetKeys: {
    name: 'portcullis_key_set_keys',
    type: 'gauge',
    unit: '1',
    help: 'Keys in the key set that was fetched last.',
    labels: ['identity'],
  },
  keySetLastSuccess: {
    name: 'portcullis_key_set_last_success_timestamp_seconds',
    type: 'gauge',
    unit: 's',
    help: 'When a key set was fetched last, in Unix time.',
    labels: ['identity'],
  },
  providerCalls: {
    name: 'portcullis_provider_calls_total',
    type: 'counter',
    unit: '1',
    help: 'Calls to an identity provider by endpoint and outcome; refused: it does not take us for its client.',
    labels: ['identity', 'endpoint', 'outcome'],
  },
  providerDuration: {
    name: 'portcullis_provider_call_duration_seconds',
    type: 'histogram',
    unit: 's',
    help: 'Time of a call to an identity provider.',
    labels: ['identity', 'endpoint'],
  },
  introspections: {
    name: 'portcullis_introspections_total',
    type: 'counter',
    unit: '1',
    help: 'Opaque tokens that were looked up, by who knew the answer (cache, stale, provider, nobody) and what it was.',
    labels: ['identity', 'from', 'outcome'],
  },
  poolInspections: {
    name: 'portcullis_inspection_pool_total',
    type: 'counter',
    unit: '1',
    help: 'Large payloads that were handed to a thread, to look at or to make harmless, by outcome (ok, failed, timeout, overloaded, abandoned).',
    labels: ['outcome'],
  },
  poolDuration: {
    name: 'portcullis_inspection_pool_duration_seconds',
    type: 'histogram',
    unit: 's',
    help: 'How long large payloads waited for a thread and its verdict.',
    labels: ['outcome'],
  },
  processedMessages: {
    name: 'portcullis_ext_proc_messages_total',
    type: 'counter',
    unit: '1',
    help: 'Requests and responses whose bodies were looked at on their way, by rule, outcome (unchanged, changed, refused) and fine reason.',
    labels: ['rule', 'message', 'outcome', 'reason'],
  },
  processedBytes: {
    name: 'portcullis_ext_proc_bytes_total',
    type: 'counter',
    unit: 'By',
    help: 'Bytes of bodies that were looked at on their way.',
    labels: ['message'],
  },
  processDuration: {
    name: 'portcullis_ext_proc_duration_seconds',
    type: 'histogram',
    unit: 's',
    help: 'Time that a request or a response spent with us on its way, all of its parts together.',
    labels: ['message'],
  },
  processStreams: {
    name: 'portcullis_ext_proc_streams',
    type: 'gauge',
    unit: '1',
    help: 'Exchanges that are on their way through us now.',
    labels: [],
  },
  clientRequests: {
    name: 'portcullis_client_requests_total',
    type: 'counter',
    unit: '1',
    help: 'Requests that are over, of the clients that come most often, by class of the status (none: ended without one).',
    labels: ['client', 'status'],
  },
  clientErrors: {
    name: 'portcullis_client_errors_total',
    type: 'counter',
    unit: '1',
    help: 'Requests that went wrong, of the clients that come most often, by who caused it: client, policy, gateway or upstream.',
    labels: ['client', 'caused_by'],
  },
  clientBytes: {
    name: 'portcullis_client_bytes_total',
    type: 'counter',
    unit: 'By',
    help: 'Bytes of bodies, of the clients that come most often: in, of requests, and out, of responses.',
    labels: ['client', 'direction'],
  },
  clientDuration: {
    name: 'portcullis_client_request_duration_seconds',
    type: 'histogram',
    unit: 's',
    help: 'How long requests took from their first byte to the last of the answer, of the clients that come most often.',
    labels: ['client'],
    bounds: durationBounds,
  },
  routeRequests: {
    name: 'portcullis_route_requests_total',
    type: 'counter',
    unit: '1',
    help: 'Requests that are over, of a rule, or a route of Envoy that asked nobody, by class of the status (none: ended without one).',
    labels: ['route', 'status'],
  },
  routeErrors: {
    name: 'portcullis_route_errors_total',
    type: 'counter',
    unit: '1',
    help: 'Requests that went wrong, of a rule, or a route of Envoy that asked nobody, by who caused it: client, policy, gateway or upstream.',
    labels: ['route', 'caused_by'],
  },
  routeBytes: {
    name: 'portcullis_route_bytes_total',
    type: 'counter',
    unit: 'By',
    help: 'Bytes of bodies, of a rule, or a route of Envoy that asked nobody: in, of requests, and out, of responses.',
    labels: ['route', 'direction'],
  },
  routeDuration: {
    name: 'portcullis_route_request_duration_seconds',
    type: 'histogram',
    unit: 's',
    help: 'How long requests took from their first byte to the last of the answer, of a rule, or a route of Envoy that asked nobody.',
    labels: ['route'],
    bounds: durationBounds,
  },
  accessLogMessages: {
    name: 'portcullis_access_log_messages_total',
    type: 'counter',
    unit: '1',
    help: 'Messages of Envoy’s access log by outcome: taken, or undecodable.',
    labels: ['outcome'],
  },
  accessLogEntries: {
    name: 'portcullis_access_log_entries_total',
    type: 'counter',
    unit: '1',
    help: 'Requests that Envoy’s access log told of.',
    labels: [],
  },
  publicRequests: {
    name: 'portcullis_public_requests_total',
    type: 'counter',
    unit: '1',
    help: 'Requests to public pages by page and class of the status; none is a path without a page.',
    labels: ['endpoint', 'status'],
  },
  feedRefreshes: {
    name: 'portcullis_address_feed_refreshes_total',
    type: 'counter',
    unit: '1',
    help: 'Looks at a list of addresses by outcome: taken, unchanged, failed to come, or refused for what it holds.',
    labels: ['feed', 'outcome'],
  },
  feedEntries: {
    name: 'portcullis_address_feed_entries',
    type: 'gauge',
    unit: '1',
    help: 'Entries of a list of addresses that are in force.',
    labels: ['feed'],
  },
  feedConfirmed: {
    name: 'portcullis_address_feed_confirmed_timestamp_seconds',
    type: 'gauge',
    unit: 's',
    help: 'When the source of a list of addresses said last that what is in force is its list, in Unix time.',
    labels: ['feed'],
  },
  feedHits: {
    name: 'portcullis_address_feed_hits_total',
    type: 'counter',
    unit: '1',
    help: 'Requests from addresses on a list, by what became of them: refused, or shadow for one that only watches.',
    labels: ['feed', 'outcome'],
  },
  planLoads: {
    name: 'portcullis_plan_loads_total',
    type: 'counter',
    unit: '1',
    help: 'Loads of the config, at start and by reloads, by outcome.',
    labels: ['outcome'],
  },
  planLastSuccessful: {
    name: 'portcullis_last_reload_successful',
    type: 'gauge',
    unit: '1',
    help: '1 when the last load of the config was taken, 0 when it was refused.',
    labels: [],
  },
  planInfo: {
    name: 'portcullis_plan_info',
    type: 'gauge',
    unit: '1',
    help: 'Always 1; the label tells the version of the plan in force.',
    labels: ['version'],
  },
  auditEvents: {
    name: 'portcullis_audit_events_total',
    type: 'counter',
    unit: '1',
    help: 'Audit events by sink and outcome: written, dropped by a full queue, or failed because the sink refused them.',
    labels: ['sink', 'outcome'],
  },
  auditRetries: {
    name: 'portcullis_audit_retries_total',
    type: 'counter',
    unit: '1',
    help: 'Audit events that a sink could not take just now, each time.',
    labels: ['sink'],
  },
  auditQueueEvents: {
    name: 'portcullis_audit_queue_events',
    type: 'gauge',
    unit: '1',
    help: 'Audit events that wait for a sink; of a spool about so many.',
    labels: ['sink'],
  },
  auditQueueBytes: {
    name: 'portcullis_audit_queue_bytes',
    type: 'gauge',
    unit: 'By',
    help: 'Encoded bytes of the audit events that wait for a sink, in memory or in the spool.',
    labels: ['sink'],
  },
  otlpExports: {
    name: 'portcullis_otlp_exports_total',
    type: 'counter',
    unit: '1',
    help: 'Batches of spans and metrics that were sent to the collector, by outcome.',
    labels: ['signal', 'outcome'],
  },
  processStart: {
    name: 'portcullis_process_start_time_seconds',
    type: 'gauge',
    unit: 's',
    help: 'When the process started, in Unix time.',
    labels: [],
  },
  processMemory: {
    name: 'portcullis_process_resident_memory_bytes',
    type: 'gauge',
    unit: 'By',
    help: 'Resident memory of the process.',
    labels: [],
  },
  processCpu: {
    name: 'portcullis_process_cpu_seconds_total',
    type: 'counter',
    unit: 's',
    help: 'Processor time, user and system.',
    labels: [],
  },
  eventLoopActive: {
    name: 'portcullis_event_loop_active_seconds_total',
    type: 'counter',
    unit: 's',
    help: 'Time that the event loop was not idle: its rate is the loop’s utilization.',
    labels: [],
  },
} as const satisfies Record<string, MetricSpec>;

/** Upper bounds of a histogram's buckets, in seconds: decisions are mostly faster than a millisecond. */
export const bucketBounds: readonly number[] = Object.freeze([
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
]);

/** The upper bounds of a histogram's buckets, in seconds. */
export const boundsOf = ({ bounds }: MetricSpec): readonly number[] => bounds ?? bucketBounds;

/** The name of the span of a Check call: the full method, as gRPC spans are named. */
export const checkSpan = 'envoy.service.auth.v3.Authorization/Check';

/** The name of the span of a Process stream. */
export const processSpan = 'envoy.service.ext_proc.v3.ExternalProcessor/Process';

/** Attributes of these spans: OpenTelemetry's semantic conventions where they have a name, our own prefix where not. */
export const attributes = Object.freeze({
  rpcSystem: 'rpc.system.name',
  rpcMethod: 'rpc.method',
  errorType: 'error.type',
  httpMethod: 'http.request.method',
  httpStatus: 'http.response.status_code',
  urlPath: 'url.path',
  serverAddress: 'server.address',
  clientAddress: 'client.address',
  decision: 'portcullis.decision',
  reason: 'portcullis.reason',
  rule: 'portcullis.rule',
  decisionId: 'portcullis.decision_id',
  planVersion: 'portcullis.plan.version',
  principalSource: 'portcullis.principal.source',
  /** What each step said, in their order. */
  steps: 'portcullis.steps',
  /** What rules in shadow mode would have decided. */
  shadow: 'portcullis.shadow',
  /** Followed by the step's name: its verdict. */
  stepPrefix: 'portcullis.step.',
});
