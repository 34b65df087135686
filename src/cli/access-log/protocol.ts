import type { AccessLogSpec } from '../../access-log/config.ts';
import type { AccessLogCounts } from '../../core/ports.ts';
import type { OverBatch } from '../../detect/index.ts';
import type { TlsTexts } from '../../server/transport.ts';
import type { LogOrigin } from '../../sinks/otlp-logs.ts';

/** What the thread is started with. */
export interface AccessLogParts {
  readonly address: string;
  readonly tls: TlsTexts | undefined;
  readonly transport: 'grpc-js' | 'http2';
  /** What is written of requests; undefined: nothing. */
  readonly writes: AccessLogSpec | undefined;
  readonly origin: LogOrigin;
  /** The endpoint of telemetry. */
  readonly otlpEndpoint: string | undefined;
  /** Its first number is 1 while detection is to be told of requests; shared with us. */
  readonly observing?: Int32Array;
  /** What a thread before it had counted. */
  readonly before: AccessLogCounts | undefined;
}

/** What the thread is told. */
export type ToAccessLog =
  /** End in order. */
  | { readonly kind: 'drain' }
  /** What became of the lines that it gave for standard output last. */
  | { readonly kind: 'wrote'; readonly outcome: 'written' | 'closed' };

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
  /** Lines for standard output, which has one writer, so that no line tears another one. It waits for the answer before it gives more. */
  | { readonly kind: 'lines'; readonly bytes: Uint8Array }
  /** For detection. */
  | { readonly kind: 'over'; readonly batch: OverBatch }
  /** The last word. */
  | { readonly kind: 'drained' };
