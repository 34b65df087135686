/** A SPIFFE ID in its parts. */
interface SpiffeId {
  readonly trustDomain: string;
  /** The segments of its path. */
  readonly segments: readonly string[];
}

const maxLength = 2048;
const maxTrustDomainLength = 255;
const trustDomainName = /^[a-z0-9._-]+$/;
// No percent-encoding, query, fragment, port or user: none of their characters may stand in one.
const pathSegment = /^(?!\.{1,2}$)[A-Za-z0-9._-]+$/;

/** Whether a text is the name of a trust domain (SPIFFE-ID section 2.1). */
export const isTrustDomain = (text: string): boolean =>
  text.length <= maxTrustDomainLength && trustDomainName.test(text);

/** Parses the SPIFFE ID of a workload (SPIFFE-ID section 2, X509-SVID section 3), which has a path; undefined for any other text. */
export function parseSpiffeId(text: string): SpiffeId | undefined {
  const [, trustDomain = '', path = ''] = /^spiffe:\/\/([^/]*)\/(.*)$/s.exec(text) ?? [];
  const segments = path.split('/');
  const sound =
    text.length <= maxLength && isTrustDomain(trustDomain) && segments.every((one) => pathSegment.test(one));
  return sound ? { trustDomain, segments } : undefined;
}

/** Whether a URI claims to be a SPIFFE ID. */
export const isSpiffe = (uri: string): boolean => /^spiffe:/i.test(uri);
