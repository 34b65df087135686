import type { ServerResponse } from 'node:http';
import { listenOnLoopback } from '../../src/demo/servers.ts';

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

/** Opens a key server; an unknown path is 404. Port 0 takes any. */
export async function openKeyServer(wantedPort = 0): Promise<KeyServer> {
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
  const server = await listenOnLoopback(wantedPort, (request, response) => {
    asked.push(request.url ?? '');
    respond(request.url ?? '', response);
  });
  return {
    origin: `http://127.0.0.1:${server.port}`,
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
