import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HeaderMap } from '../core/attributes.ts';
import { errorName } from '../core/bug.ts';
import { type Endpoint, type EndpointRequest, endpointRoot } from '../core/endpoint.ts';
import { unlessAborted } from '../core/patience.ts';
import type { Log, Signals } from '../core/ports.ts';
import { type BodyFault, openBodyReader } from './http/body.ts';
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
// Envoy sends a body as soon as it has it, and forms and logout tokens are small.
const bodyBounds = { maxBytes: 64 * 1024, timeoutMs: 2000, atOnce: 64 } as const;
const answerMs = 10_000;

/**
 * Serves the plan's own pages below /.portcullis/ to whom Envoy routes there, at "host:port" or "unix:/path"; one that takes
 * longer than boundMs is 503. Rejects with a ListenError that names the address.
 */
export const listenPublic = (address: string, deps: PublicDeps, boundMs = answerMs): Promise<HttpListening> => {
  const serving: Serving = { ...deps, read: openBodyReader(bodyBounds), boundMs };
  return listenHttp(address, limits, (request, response) => {
    // A caller that breaks off gets no answer.
    serve(request, response, serving).catch(() => response.destroy());
  });
};

interface Serving extends PublicDeps {
  readonly read: ReturnType<typeof openBodyReader>;
  readonly boundMs: number;
}

async function serve(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const { endpoints, read, boundMs, signals, log } = serving;
  // What can be refused is refused before anybody waits for the body.
  const { name, admission } = admit(request, endpoints());
  const body = 'call' in admission && takesBody(admission.call.method) ? await read(request) : noBody;
  const ask = async (): Promise<Page> => {
    if (!('call' in admission)) return admission.page;
    if (typeof body === 'string') return withoutBody[body];
    const signal = AbortSignal.timeout(boundMs);
    return unlessAborted(admission.endpoint.handle({ ...admission.call, body }, signal), signal, overdue);
  };
  const failed = (error: unknown): Page => {
    log.error({ endpoint: name, error: errorName(error) }, 'a public page failed');
    return textPage(500, 'internal error');
  };
  let page = await ask().catch(failed);
  try {
    sendPage(request, response, page);
  } catch (error) {
    page = failed(error);
    sendPage(request, response, page);
  }
  signals.endpointAnswered(name ?? 'none', page.status);
}

const overdue = textPage(503, 'unavailable');
const noBody = new Uint8Array(0);
const takesBody = (method: string): boolean => method !== 'GET' && method !== 'HEAD';
const withoutBody = Object.freeze({
  too_long: textPage(413, 'content too large'),
  overdue: textPage(408, 'request timeout'),
  busy: textPage(503, 'unavailable', [{ name: 'retry-after', value: '1' }]),
}) satisfies Record<BodyFault, Page>;

/** The page that is asked for and what it is asked, or the answer to whoever asks for none. */
type Admission =
  | { readonly endpoint: Endpoint; readonly call: Omit<EndpointRequest, 'body'> }
  | { readonly page: Page };

function admit(
  request: IncomingMessage,
  endpoints: ReadonlyMap<string, Endpoint>,
): { readonly name: string | undefined; readonly admission: Admission } {
  const { method = '', rawHeaders, url = '' } = request;
  const target = targetOf(url);
  const path = target?.path.startsWith(endpointRoot) ? target.path.slice(endpointRoot.length) : '';
  const endpoint = endpoints.get(path);
  const name = endpoint === undefined ? undefined : path;
  const headers = headersOf(rawHeaders);
  const [host, ...others] = headers.get('host') ?? [];
  if (target === undefined || host === undefined || others.length > 0) {
    return { name, admission: { page: textPage(400, 'bad request') } };
  }
  if (endpoint === undefined) return { name, admission: { page: textPage(404, 'not found') } };
  if (!endpoint.methods.includes(method)) return { name, admission: { page: methodNotAllowed(endpoint.methods) } };
  return { name, admission: { endpoint, call: { ...target, method, host, headers } } };
}

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
