/** Which of the two messages of an exchange. */
export type Direction = 'request' | 'response';

/**
 * How Envoy sends a body: not at all; in pieces that each wait for their answer (STREAMED); as a whole while the head waits
 * (BUFFERED); as much of it as it can hold (BUFFERED_PARTIAL); in pieces, with any number of pieces coming back
 * (FULL_DUPLEX_STREAMED).
 */
export type BodyMode = 'none' | 'streamed' | 'buffered' | 'partial' | 'duplex';

/** How the ext_proc filter is configured for a stream. */
export interface FilterModes {
  readonly request: BodyMode;
  readonly response: BodyMode;
  /** Pieces come before the head is answered; then no mode can be changed either. */
  readonly eager: boolean;
}

/** Which parts Envoy is to send from now on. */
export interface WantedModes {
  readonly request: 'none' | 'streamed' | 'buffered';
  /** Whether the head of the response is wanted. */
  readonly responseHead: boolean;
  readonly response: 'none' | 'streamed' | 'buffered';
}
