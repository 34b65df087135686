/** A client certificate that Envoy verified, as far as identity needs it. */
export interface ClientCertificate {
  /**
   * SHA-256 of its DER form in base64url: what a bound token names as x5t#S256 (RFC 8705 section 3.1). Undefined when the
   * proxy tells of a name alone.
   */
  readonly thumbprint: string | undefined;
  /** The distinguished name (RFC 4514) as Envoy writes it; empty when there is none or it is not known. */
  readonly subject: string;
  /** Subject alternative names, in the certificate's order: printable ASCII without blanks. */
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emails: readonly string[];
  /** The ends of its validity, in milliseconds since the epoch; undefined when the proxy tells of a name or a digest alone. */
  readonly issuedMs: number | undefined;
  readonly expiresMs: number | undefined;
}

/** What the proxy says of a request's client certificate; the problem is a word that holds nothing of it. */
export type PresentedCertificate =
  | { readonly kind: 'absent' }
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'present'; readonly certificate: ClientCertificate };
