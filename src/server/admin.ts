import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorName } from '../core/bug.ts';
import type { Log } from '../core/ports.ts';
import { expositionType } from '../telemetry/exposition.ts';
import type { AdminApi } from './admin/api.ts';
import { openHostCheck } from './admin/host.ts';
import { type HttpListening, listenHttp } from './http/listener.ts';
import { jsonPage, methodNotAllowed, type Page, sendPage, textPage } from './http/page.ts';

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
  /** What wants a token. */
  readonly api: AdminApi;
  readonly log: Log;
}

const pages = {
  '/healthz': () => textPage(200, 'ok'),
  '/readyz': ({ readiness }) => {
    const report = readiness();
    const ready = report.missing.length === 0;
    return jsonPage(ready ? 200 : 503, { ready, missing: report.missing, reload: report.reload ?? null });
  },
  '/metrics': async ({ metrics }) => ({
    status: 200,
    headers: [{ name: 'content-type', value: expositionType }],
    body: await metrics(),
  }),
  '/config': ({ config }) => jsonPage(200, config()),
} as const satisfies Record<string, (deps: AdminDeps) => Page | Promise<Page>>;
const isPage = (path: string): path is keyof typeof pages => Object.hasOwn(pages, path);

/**
 * Serves /healthz, /readyz, /metrics, /config and the admin API over HTTP at "host:port" or "unix:/path". Rejects with a
 * ListenError that names the address.
 */
export const listenAdmin = (address: string, deps: AdminDeps): Promise<HttpListening> => {
  const isOurs = openHostCheck(address);
  return listenHttp(address, limits, (request, response) => void serve(request, response, deps, isOurs));
};

const limits = { headerBytes: 8 * 1024, timeoutMs: 5000, connections: 256 } as const;

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  deps: AdminDeps,
  isOurs: (host: string | undefined) => boolean,
): Promise<void> {
  const path = request.url?.split('?', 1)[0] ?? '';
  const answer = (): Page | Promise<Page> => {
    if (deps.api.takes(path)) return deps.api.answer(request, path);
    // These ask for no credentials.
    return isOurs(request.headers.host) ? pageOf(request.method ?? '', path, deps) : misdirected;
  };
  sendPage(request, response, await answer());
}

const misdirected = textPage(421, 'misdirected request: ask by IP address, or by the name in listen.admin');

async function pageOf(method: string, path: string, deps: AdminDeps): Promise<Page> {
  if (!isPage(path)) return textPage(404, 'not found');
  if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed(['GET', 'HEAD']);
  try {
    return await pages[path](deps);
  } catch (error) {
    deps.log.error({ path, error: errorName(error) }, 'an admin page failed');
    return textPage(500, 'internal error');
  }
}
