import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerTo, type HttpAnswer } from '../../src/demo/http-answer.ts';
import { createPki } from '../../src/demo/pki.ts';
import { type ClientAuthority, type ClientIdentity, createClientAuthority } from './client-certificates.ts';
import { type Ingress, startIngress } from './ingress.ts';

/** A request over TLS. */
interface MtlsRequest {
  readonly method?: string;
  readonly path: string;
  /** A list sends the header more than once. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Who shows a certificate; undefined: nobody. */
  readonly client?: ClientIdentity;
}

/** Envoy with envoy/mtls.yaml, which verifies the certificates of an authority of its own. */
export interface MtlsIngress extends Omit<Ingress, 'send'> {
  readonly clients: ClientAuthority;
  /** https://localhost and the port. */
  readonly url: string;
  /** Sends a request on a connection of its own. Rejects when the handshake fails. */
  send(wanted: MtlsRequest): Promise<HttpAnswer>;
}

/** Starts it in front of a sidecar; edit changes the bootstrap, and the authority of the clients may be there already. */
export async function startMtlsIngress(
  grpc: string,
  edit: (text: string) => string = (text) => text,
  authority: ClientAuthority | undefined = undefined,
): Promise<MtlsIngress> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-mtls-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const [{ ca }, clients] = await Promise.all([createPki(folder), authority ?? createClientAuthority()]);
    const trusted = join(folder, 'clients.pem');
    await writeFile(trusted, clients.ca);
    const paths = new Map([
      ['.demo/ca.pem', trusted],
      ['.demo', folder],
    ]);
    // A machine that runs many tests at once may take long for a first answer.
    const patient = (text: string): string => edit(text).replace('timeout: 0.25s }', 'timeout: 5s }');
    const ingress = await startIngress({ bootstrap: 'mtls.yaml', grpc, edit: patient, paths });
    const { port } = ingress;
    return {
      ...ingress,
      clients,
      url: `https://localhost:${port}`,
      send: ({ method = 'GET', path, headers = {}, client }) => {
        const own = client === undefined ? {} : { cert: client.cert, key: client.key };
        const target = { host: '127.0.0.1', servername: 'localhost', port, ca, agent: false, timeout: 10_000, ...own };
        const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()]));
        return answerTo(request({ ...target, method, path, headers: { host: `localhost:${port}`, ...sent } }));
      },
      stop: async () => {
        await ingress.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
