/** Header names in lower case, each with its values in the order of arrival. */
export type HeaderMap = ReadonlyMap<string, readonly string[]>;

/** One end of a connection (AttributeContext.Peer). */
export interface Peer {
  /** The textual IP address; empty when the peer is a unix socket. */
  readonly address: string;
  readonly port: number;
  /** The identity that mutual TLS proved (URI SAN, else subject); empty without it. */
  readonly principal: string;
  /** The certificate that mutual TLS verified, PEM and percent-encoded as Envoy sends it; empty without it. */
  readonly certificate: string;
}

/** What Envoy tells of one request (envoy.service.auth.v3.AttributeContext), in our words and untouched. */
export interface Attributes {
  readonly source: Peer;
  readonly destination: Peer;
  readonly method: string;
  readonly scheme: string;
  /** The authority as it was sent, with port and in any case. */
  readonly host: string;
  /** The path as it was sent, with its query. */
  readonly path: string;
  readonly protocol: string;
  /** Without pseudo headers; a value that was not UTF-8 holds U+FFFD. */
  readonly headers: HeaderMap;
  /** The buffered body; undefined when Envoy sent none. */
  readonly body: Uint8Array | undefined;
  /**
   * The body came as text (HttpRequest.body), in which Envoy puts "!" in place of bytes that are no UTF-8: what we see may
   * not be what the upstream gets.
   */
  readonly bodyIsText?: true;
  /** Envoy's id of the request (x-request-id); empty when there is none. */
  readonly requestId: string;
  /** Per-route settings of the ext_authz filter (AttributeContext.context_extensions). */
  readonly contextExtensions: ReadonlyMap<string, string>;
}

/** A request that the guard let through, in the one form that every later step sees. */
export interface NormalRequest {
  readonly attributes: Attributes;
  readonly method: string;
  /** Lower case: http or https. */
  readonly scheme: string;
  /** Lower case, without port and trailing dot. */
  readonly host: string;
  /** The path in normal form, without the query; it begins with a slash. */
  readonly path: string;
  /** The path's segments, percent-decoded. */
  readonly segments: readonly string[];
  /** The raw query, without the question mark; empty when there is none. */
  readonly query: string;
  readonly headers: HeaderMap;
  /** The trusted client address in canonical text; empty when there is none (a unix socket). */
  readonly clientAddress: string;
}

/** The single value of a header; undefined when it is absent or stands more than once. */
export function singleHeader(headers: HeaderMap, name: string): string | undefined {
  const values = headers.get(name);
  return values?.length === 1 ? values[0] : undefined;
}
