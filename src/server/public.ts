import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HeaderMap } from '../core/attributes.ts';
import { errorName } from '../core/bug.ts';
import { type Endpoint, endpointRoot } from '../core/endpoint.ts';
import { unlessAborted } from '../core/patience.ts';
import type { Log, Signals } from '../core/ports.ts';
import { readBody } from './http/body.ts';
import { type HttpListening, listenHttp } from './http/listener.ts';
import { methodNotAllowed, type Page, sendPage, textPage } from './http/page.ts';

/** Where the public pages come from, and who hears of them. */
export interface PublicDeps {
  /** The pages of the plan in force, by the path below endpointRoot; asked once per request. */
  readonly endpoints: () => ReadonlyMap<string, Endpoint>;
  readonly signals: Pick<Signals, 'endpointAnswered'>;
  readonly log: Log;
}

// Session cookies are large, and Envoy lets as much through.
const limits = { headerBytes: 32 * 1024, timeoutMs: 10_000, connections: 1024 } as const;
const maxBodyBytes = 64 * 1024;
const answerMs = 10_000;

/**
 * Serves the plan's own pages below /.portcullis/ to whom Envoy routes there, at "host:port" or "unix:/path"; one that takes
 * longer than boundMs is 503. Rejects with a ListenError that names the address.
 */
export const listenPublic = (address: string, deps: PublicDeps, boundMs = answerMs): Promise<HttpListening> =>
  listenHttp(address, limits, (request, response) => {
    // A caller that breaks off gets no answer.
    serve(request, response, deps, boundMs).catch(() => response.destroy());
  });

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  deps: PublicDeps,
  boundMs: number,
): Promise<void> {
  const target = targetOf(request.url ?? '');
  const name = target?.path.startsWith(endpointRoot) ? target.path.slice(endpointRoot.length) : '';
  const endpoint = deps.endpoints().get(name);
  const body = await readBody(request, maxBodyBytes);
  const headers = headersOf(request.rawHeaders);
  const [host, ...others] = headers.get('host') ?? [];
  const ask = async (): Promise<Page> => {
    if (body === undefined) return tooLarge;
    if (target === undefined || host === undefined || others.length > 0) return textPage(400, 'bad request');
    if (endpoint === undefined) return textPage(404, 'not found');
    const { method = '' } = request;
    if (!endpoint.methods.includes(method)) return methodNotAllowed(endpoint.methods);
    const signal = AbortSignal.timeout(boundMs);
    return unlessAborted(endpoint.handle({ ...target, method, host, headers, body }, signal), signal, overdue);
  };
  const failed = (error: unknown): Page => {
    deps.log.error({ endpoint: name, error: errorName(error) }, 'a public page failed');
    return textPage(500, 'internal error');
  };
  let page = await ask().catch(failed);
  try {
    sendPage(request, response, page);
  } catch (error) {
    page = failed(error);
    sendPage(request, response, page);
  }
  deps.signals.endpointAnswered(endpoint === undefined ? 'none' : name, page.status);
}

const overdue = textPage(503, 'unavailable');
// The rest of the body is not read, so nothing can follow it on this connection.
const tooLarge = textPage(413, 'content too large', [{ name: 'connection', value: 'close' }]);

/** The path and query of a request target in origin form (RFC 9112 section 3.2.1), as they were sent; undefined for others. */
function targetOf(url: string): { readonly path: string; readonly query: string } | undefined {
  const [, path, query = ''] = /^(\/[\x21-\x22\x24-\x3e\x40-\x7e]*)(?:\?([\x21-\x22\x24-\x7e]*))?$/.exec(url) ?? [];
  return path === undefined ? undefined : { path, query };
}

function headersOf(raw: readonly string[]): HeaderMap {
  const headers = new Map<string, string[]>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [raw[at + 1] ?? '']);
    else values.push(raw[at + 1] ?? '');
  }
  return headers;
}
