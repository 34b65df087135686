import type { RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type LoopbackServer, listenOnLoopback } from '../../src/demo/servers.ts';
import type { Identity } from './certificates.ts';

/** How the server answers. */
export type KeyServerMode =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'raw'; readonly text: string }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'redirect'; readonly to: string }
  /** A body of so many bytes. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** No answer until released. */
  | { readonly kind: 'hang' };

/** A real HTTP server for key sets and metadata. */
export interface KeyServer {
  readonly origin: string;
  /** The paths that were asked for, in their order. */
  readonly asked: readonly string[];
  /** Says how a path is answered from now on. */
  answer(path: string, mode: KeyServerMode): void;
  /** Answers whoever hangs, as the path is answered by now. */
  release(): void;
  close(): Promise<void>;
}

/** Opens a key server; an unknown path is 404. Port 0 takes any. With an identity it speaks TLS. */
export async function openKeyServer(wantedPort = 0, tls?: Identity): Promise<KeyServer> {
  const modes = new Map<string, KeyServerMode>();
  const asked: string[] = [];
  let hanging: (() => void)[] = [];
  const respond = (path: string, response: ServerResponse): void => {
    const mode = modes.get(path) ?? { kind: 'status', status: 404 };
    switch (mode.kind) {
      case 'json':
        response.setHeader('content-type', 'application/json').end(JSON.stringify(mode.value));
        return;
      case 'raw':
        response.end(mode.text);
        return;
      case 'status':
        response.writeHead(mode.status).end('{"keys":[]}');
        return;
      case 'redirect':
        response.writeHead(302, { location: mode.to }).end();
        return;
      case 'huge':
        response.end(' '.repeat(mode.bytes));
        return;
      case 'hang':
        hanging.push(() => respond(path, response));
        return;
      default:
        mode satisfies never;
    }
  };
  const server = await listenWith(tls, wantedPort, (request, response) => {
    asked.push(request.url ?? '');
    respond(request.url ?? '', response);
  });
  return {
    origin: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${server.port}`,
    asked,
    answer: (path, mode) => void modes.set(path, mode),
    release: () => {
      const waiting = hanging;
      hanging = [];
      for (const run of waiting) run();
    },
    close: server.close,
  };
}

async function listenWith(tls: Identity | undefined, port: number, listener: RequestListener): Promise<LoopbackServer> {
  if (tls === undefined) return listenOnLoopback(port, listener);
  const server = createServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
