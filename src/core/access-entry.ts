import type { Vouched } from './vouched.ts';

/** What went wrong with a request, in Envoy's own letters (%RESPONSE_FLAGS%). */
export type ResponseFlag =
  | 'LH'
  | 'UH'
  | 'UT'
  | 'LR'
  | 'UR'
  | 'UF'
  | 'UC'
  | 'UO'
  | 'NR'
  | 'DI'
  | 'FI'
  | 'RL'
  | 'UAEX'
  | 'RLSE'
  | 'DC'
  | 'URX'
  | 'SI'
  | 'IH'
  | 'DPE'
  | 'UMSDR'
  | 'RFCF'
  | 'NFCF'
  | 'DT'
  | 'UPE'
  | 'NC'
  | 'OM'
  | 'DF'
  | 'DR';

/** Milliseconds from the start of a request; undefined where it did not come to that. */
interface Milestones {
  readonly requestRead: number | undefined;
  readonly upstreamAsked: number | undefined;
  readonly upstreamAnswered: number | undefined;
  readonly upstreamDone: number | undefined;
  readonly responseSent: number | undefined;
  readonly end: number | undefined;
}

/** A request that is over, as Envoy tells of it, also of one that Envoy answered without asking us. */
export interface AccessEntry {
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly milestones: Milestones;
  readonly client: {
    /** As Envoy resolves it; empty where it is none of the internet. */
    readonly address: string;
    /** The other end of the connection. */
    readonly peer: string;
    readonly userAgent: string;
  };
  readonly request: {
    readonly id: string;
    readonly method: string;
    readonly scheme: string;
    readonly host: string;
    /** As it came, without its query: that may hold what nobody should read. */
    readonly path: string;
    /** Like HTTP/2; empty where nobody says. */
    readonly protocol: string;
    readonly bodyBytes: number;
    readonly wireBytes: number;
  };
  readonly response: {
    /** Undefined where the request ended without one. */
    readonly status: number | undefined;
    readonly flags: readonly ResponseFlag[];
    /** Who answered and why, in Envoy's words. */
    readonly details: string;
    readonly bodyBytes: number;
    readonly wireBytes: number;
  };
  readonly upstream: {
    readonly route: string;
    readonly cluster: string;
    readonly address: string;
    readonly attempts: number;
    /** Why no secure connection came about; empty where one did. */
    readonly tlsFailure: string;
  };
  /** What our own Check said of it; undefined where nobody asked us. */
  readonly vouched: Vouched | undefined;
  /** 32 hexadecimal digits; undefined where Envoy does not say. */
  readonly traceId: string | undefined;
}
