import type { AuditEvent } from '../ocsf.ts';

/** A way to write events. */
export interface Encoding {
  /** An OCSF event, as its mask leaves it, as one line of this encoding; undefined: it stays as it is. */
  readonly encode: ((event: object, facts: AuditEvent) => string) | undefined;
  /** How many braces close a line after our own facts, where the chain goes; undefined: lines have no place for it. */
  readonly braces: number | undefined;
}
