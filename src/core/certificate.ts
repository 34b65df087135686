/** A client certificate that Envoy verified, as far as identity needs it. */
export interface ClientCertificate {
  /** SHA-256 of its DER form in base64url: what a bound token names as x5t#S256 (RFC 8705 section 3.1). */
  readonly thumbprint: string;
  /** The distinguished name (RFC 4514); empty when it is not known. */
  readonly subject: string;
  /** Subject alternative names. */
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emails: readonly string[];
}
