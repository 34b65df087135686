import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { BuildContext } from '../../../core/build.ts';
import type { Reader } from '../../../core/options.ts';

/** A client certificate of ours and its key, PEM (RFC 8705 section 2). */
export interface TlsCertificate {
  /** The chain, our own certificate first. */
  readonly cert: string;
  readonly key: string;
}

const leastModulusBits = 2048;

/** Reads `cert_file` and `key_file`; undefined, with issues, where they are not a certificate and its key. */
export function readCertificate(reader: Reader, context: BuildContext): TlsCertificate | undefined {
  const fileAt = (option: string) => {
    const name = reader.text(option, '');
    if (!reader.has(option)) context.issue([option], 'is required: a certificate and its key go together');
    return name === '' ? undefined : context.at(option).file(name);
  };
  const [certFile, keyFile] = [fileAt('cert_file'), fileAt('key_file')];
  if (certFile === undefined || keyFile === undefined) return undefined;
  const certificate = parsed(() => new X509Certificate(certFile.text));
  const key = parsed(() => createPrivateKey(keyFile.text));
  if (certificate === undefined) certFile.issue([], 'holds no certificate in PEM');
  if (key === undefined) keyFile.issue([], 'holds no private key in PEM that can be read without a passphrase');
  if (certificate === undefined || key === undefined) return undefined;
  if (isWeak(key)) keyFile.issue([], 'is weaker than RSA with 2048 bits');
  if (!certificate.checkPrivateKey(key)) keyFile.issue([], 'is not the key of the certificate');
  return { cert: certFile.text, key: keyFile.text };
}

const isWeak = ({ asymmetricKeyDetails: { modulusLength } = {} }: KeyObject): boolean =>
  modulusLength !== undefined && modulusLength < leastModulusBits;

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
