import { randomBytes, webcrypto } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromCheckout } from './packages.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

/** The demo's certificate authority, alive while the demo is: its key never touches the disk. */
export interface Pki {
  /** The CA's certificate, PEM. */
  readonly ca: string;
  readonly caFile: string;
  /**
   * Issues a new server certificate and puts it where Envoy watches, in one step; resolves with its serial number in
   * upper-case hexadecimal.
   */
  rotate(): Promise<string>;
}

/** Makes a CA and the first server certificate in the folder: `ca.pem`, and `tls/server.yaml` for Envoy's SDS. */
export async function createPki(folder: string): Promise<Pki> {
  const x509 = await fromCheckout(() => import('@peculiar/x509'));
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const notAfter = new Date(Date.now() + 30 * dayMs);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: 'CN=Portcullis demo CA',
    notBefore: new Date(Date.now() - dayMs),
    notAfter,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const issue = async () => {
    const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject: 'CN=localhost',
      issuer: authority.subject,
      notBefore: new Date(Date.now() - dayMs),
      notAfter,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
        ]),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey));
    return { certificate, key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
  };

  const ca = `${authority.toString('pem')}\n`;
  const caFile = join(folder, 'ca.pem');
  await mkdir(join(folder, 'tls'), { recursive: true, mode: 0o700 });
  await writeFile(caFile, ca);
  const rotate = async (): Promise<string> => {
    const { certificate, key } = await issue();
    await replace(join(folder, 'tls', 'server.yaml'), secret(`${certificate.toString('pem')}\n`, `${key}\n`));
    return certificate.serialNumber.toUpperCase();
  };
  await rotate();
  return { ca, caFile, rotate };
}

// Certificate and key stand in one file: no moment has a certificate with the key of another.
const secret = (certificate: string, key: string): string =>
  `${JSON.stringify({
    resources: [
      {
        '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
        name: 'server',
        tls_certificate: { certificate_chain: { inline_string: certificate }, private_key: { inline_string: key } },
      },
    ],
  })}\n`;

async function replace(file: string, text: string): Promise<void> {
  const fresh = `${file}.new`;
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, file);
}

// Positive, and never a leading zero that encoders would drop.
const serial = (): string => `4${randomBytes(10).toString('hex').slice(1)}`;
