import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { errorName } from '../core/bug.ts';
import type { Log } from '../core/ports.ts';
import { expositionType } from '../telemetry/exposition.ts';
import { listenAt } from './listen.ts';

/** What /readyz tells besides yes or no. */
export interface ReadinessReport {
  /** What keeps us from being ready; empty: we are. */
  readonly missing: readonly string[];
  /** How the last load of the config ended; undefined before there was one. */
  readonly reload:
    | {
        readonly outcome: 'ok' | 'refused';
        readonly version: string;
        /** Milliseconds since the epoch. */
        readonly atMs: number;
        /** Why it was refused, a line each. */
        readonly issues: readonly string[];
      }
    | undefined;
}

/** Where the admin pages get what they show. */
export interface AdminDeps {
  readonly readiness: () => ReadinessReport;
  /** The Prometheus text. */
  readonly metrics: () => string | Promise<string>;
  /** The config in use, secrets already masked. */
  readonly config: () => unknown;
  readonly log: Log;
}

/** An admin server that listens. */
export interface Admin {
  /** The address with the real port. */
  readonly address: string;
  close(): Promise<void>;
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const json = (status: number, value: unknown): Page => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(value)}\n`,
});
const text = (status: number, body: string): Page => ({ status, type: 'text/plain; charset=utf-8', body: `${body}\n` });

const pages = {
  '/healthz': () => text(200, 'ok'),
  '/readyz': ({ readiness }) => {
    const report = readiness();
    const ready = report.missing.length === 0;
    return json(ready ? 200 : 503, { ready, missing: report.missing, reload: report.reload ?? null });
  },
  '/metrics': async ({ metrics }) => ({
    status: 200,
    type: expositionType,
    body: await metrics(),
  }),
  '/config': ({ config }) => json(200, config()),
} as const satisfies Record<string, (deps: AdminDeps) => Page | Promise<Page>>;
const isPage = (path: string): path is keyof typeof pages => Object.hasOwn(pages, path);

/**
 * Serves /healthz, /readyz, /metrics and /config over HTTP at "host:port" or "unix:/path". Rejects with a ListenError that
 * names the address.
 */
export async function listenAdmin(address: string, deps: AdminDeps): Promise<Admin> {
  const server = createServer(
    {
      maxHeaderSize: 8 * 1024,
      headersTimeout: 5000,
      requestTimeout: 5000,
      keepAliveTimeout: 5000,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => void serve(request, response, deps),
  );
  server.maxConnections = 256;
  return { address: await listenAt(server, address), close: () => close(server) };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(request: IncomingMessage, response: ServerResponse, deps: AdminDeps): Promise<void> {
  const path = request.url?.split('?', 1)[0] ?? '';
  const page = await pageOf(request.method ?? '', path, deps);
  response.writeHead(page.status, {
    'content-type': page.type,
    'content-length': Buffer.byteLength(page.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(page.status === 405 ? { allow: 'GET, HEAD' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : page.body);
}

async function pageOf(method: string, path: string, deps: AdminDeps): Promise<Page> {
  if (!isPage(path)) return text(404, 'not found');
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'method not allowed');
  try {
    return await pages[path](deps);
  } catch (error) {
    deps.log.error({ path, error: errorName(error) }, 'an admin page failed');
    return text(500, 'internal error');
  }
}
