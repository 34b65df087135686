import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { ListenError, listenAt } from '../listen.ts';
import {
  defaultMaxMessageBytes,
  type Listening,
  type ListenOptions,
  type ServiceTable,
  type TlsTexts,
  type Transport,
} from '../transport.ts';
import { Connection } from './connection.ts';
import { openCalls } from './grpc/calls.ts';
import { defaultLimits, type Limits } from './limits.ts';

/** gRPC on our own HTTP/2, which is made for the many small calls of a gateway. */
export const http2: Transport = openHttp2(defaultLimits);

const sweepMs = 1000;

/** The transport with limits of one's own. */
export function openHttp2(limits: Limits): Transport {
  return { listen: (table, options) => listen(table, options, limits) };
}

async function listen(table: ServiceTable, options: ListenOptions, limits: Limits): Promise<Listening> {
  const draining = new AbortController();
  const connections = new Set<Connection>();
  const nowMs = (): number => performance.now();
  const onRequest = openCalls(table, {
    maxMessageBytes: options.maxMessageBytes ?? defaultMaxMessageBytes,
    log: options.log,
    draining: draining.signal,
  });
  const deps = {
    limits,
    nowMs,
    onRequest,
    onClosed: (connection: Connection) => connections.delete(connection),
    onBroken: (code: string, why: string) => options.log.warn({ code, why }, 'a gRPC connection was closed'),
  };
  const server = createServer(options, limits, (socket) => {
    if (draining.signal.aborted) socket.destroy();
    else connections.add(new Connection(socket, deps));
  });
  server.maxConnections = limits.connections;
  // Those too that have not shaken hands yet.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const address = await listenAt(server, options.address);
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  const sweeper = setInterval(() => {
    for (const connection of connections) connection.sweep();
  }, sweepMs);
  sweeper.unref();

  const cutOff = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  void closed.then(() => clearInterval(sweeper));
  const stopTaking = (): void => {
    server.close();
    draining.abort();
  };
  return {
    address,
    drain: async (deadlineMs) => {
      let whole = true;
      stopTaking();
      for (const connection of connections) connection.drain();
      const timer = setTimeout(() => {
        whole = false;
        cutOff();
      }, deadlineMs);
      await closed;
      clearTimeout(timer);
      return whole;
    },
    close: async () => {
      stopTaking();
      cutOff();
      await closed;
    },
  };
}

function createServer({ tls, address }: ListenOptions, { greetingMs }: Limits, take: (socket: Socket) => void): Server {
  if (tls === undefined) return createPlainServer({ noDelay: true, allowHalfOpen: true }, take);
  checkTls(tls, address);
  const { cert, key, clientCa } = tls;
  const server = createTlsServer({
    cert,
    key,
    ca: clientCa,
    requestCert: clientCa !== undefined,
    rejectUnauthorized: clientCa !== undefined,
    ALPNProtocols: ['h2'],
    minVersion: 'TLSv1.2',
    handshakeTimeout: greetingMs,
    noDelay: true,
    allowHalfOpen: true,
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') take(socket);
    else socket.destroy();
  });
  // Whoever cannot shake hands is nobody.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

function checkTls({ cert, key, clientCa }: TlsTexts, address: string): void {
  try {
    createSecureContext({ cert, key, ca: clientCa });
  } catch {
    throw new ListenError(address, 'the TLS certificate, key or client_ca is no PEM, or they do not belong together');
  }
}
