import type { HeaderMap } from './attributes.ts';
import type { HeaderMutation } from './decision.ts';
import type { Subject } from './subject.ts';
import type { Detail, Refusal } from './verdict.ts';

/** The head of a message on its way through Envoy (ext_proc ProcessingRequest). */
export interface MessageHead {
  /** Undefined for a request. */
  readonly status: number | undefined;
  /** Without pseudo headers; names in lower case. */
  readonly headers: HeaderMap;
  /** No body follows. */
  readonly endOfStream: boolean;
}

/** Changes of a message's head. */
export interface HeadMutation {
  readonly set: readonly HeaderMutation[];
  /** Lower case. */
  readonly remove: readonly string[];
  /** The request's path and query in place of the ones that came; undefined: they stay. */
  readonly path?: string;
}

/** One step of a body: the bytes that go on in the piece's place, or the end of the message. */
export type BodyStep =
  | { readonly kind: 'forward'; readonly bytes: Uint8Array }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** Looks at one body while it passes. */
export interface BodyProcessor {
  /**
   * Takes the next piece. What goes on may be less (held back until more is known), more, or the very same array where
   * nothing changed; the last piece gives all that was held back. Rejects only for a bug.
   */
  push(piece: Uint8Array, last: boolean): BodyStep | Promise<BodyStep>;
  /** What was found and done so far, fit for audit: never a value. */
  detail(): Detail;
}

/** What is to become of a message, once its head is known. */
export type HeadStep =
  /** Its body is nobody's business here. */
  | { readonly kind: 'skip'; readonly head: HeadMutation; readonly detail: Detail }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  | {
      readonly kind: 'read';
      /**
       * whole: nothing goes on before all of it was seen, so that it can still be refused with a status. stream: pieces go on
       * as they come.
       */
      readonly how: 'whole' | 'stream';
      readonly head: HeadMutation;
      /**
       * Whether other bytes may go on than came: then no length, digest, validator or range of the message can stand. Where
       * the body is read as a stream its head leaves before that is known, so it is said here.
       */
      readonly mayChange: boolean;
      /** The largest body that is looked at. */
      readonly maxBytes: number;
      /** What a larger body is refused with; undefined: what exceeds it goes on unseen. */
      readonly tooLarge: Refusal | undefined;
      readonly body: BodyProcessor;
    };

/** Decides what becomes of one message; throws only for a bug. */
export type ProcessMessage = (head: MessageHead, subject: Subject) => HeadStep;

/** What a rule does with messages on their way; undefined: nothing, and their bodies need not be sent to us. */
export interface Processing {
  readonly request: ProcessMessage | undefined;
  readonly response: ProcessMessage | undefined;
}

/** Nothing is done with any message. */
export const noProcessing: Processing = Object.freeze({ request: undefined, response: undefined });

/** What a response gave away. */
export interface Volume {
  readonly bytes: number;
  /** Items of a list, lines of NDJSON or CSV; 0 for what has none. */
  readonly records: number;
}

/** Counts what a response gave away; never rejects. */
export type CountVolume = (subject: Subject, volume: Volume) => Promise<void>;
