import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { listenOnLoopback } from '../../src/demo/servers.ts';

/** Whose API a receiver speaks. */
export type HttpKind = 'webhook' | 'splunk_hec' | 'elastic_bulk';

/** Takes everything, keeps callers waiting, answers with a status (and headers), or judges each event of a _bulk. */
type Behaviour =
  | 'ok'
  | 'hold'
  | number
  | { readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | ((line: string) => number);

/** A receiver of events over HTTP in the process of the test. */
export interface EventReceiver {
  readonly url: string;
  /** The events that it took, each as its line. */
  readonly lines: readonly string[];
  /** Every request, refused ones too: its headers and its body, unpacked. */
  readonly raw: readonly string[];
  readonly headers: readonly IncomingMessage['headers'][];
  behave(behaviour: Behaviour): void;
  stop(): Promise<void>;
}

const paths = {
  webhook: '/events',
  splunk_hec: '/services/collector/event',
  elastic_bulk: '/_bulk',
} as const satisfies Record<HttpKind, string>;

/** Starts a receiver on a free port of 127.0.0.1. */
export async function startEventReceiver(kind: HttpKind): Promise<EventReceiver> {
  const lines: string[] = [];
  const ids = new Set<string>();
  const raw: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const held = new Set<() => void>();
  let behaviour: Behaviour = 'ok';

  const answer = (body: string, response: ServerResponse): void => {
    if (behaviour === 'hold') held.add(() => answer(body, response));
    else if (typeof behaviour === 'number') response.writeHead(behaviour).end();
    else if (typeof behaviour === 'object') response.writeHead(behaviour.status, behaviour.headers).end();
    else response.writeHead(200).end(take(body, behaviour === 'ok' ? () => 201 : behaviour));
  };
  const take = (body: string, judge: (line: string) => number): string => {
    if (kind !== 'elastic_bulk') {
      lines.push(...(kind === 'webhook' ? plainLines(body) : hecLines(body)));
      return '{"text":"Success","code":0}';
    }
    const items = bulkEntries(body).map(({ id, line }) => {
      const status = ids.has(id) ? 409 : judge(line);
      if (status < 300) {
        ids.add(id);
        lines.push(line);
      }
      return { create: { _id: id, status } };
    });
    return JSON.stringify({ errors: items.some(({ create }) => create.status >= 300), items });
  };
  const server = await listenOnLoopback(0, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    const { authorization: _, ...shown } = request.headers;
    headers.push(request.headers);
    raw.push(`${JSON.stringify(shown)}\n${body}`);
    if (request.method !== 'POST' || request.url !== paths[kind]) response.writeHead(404).end();
    else answer(body, response);
  });
  return {
    url: `http://127.0.0.1:${server.port}${paths[kind]}`,
    lines,
    raw,
    headers,
    behave: (next) => {
      behaviour = next;
      const waiting = [...held];
      held.clear();
      for (const retry of waiting) retry();
    },
    stop: server.close,
  };
}

const split = (body: string): readonly string[] => body.split('\n').filter((line) => line !== '');

function plainLines(body: string): readonly string[] {
  if (!body.startsWith('[')) return split(body);
  const events: unknown = JSON.parse(body);
  return Array.isArray(events) ? events.map((event) => JSON.stringify(event)) : [];
}

const hecLines = (body: string): readonly string[] =>
  split(body).map((envelope) => {
    const { event } = JSON.parse(envelope);
    return typeof event === 'string' ? event : JSON.stringify(event);
  });

function bulkEntries(body: string) {
  const parts = split(body);
  return parts.flatMap((line, index) =>
    index % 2 === 0 ? [] : [{ id: String(JSON.parse(parts[index - 1] ?? '').create._id), line }],
  );
}
