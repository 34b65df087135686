import type { NormalRequest } from '../../core/attributes.ts';
import type { PresentedCertificate } from '../../core/certificate.ts';
import { unnamed } from './names.ts';
import { malformed, type ReadPem } from './x509.ts';
import { holdsNames, parseXfcc, type XfccElement } from './xfcc.ts';

/** The header that proxies tell of client certificates in. */
export const xfccHeader = 'x-forwarded-client-cert';

const hexDigest = /^[0-9a-f]{64}$/i;

/** Reads the element in a place counted from the right, over all lines of the list (RFC 9110 section 5.3). */
export function readForwarded(request: NormalRequest, place: number, readPem: ReadPem): PresentedCertificate {
  const { headers, attributes } = request;
  const text = headers.get(xfccHeader)?.join(',');
  if (text === undefined) return { kind: 'absent' };
  // One name anywhere, and the elements cannot be told from what a certificate says.
  if (holdsNames(text)) return malformed('unescaped');
  // The whole list is read from its beginning: a quote that an earlier proxy left open must not hide where ours begins.
  const elements = parseXfcc(text);
  if (elements === undefined) return malformed('header');
  const element = elements.at(-place);
  if (element === undefined) return malformed('hops');
  // The last element is about our own Envoy's peer, of whom it may tell by itself.
  return readElement(element, place === 1 ? attributes.source.certificate : '', readPem);
}

function readElement(element: XfccElement, peer: string, readPem: ReadPem): PresentedCertificate {
  const texts = [element.get('cert') ?? '', element.get('chain') ?? ''].filter((text) => text !== '');
  const hash = element.get('hash');
  if (hash === undefined ? texts.length === 0 : !hexDigest.test(hash)) return malformed('hash');
  const read = [...texts, peer].filter((text) => text !== '').map(readPem);
  const thumbprints = read.map((one) => (one.kind === 'present' ? one.certificate.thumbprint : undefined));
  if (hash !== undefined) thumbprints.push(Buffer.from(hash, 'hex').toString('base64url'));
  const [thumbprint] = thumbprints;
  // Of a digest alone no name is known, whatever stands beside it.
  const [certificate = { kind: 'present', certificate: { ...unnamed, thumbprint } }] = read;
  if (certificate.kind === 'malformed') return certificate;
  // What is said twice must be the same.
  return new Set(thumbprints).size === 1 ? certificate : malformed('contradiction');
}
