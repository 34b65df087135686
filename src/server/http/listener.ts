import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenAt } from '../listen.ts';

/** What a listener lets callers make it hold. */
interface HttpLimits {
  /** All headers of a request together, the request line too; more is 431. */
  readonly headerBytes: number;
  /** Milliseconds for the headers, for the whole request, and for a connection without one; longer is 408 or a closed connection. */
  readonly timeoutMs: number;
  /** Connections at once; further ones are closed as they come. */
  readonly connections: number;
}

/** An HTTP server that listens. */
export interface HttpListening {
  /** The address with the real port. */
  readonly address: string;
  /** Takes no new connections, lets answers under way end within the bound, then closes. Resolves with whether all ended. */
  drain(boundMs: number): Promise<boolean>;
  /** Closes at once. */
  close(): Promise<void>;
}

/**
 * Listens for HTTP/1.1 at "host:port" or "unix:/path". What is no request (RFC 9112) is answered with 400 and never reaches
 * the handler, which must not throw. Rejects with a ListenError that names the address.
 */
export async function listenHttp(
  address: string,
  { headerBytes, timeoutMs, connections }: HttpLimits,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpListening> {
  const server = createServer(
    {
      maxHeaderSize: headerBytes,
      headersTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      keepAliveTimeout: timeoutMs,
      connectionsCheckingInterval: Math.min(timeoutMs, 1000),
    },
    handle,
  );
  server.maxConnections = connections;
  // Their bytes are bounded; beyond a count, Node would leave some out without a word.
  server.maxHeadersCount = 0;
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const drain = async (boundMs: number): Promise<boolean> => {
    let whole = true;
    const timer = setTimeout(() => {
      whole = false;
      server.closeAllConnections();
    }, boundMs);
    server.close();
    await closed;
    clearTimeout(timer);
    return whole;
  };
  return { address: await listenAt(server, address), drain, close };
}
