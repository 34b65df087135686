import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, type Der, element, integer, octets, oid, sequence, setOf, utcTime, utf8, yes } from './der.ts';

/** A certificate and the key that it is for. */
export interface Certified {
  /** PEM. */
  readonly certificate: string;
  readonly key: KeyObject;
  readonly publicKey: KeyObject;
  readonly name: string;
  /** Upper-case hexadecimal. */
  readonly serial: string;
}

/** Whom to certify. */
interface CertificateRequest {
  readonly name: string;
  readonly days: number;
  /** Undefined for an authority that certifies itself. */
  readonly issuer?: Certified;
  /** Of a server: its DNS names and IPv4 addresses. */
  readonly names?: readonly string[];
}

const dayMs = 86_400_000;
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));

/** Makes a P-256 key and an X.509 certificate for it (RFC 5280): an authority's without issuer, a server's with one. */
export function certify(request: CertificateRequest): Certified {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { name, days, issuer, names = [] } = request;
  const signer = issuer ?? { name, key: privateKey, publicKey };
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40; // positive, and never a zero in front
  const body = sequence(
    element(0xa0, integer(Buffer.of(2))),
    integer(serial),
    ecdsaWithSha256,
    commonName(signer.name),
    sequence(utcTime(Date.now() - dayMs), utcTime(Date.now() + days * dayMs)),
    commonName(name),
    spki(publicKey),
    element(0xa3, sequence(...extensions(publicKey, signer.publicKey, issuer === undefined, names))),
  );
  const signed = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, signer.key)));
  return { certificate: pem(signed), key: privateKey, publicKey, name, serial: serial.toString('hex').toUpperCase() };
}

const spki = (key: KeyObject): Der => key.export({ type: 'spki', format: 'der' });

const commonName = (name: string): Der => sequence(setOf(sequence(oid('2.5.4.3'), utf8(name))));

const keyId = (key: KeyObject): Buffer => createHash('sha256').update(spki(key)).digest().subarray(0, 20);

function extensions(
  subject: KeyObject,
  signer: KeyObject,
  authority: boolean,
  names: readonly string[],
): readonly Der[] {
  const subjectKeyIdentifier = extension('2.5.29.14', false, octets(keyId(subject)));
  const authorityKeyIdentifier = extension('2.5.29.35', false, sequence(element(0x80, keyId(signer))));
  const own = authority
    ? [
        extension('2.5.29.19', true, sequence(yes, integer(Buffer.of(0)))), // basic constraints: certifies servers only
        extension('2.5.29.15', true, bits(Buffer.of(0x06), 1)), // key usage: certificates and revocation lists
      ]
    : [
        extension('2.5.29.19', true, sequence()),
        extension('2.5.29.15', true, bits(Buffer.of(0x80), 7)), // key usage: signatures
        extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))), // extended key usage: TLS servers
        extension('2.5.29.17', false, sequence(...names.map(alternativeName))),
      ];
  return [...own, subjectKeyIdentifier, authorityKeyIdentifier];
}

const extension = (id: string, critical: boolean, value: Der): Der =>
  sequence(oid(id), ...(critical ? [yes] : []), octets(value));

const alternativeName = (name: string): Der =>
  /^[\d.]+$/.test(name) ? element(0x87, Buffer.from(name.split('.').map(Number))) : element(0x82, Buffer.from(name));

const pem = (der: Der): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
