// First: @peculiar/x509 finds its parts by it.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and the key that it is for. */
export interface Certified {
  readonly name: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  /** Upper-case hexadecimal. */
  readonly serial: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** Whom to certify. */
interface CertificateRequest {
  readonly name: string;
  readonly days: number;
  /** Undefined for an authority that certifies itself. */
  readonly issuer?: Certified;
  /** The DNS names and IPv4 addresses that it is good for. */
  readonly names?: readonly string[];
  /** What it may prove; servers alone by default. */
  readonly purposes?: readonly (keyof typeof purposeIds)[];
}

const dayMs = 86_400_000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const purposeIds = { server: ExtendedKeyUsage.serverAuth, caller: ExtendedKeyUsage.clientAuth } as const;

/** Makes a P-256 key and an X.509 certificate for it (RFC 5280): an authority's without issuer, an end's with one. */
export async function certify(request: CertificateRequest): Promise<Certified> {
  const { name, days, issuer } = request;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const signer = issuer ?? { name, keys };
  const made = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${signer.name}`,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + days * dayMs),
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      ...(issuer === undefined ? authorityExtensions : endExtensions(request)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(signer.keys.publicKey),
    ],
  });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { name, certificate: made.toString('pem'), key, serial: made.serialNumber.toUpperCase(), keys };
}

// It certifies ends only, no further authorities.
const authorityExtensions: readonly Extension[] = [
  new BasicConstraintsExtension(true, 0, true),
  new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
];

const endExtensions = ({ names = [], purposes = ['server'] }: CertificateRequest): readonly Extension[] => [
  new BasicConstraintsExtension(false, undefined, true),
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  new ExtendedKeyUsageExtension(purposes.map((purpose) => purposeIds[purpose])),
  new SubjectAlternativeNameExtension(names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value }))),
];
