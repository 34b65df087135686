import type { Peer } from '../../core/attributes.ts';
import type { PresentedCertificate } from '../../core/certificate.ts';
import { unnamed } from './names.ts';
import { malformed, type ReadPem } from './x509.ts';

const uri = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/;
const subject = /^[A-Za-z0-9.]+=[\x20-\x7e]*$/;
const dnsName = /^[A-Za-z0-9_*.-]+$/;

/** Reads what Envoy tells of its own connection; without the certificate, its first name alone is known. */
export function readPeer({ certificate, principal }: Peer, readPem: ReadPem): PresentedCertificate {
  if (certificate !== '') return readPem(certificate);
  return principal === '' ? { kind: 'absent' } : readPrincipal(principal);
}

/**
 * Envoy names the first URI, else the first DNS name, else the subject, and does not say which of them it is: a name is
 * what it looks like, which holds as far as authorities sign no DNS name that looks like a URI.
 */
function readPrincipal(principal: string): PresentedCertificate {
  if (uri.test(principal)) return { kind: 'present', certificate: { ...unnamed, uris: [principal] } };
  if (subject.test(principal)) return { kind: 'present', certificate: { ...unnamed, subject: principal } };
  if (dnsName.test(principal)) return { kind: 'present', certificate: { ...unnamed, dnsNames: [principal] } };
  return malformed('principal');
}
