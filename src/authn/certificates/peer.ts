import type { Peer } from '../../core/attributes.ts';
import type { PresentedCertificate } from '../../core/certificate.ts';
import { arePlainNames } from './names.ts';
import { malformed, type ReadPem } from './x509.ts';

const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const nameless = { thumbprint: undefined, subject: '', uris: [], dnsNames: [], emails: [] } as const;
const timeless = { issuedMs: undefined, expiresMs: undefined } as const;

/** Reads what Envoy tells of its own connection; without the certificate, its first name alone is known. */
export function readPeer({ certificate, principal }: Peer, readPem: ReadPem): PresentedCertificate {
  if (certificate !== '') return readPem(certificate);
  return principal === '' ? { kind: 'absent' } : readPrincipal(principal);
}

/** Envoy names the first URI, else the first DNS name, else the subject, and does not say which of them it is. */
function readPrincipal(principal: string): PresentedCertificate {
  const present = (names: Partial<Record<'subject', string> & Record<'uris' | 'dnsNames', readonly string[]>>) =>
    ({ kind: 'present', certificate: { ...nameless, ...timeless, ...names } }) as const;
  if (/[^\x20-\x7e]/.test(principal)) return malformed('principal');
  const isSubject = !scheme.test(principal) && principal.includes('=');
  if (isSubject) return present({ subject: principal });
  if (!arePlainNames([principal])) return malformed('principal');
  return scheme.test(principal) ? present({ uris: [principal] }) : present({ dnsNames: [principal] });
}
