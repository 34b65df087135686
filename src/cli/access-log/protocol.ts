import type { AccessLogCounts } from '../../core/ports.ts';
import type { TlsTexts } from '../../server/transport.ts';

/** What the thread is started with. */
export interface AccessLogParts {
  readonly address: string;
  readonly tls: TlsTexts | undefined;
  readonly transport: 'grpc-js';
  /** What a thread before it had counted. */
  readonly before: AccessLogCounts | undefined;
}

/** What the thread is told: end in order. */
export interface ToAccessLog {
  readonly kind: 'drain';
}

/** What the thread says. */
export type FromAccessLog =
  | { readonly kind: 'listening'; readonly address: string }
  /** It cannot listen, and ends. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'counts'; readonly counts: AccessLogCounts }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly fields: Readonly<Record<string, unknown>>;
      readonly message: string;
    }
  /** The last word. */
  | { readonly kind: 'drained' };
