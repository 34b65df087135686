import type { HeaderMap } from '../../core/attributes.ts';
import type { PresentedCertificate } from '../../core/certificate.ts';
import { arePlainNames } from './names.ts';
import { malformed, type ReadPem } from './x509.ts';
import { parseXfcc, type XfccElement } from './xfcc.ts';

/** The header that proxies tell of client certificates in. */
export const xfccHeader = 'x-forwarded-client-cert';

const hexDigest = /^[0-9a-f]{64}$/i;

/** Reads the element in a place counted from the right, over all lines of the list (RFC 9110 section 5.3). */
export function readForwarded(headers: HeaderMap, place: number, readPem: ReadPem): PresentedCertificate {
  const values = headers.get(xfccHeader);
  if (values === undefined) return { kind: 'absent' };
  // The whole list is read from its beginning: a quote that an earlier proxy left open must not hide where ours begins.
  const elements = parseXfcc(values.join(','));
  if (elements === undefined) return malformed('header');
  const element = elements.at(-place);
  return element === undefined ? malformed('hops') : readElement(element, readPem);
}

function readElement(element: XfccElement, readPem: ReadPem): PresentedCertificate {
  const one = (key: 'hash' | 'cert' | 'chain' | 'subject'): string => element.get(key)?.[0] ?? '';
  const hash = one('hash');
  if (element.has('hash') && !hexDigest.test(hash)) return malformed('hash');
  const thumbprint = hash === '' ? undefined : Buffer.from(hash, 'hex').toString('base64url');
  const whole = [one('cert'), one('chain')].filter((text) => text !== '').map(readPem);
  const [certificate] = whole;
  if (certificate === undefined) return readNames(element, one('subject'), thumbprint);
  // What is said twice must be the same: the names are then taken from the certificate alone.
  const thumbprints = whole.map((read) => (read.kind === 'present' ? read.certificate.thumbprint : undefined));
  const agree = new Set(thumbprint === undefined ? thumbprints : [...thumbprints, thumbprint]).size === 1;
  return agree || certificate.kind === 'malformed' ? certificate : malformed('contradiction');
}

function readNames(element: XfccElement, subject: string, thumbprint: string | undefined): PresentedCertificate {
  // Envoy writes "URI=" where there is none.
  const names = (key: 'uri' | 'dns'): readonly string[] => (element.get(key) ?? []).filter((name) => name !== '');
  const [uris, dnsNames] = [names('uri'), names('dns')];
  if (!arePlainNames([...uris, ...dnsNames])) return malformed('names');
  const unknown = { emails: [], issuedMs: undefined, expiresMs: undefined };
  return { kind: 'present', certificate: { thumbprint, subject, uris, dnsNames, ...unknown } };
}
