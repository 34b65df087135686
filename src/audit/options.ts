import type { Writable } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import type { AuditSignals, Log } from '../core/ports.ts';
import type { AuditConfig } from './config.ts';
import type { QueueBound } from './queue.ts';

/** What audit needs. */
export interface AuditOptions extends AuditConfig {
  readonly clock: Clock;
  readonly log?: Log;
  readonly signals?: AuditSignals;
  /** Where the sink otlp sends to; the sink is inactive without it. */
  readonly otlpEndpoint?: string | undefined;
  readonly serviceName?: string;
  readonly version?: string;
  /** Tells instances apart, in every event; random by default. */
  readonly instanceId?: string;
  readonly stdout?: Writable;
  /** How much may wait, once before it is encoded and once for each sink: 16384 events and 16 MiB by default. */
  readonly bound?: QueueBound;
  readonly retryMs?: number;
}
