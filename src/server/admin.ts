import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorName } from '../core/bug.ts';
import type { Log } from '../core/ports.ts';
import { expositionType } from '../telemetry/exposition.ts';
import type { AdminApi } from './admin/api.ts';
import { openDashboard } from './admin/dashboard.ts';
import { openHostCheck } from './admin/host.ts';
import { openEventStream } from './http/event-stream.ts';
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
 * Serves /healthz, /readyz, /metrics, /config, the dashboard and the admin API over HTTP at "host:port" or "unix:/path". Rejects with a
 * ListenError that names the address.
 */
export async function listenAdmin(address: string, deps: AdminDeps): Promise<HttpListening> {
  const site = { deps, isOurs: openHostCheck(address), dashboard: openDashboard() };
  const listening = await listenHttp(address, limits, (request, response) => void serve(request, response, site));
  const ending = <T>(end: () => Promise<T>): Promise<T> => {
    // Streams have no end of their own.
    deps.api.close();
    return end();
  };
  return {
    address: listening.address,
    drain: (boundMs) => ending(() => listening.drain(boundMs)),
    close: () => ending(() => listening.close()),
  };
}

const limits = { headerBytes: 8 * 1024, timeoutMs: 5000, connections: 256 } as const;

/** What answers at the address. */
interface Site {
  readonly deps: AdminDeps;
  readonly isOurs: (host: string | undefined) => boolean;
  readonly dashboard: ReturnType<typeof openDashboard>;
}

async function serve(request: IncomingMessage, response: ServerResponse, site: Site): Promise<void> {
  const path = request.url?.split('?', 1)[0] ?? '';
  const { api } = site.deps;
  const answer = api.takes(path) ? await api.answer(request, path, site.isOurs) : await openPage(request, path, site);
  if (typeof answer === 'function') answer(openEventStream(request, response));
  else sendPage(request, response, answer);
}

const misdirected = textPage(421, 'misdirected request: ask by IP address, or by the name in listen.admin');

/** A page that asks for no credentials. */
async function openPage(request: IncomingMessage, path: string, { deps, isOurs, dashboard }: Site): Promise<Page> {
  if (!isOurs(request.headers.host)) return misdirected;
  const make = isPage(path)
    ? () => pages[path](deps)
    : dashboard.takes(path)
      ? () => dashboard.page(request, path)
      : undefined;
  if (make === undefined) return textPage(404, 'not found');
  if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed(['GET', 'HEAD']);
  try {
    return await make();
  } catch (error) {
    deps.log.error({ path, error: errorName(error) }, 'an admin page failed');
    return textPage(500, 'internal error');
  }
}
