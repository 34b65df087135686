import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bits,
  type Der,
  element,
  integer,
  octets,
  oid,
  sequence,
  setOf,
  utcTime,
  utf8,
  yes,
} from '../../src/demo/der.ts';

/** A certificate and its key, PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of a test. */
export interface Authority {
  /** PEM. */
  readonly ca: string;
  /** Certifies a name for both ends of a connection with localhost and 127.0.0.1. */
  issue(name: string): Identity;
}

const hourMs = 3_600_000;
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));
const isAuthority = sequence(oid('2.5.29.19'), yes, octets(sequence(yes)));
const isLocal = sequence(
  oid('2.5.29.17'),
  octets(sequence(element(0x82, Buffer.from('localhost')), element(0x87, Buffer.of(127, 0, 0, 1)))),
);

/** Makes an authority whose certificates hold for an hour and, unlike the demo's, prove callers too. */
export function createAuthority(name = 'test authority'): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issue = (subject: string): Identity => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { cert: certificate(subject, publicKey, name, own.privateKey, isLocal), key };
  };
  return { ca: certificate(name, own.publicKey, name, own.privateKey, isAuthority), issue };
}

function certificate(name: string, key: KeyObject, issuer: string, signer: KeyObject, extension: Der): string {
  const body = sequence(
    element(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(0x40), randomBytes(8)])),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(utcTime(Date.now() - hourMs), utcTime(Date.now() + hourMs)),
    commonName(name),
    key.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(extension)),
  );
  const der = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, signer)));
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

const commonName = (name: string): Der => sequence(setOf(sequence(oid('2.5.4.3'), utf8(name))));
