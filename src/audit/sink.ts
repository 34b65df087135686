import type { Writable } from 'node:stream';
import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Clock } from '../core/clock.ts';
import type { AuditEvent } from './ocsf.ts';

/**
 * What became of a batch. written: the sink has all of it. away: the sink has none of it, or may not, and it is worth
 * trying again. refused: the sink will never take it. closed: the sink will never take anything again.
 */
export type Delivered = 'written' | 'away' | 'refused' | 'closed' | Later | Partly;

/** As away, and the sink has said when to come again. */
interface Later {
  readonly afterMs: number;
}

/** The sink has judged each event by itself: it has all but these. */
export interface Partly {
  /** Worth trying again. */
  readonly again: ReadonlySet<AuditEvent>;
  /** It will never take them. */
  readonly refused: ReadonlySet<AuditEvent>;
}

/** Takes audit events somewhere. */
export interface Sink {
  /** Takes a batch; called again only when it has settled, and after away with the same batch. Never rejects, and never waits for longer than it must. */
  write(batch: readonly AuditEvent[]): Promise<Delivered>;
  /** Why it was away last, in a word; undefined where it does not know. */
  trouble?(): string | undefined;
  close(): Promise<void>;
}

/** What sinks find around them. */
export interface SinkEnvironment {
  readonly clock: Clock;
  readonly stdout: Writable;
  /** The base URL of an OTLP/HTTP receiver; undefined when none is configured. */
  readonly otlpEndpoint: string | undefined;
  readonly serviceName: string;
  readonly version: string;
  readonly instanceId: string;
}

/** An open sink, or why there is none. */
type Opened = { readonly sink: Sink } | { readonly inactive: string };

/** Opens a configured sink: once, at start. */
export type OpenSink = (environment: SinkEnvironment) => Opened;

/** What a kind of sink makes of the options that all kinds have. */
interface SinkFormat {
  /** Whether a line is one JSON object, or plain text. */
  readonly json: boolean;
}

/** A kind of sink. */
export interface SinkKind {
  /** Of its options; what has no required option can be configured by its name alone. */
  readonly schema: JsonSchema;
  build(options: Readonly<Record<string, unknown>>, context: BuildContext, format: SinkFormat): OpenSink;
}
