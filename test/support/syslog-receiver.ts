import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createAuthority } from './certificates.ts';

/** A syslog receiver over TLS (RFC 5425) in the process of the test. */
export interface SyslogReceiver {
  readonly port: number;
  /** PEM of the authority that vouches for it. */
  readonly ca: string;
  /** Every message, as it stands after its length. */
  readonly messages: readonly string[];
  /** ok: takes all; hold: lets connections wait; refuse: cuts every connection. */
  behave(behaviour: 'ok' | 'hold' | 'refuse'): void;
  stop(): Promise<void>;
}

/** Starts a receiver on a free port of 127.0.0.1; with a client authority only those it vouches for may send. */
export async function startSyslogReceiver(clientCa?: string): Promise<SyslogReceiver> {
  const authority = await createAuthority('syslog authority');
  const { cert, key } = await authority.issue('syslog');
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const held = new Set<Socket>();
  let behaviour: 'ok' | 'hold' | 'refuse' = 'ok';
  const proof = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  const tls = createTlsServer({ cert, key, ...proof }, (socket) => {
    let rest: Buffer = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      rest = takeMessages(Buffer.concat([rest, chunk]), messages);
    });
  });
  tls.on('tlsClientError', () => {});
  const server = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}));
    if (behaviour === 'refuse') socket.destroy();
    else if (behaviour === 'hold') held.add(socket);
    else tls.emit('connection', socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    ca: authority.ca,
    messages,
    behave: (next) => {
      behaviour = next;
      if (next === 'refuse') for (const socket of sockets) socket.destroy();
      if (next !== 'ok') return;
      for (const socket of held) tls.emit('connection', socket);
      held.clear();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Takes whole messages off the front; what is left waits for more. */
function takeMessages(bytes: Buffer, messages: string[]): Buffer {
  const blank = bytes.indexOf(0x20);
  const length = Number(bytes.subarray(0, blank).toString('latin1'));
  if (blank === -1) return bytes;
  if (!Number.isInteger(length) || length < 1) throw new Error('a frame without its length');
  const end = blank + 1 + length;
  if (bytes.byteLength < end) return bytes;
  messages.push(bytes.subarray(blank + 1, end).toString());
  return takeMessages(bytes.subarray(end), messages);
}
