// First: @peculiar/x509 finds its parts by it.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A subject alternative name, however odd. */
interface AlternativeName {
  readonly type: 'url' | 'dns' | 'email' | 'ip';
  readonly value: string;
}

/** Whom to certify. */
export interface ClientSketch {
  /** The parts of the distinguished name, the innermost first as in RFC 4514, however odd. */
  readonly subject?: readonly (readonly [type: string, value: string])[];
  readonly names?: readonly AlternativeName[];
}

/** A client's certificate and key, PEM. */
export interface ClientIdentity {
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate in lower-case hexadecimal, as Envoy writes it. */
  readonly hash: string;
  /** The same in base64url, as x5t#S256 has it. */
  readonly thumbprint: string;
}

/** An authority of a test that certifies clients. */
export interface ClientAuthority {
  /** PEM. */
  readonly ca: string;
  issue(sketch?: ClientSketch): Promise<ClientIdentity>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const hourMs = 3_600_000;
const makeKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
const validity = () => ({ notBefore: new Date(Date.now() - hourMs), notAfter: new Date(Date.now() + hourMs) });

/** Makes an authority, whose certificates may hold any names. */
export async function createClientAuthority(): Promise<ClientAuthority> {
  const keys = await makeKeys();
  const issuer = 'CN=clients of a test';
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: issuer,
    keys,
    signingAlgorithm: algorithm,
    ...validity(),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    ca: `${authority.toString('pem')}\n`,
    issue: async ({ subject = [['CN', 'client']], names = [] } = {}) => {
      const own = await makeKeys();
      const made = await X509CertificateGenerator.create({
        subject: new Name(subject.toReversed().map(([type, value]) => ({ [type]: [{ utf8String: value }] }))),
        issuer,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        ...validity(),
        extensions: [
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
          ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension([...names])]),
        ],
      });
      const digest = Buffer.from(await made.getThumbprint('SHA-256'));
      return {
        cert: `${made.toString('pem')}\n`,
        key: PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', own.privateKey), 'PRIVATE KEY'),
        hash: digest.toString('hex'),
        thumbprint: digest.toString('base64url'),
      };
    },
  };
}

/** PEM as Envoy encodes it for attributes and headers. */
export const urlEncoded = (pem: string): string => encodeURIComponent(pem);
