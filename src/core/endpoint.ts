import type { HeaderMap } from './attributes.ts';
import type { HeaderMutation } from './decision.ts';

/** A request to one of our own public pages (`listen.public`). */
export interface EndpointRequest {
  readonly method: string;
  /** The authority as it was sent: what Envoy let through is a host of ours. */
  readonly host: string;
  /** The path without the query. */
  readonly path: string;
  /** The raw query, without the question mark; empty when there is none. */
  readonly query: string;
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
}

/** What a public page answers. */
export interface EndpointAnswer {
  readonly status: number;
  readonly headers: readonly HeaderMutation[];
  readonly body: string;
}

/** One of our own public pages: a login's callback, a logout, a key set. */
export interface Endpoint {
  /** The methods that it takes; others are answered with 405. */
  readonly methods: readonly string[];
  /** Never rejects its promise for what a caller sends. */
  handle(request: EndpointRequest, signal: AbortSignal): Promise<EndpointAnswer>;
}

/** The path below which all of them stand; Envoy routes it to `listen.public` without asking us first. */
export const endpointRoot = '/.portcullis/';
