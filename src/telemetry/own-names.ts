import type { MetricSpec } from './metric-spec.ts';

/** What we expose of the process itself and of what it sends; part of the one table. */
export const ownMetrics = {
  otlpExports: {
    name: 'portcullis_otlp_exports_total',
    type: 'counter',
    unit: '1',
    help: 'Batches of spans and metrics that were sent to the collector, by outcome.',
    labels: ['signal', 'outcome'],
  },
  otlpAway: {
    name: 'portcullis_otlp_collector_away',
    type: 'gauge',
    unit: '1',
    help: '1 while the collector takes nothing of a signal and is left alone but for a try now and then.',
    labels: ['signal'],
  },
  spans: {
    name: 'portcullis_spans_total',
    type: 'counter',
    unit: '1',
    help: 'Spans of calls by what became of them: sent, or dropped by a full queue, a failed export or because the collector is away.',
    labels: ['outcome'],
  },
  ready: {
    name: 'portcullis_ready',
    type: 'gauge',
    unit: '1',
    help: '1 while calls should come here: what decisions need is there.',
    labels: [],
  },
  storeConnected: {
    name: 'portcullis_store_connected',
    type: 'gauge',
    unit: '1',
    help: '1 while the connection to Redis of the counters, or that of the state, stands.',
    labels: ['store'],
  },
  certificateExpiry: {
    name: 'portcullis_certificate_expiry_timestamp_seconds',
    type: 'gauge',
    unit: 's',
    help: 'When the first of our listener’s certificates ends, in Unix time: its own chain (listener), the authorities of clients (client_ca).',
    labels: ['use'],
  },
  keySetExpiry: {
    name: 'portcullis_key_set_expiry_timestamp_seconds',
    type: 'gauge',
    unit: 's',
    help: 'When the last key of a key set that was fetched ends, in Unix time, where certificates (x5c) or exp tell of every key.',
    labels: ['identity'],
  },
  buildInfo: {
    name: 'portcullis_build_info',
    type: 'gauge',
    unit: '1',
    help: 'Always 1; the labels tell the version and the Node that runs it.',
    labels: ['version', 'node'],
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
