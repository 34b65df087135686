import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Gateway } from './gateway.ts';

/** Opens a TLS connection to a gateway, as its own CA demands. */
export function openTls({ ports, pki }: Gateway, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', servername: 'localhost', port: ports.https, ca: pki.ca };
    const socket = connect({ ...target, ...options }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** What comes back until the other side closes. */
export async function readAll(socket: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  return text;
}
