import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certified } from './certificate.ts';
import { fromCheckout } from './packages.ts';

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
  const { certify } = await fromCheckout(() => import('./certificate.ts'));
  const authority = await certify({ name: 'Portcullis demo CA', days: 30 });
  const caFile = join(folder, 'ca.pem');
  await mkdir(join(folder, 'tls'), { recursive: true, mode: 0o700 });
  await writeFile(caFile, authority.certificate);
  const rotate = async (): Promise<string> => {
    const server = await certify({ name: 'localhost', days: 29, issuer: authority, names: ['localhost', '127.0.0.1'] });
    await replace(join(folder, 'tls', 'server.yaml'), secret(server));
    return server.serial;
  };
  await rotate();
  return { ca: authority.certificate, caFile, rotate };
}

// Certificate and key stand in one file: no moment has a certificate with the key of another.
function secret({ certificate, key }: Certified): string {
  const resource = {
    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
    name: 'server',
    tls_certificate: { certificate_chain: { inline_string: certificate }, private_key: { inline_string: key } },
  };
  return `${JSON.stringify({ resources: [resource] })}\n`;
}

async function replace(file: string, text: string): Promise<void> {
  const fresh = `${file}.new`;
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, file);
}
