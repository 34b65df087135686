import { hash, X509Certificate } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { PresentedCertificate } from '../../core/certificate.ts';
import { readAlternativeNames } from './names.ts';

/** Reads a certificate, or the first of a chain, from percent-encoded PEM as Envoy sends it. */
export type ReadPem = (text: string) => PresentedCertificate;

const maxLength = 64 * 1024;
const maxCertificates = 1000;
const firstBlock = /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----(?=\n|$)/;
// As node:crypto writes distinguished names: control characters escaped as RFC 4514 section 2.4 has it.
const controlCharacter = /\\(?:[01][0-9A-Fa-f]|7[Ff])/;
const escapedBackslash = /\\\\/g;

/** What a certificate that cannot be read is told as. */
export const malformed = (problem: string): PresentedCertificate => ({ kind: 'malformed', problem });

/** Opens a reader that remembers, by the SHA-256 of the text, what it has read: a connection has one for many requests. */
export function openPemReader(): ReadPem {
  const known = new LRUCache<string, PresentedCertificate>({ max: maxCertificates });
  return (text) => {
    if (text.length > maxLength) return malformed('length');
    const digest = hash('sha256', text, 'base64');
    const seen = known.get(digest);
    if (seen !== undefined) return seen;
    const read = readPem(text);
    known.set(digest, read);
    return read;
  };
}

function readPem(text: string): PresentedCertificate {
  const pem = firstBlock.exec(decoded(text) ?? '')?.[0];
  if (pem === undefined) return malformed('pem');
  const certificate = parsed(pem);
  if (certificate === undefined) return malformed('x509');
  const names = readAlternativeNames(certificate.subjectAltName ?? '');
  if (names === undefined) return malformed('names');
  const subject = distinguishedName(certificate);
  if (controlCharacter.test(subject.replace(escapedBackslash, ''))) return malformed('subject');
  return {
    kind: 'present',
    certificate: Object.freeze({
      thumbprint: Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
      subject,
      ...names,
      issuedMs: certificate.validFromDate.getTime(),
      expiresMs: certificate.validToDate.getTime(),
    }),
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** The subject as Envoy writes it: node:crypto has a line for each part, the outermost first, and no hexadecimal escapes. */
function distinguishedName({ subject }: X509Certificate): string {
  const parts = (subject ?? '').split('\n').toReversed();
  return parts
    .map((part) => part.replaceAll(' + ', '+'))
    .join(',')
    .replace(/[^\x20-\x7e]/gu, (character) =>
      [...Buffer.from(character)].map((byte) => `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
    );
}
