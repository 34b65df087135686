import { createServer, type RequestListener } from 'node:http';

/** An HTTP server on loopback. */
export interface LoopbackServer {
  readonly port: number;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1; port 0 takes any. */
export function listenOnLoopback(port: number, listener: RequestListener): Promise<LoopbackServer> {
  // Longer than Envoy keeps an idle connection, so that it is always Envoy who closes: no request meets a closing socket.
  const server = createServer({ keepAliveTimeout: 65_000 }, listener);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}
