import type { Reason } from './reason.ts';

/** What detection looks at: one request, when it was decided, and again when it is over (as far as Envoy's access log tells of it). */
export interface Observation {
  /** decided: our Check said so. over: the request is over, whether or not we were asked. */
  readonly stage: 'decided' | 'over';
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Where it came from: an IPv4 address, or the /64 of an IPv6 one (clientNetwork); empty: unknown. */
  readonly network: string;
  /** The key of a principal who was vouched for. */
  readonly principal: string | undefined;
  /** A keyed hash of the credential that was presented and refused: tells guesses apart, and nothing else. */
  readonly guess: number | undefined;
  /** The rule that took it, else the name of Envoy's route, else `none`. */
  readonly route: string;
  /** Why it was refused; ok where it was not; undefined: we were not asked. */
  readonly reason: Reason | 'ok' | undefined;
  /** The path without its query, as it came. */
  readonly path: string;
  /** The HTTP status that the client got, of a request that is over; undefined: it got none, or is not over. */
  readonly status: number | undefined;
  /** Whether the upstream, or the way to it, is to blame for an error of a request that is over. */
  readonly upstreamFailed: boolean;
  /** Bytes of the response's body, of a request that is over. */
  readonly bytesOut: number;
}
