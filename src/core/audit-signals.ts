/** What became of audit events, told to telemetry. Never throws. */
export interface AuditSignals {
  /** Events that left for a sink (written), that its queue had no room for (dropped), or that it refused (failed). */
  auditDelivered(sink: string, outcome: 'written' | 'dropped' | 'failed', events: number): void;
  /** Events and their encoded bytes that wait for a sink now. */
  auditQueued(sink: string, events: number, bytes: number): void;
}

/** Signals of audit that nobody listens to. */
export const silentAuditSignals: AuditSignals = Object.freeze({ auditDelivered: () => {}, auditQueued: () => {} });
