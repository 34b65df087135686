import type { IncomingMessage, ServerResponse } from 'node:http';
import { pageHeaders } from './html.ts';
import { samplePage } from './sample-pages.ts';
import { openShop, type SampleShop } from './sample-shop.ts';
import { type LoopbackServer, listenOnLoopback } from './servers.ts';

/** An order as callers send it. */
interface OrderInput {
  readonly item: string;
  readonly quantity: number;
  readonly note?: string;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** In place of a body. */
  readonly page?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Orders = Map<number, OrderInput>;

/** What both endpoints answer from. */
interface Stock {
  readonly orders: Orders;
  readonly shop: SampleShop;
}

/** The sample API: two endpoints, one set of orders, one shop. */
export interface SampleApi {
  readonly endpoints: readonly [SampleEndpoint, SampleEndpoint];
  close(): Promise<void>;
}

/** One endpoint of the sample API. */
interface SampleEndpoint {
  readonly port: number;
  /** How many requests reached it, health checks aside. */
  served(): number;
  /** A broken endpoint answers everything with 503, health checks too; it heals by false. */
  setBroken(broken: boolean): void;
  close(): Promise<void>;
}

const bodyLimitBytes = 1024 * 1024;

/** Starts both endpoints; port 0 takes any. Orders 1 to 5 exist. */
export async function startSampleApi(ports: readonly [number, number]): Promise<SampleApi> {
  const orders: Orders = new Map(
    ['lamp', 'desk', 'chair', 'shelf', 'clock'].map((item, index) => [index + 1, { item, quantity: index + 1 }]),
  );
  const stock: Stock = { orders, shop: openShop() };
  const first = await startEndpoint('1', ports[0], stock);
  const second = await startEndpoint('2', ports[1], stock).catch(async (error: unknown) => {
    await first.close();
    throw error;
  });
  return {
    endpoints: [first, second],
    close: async () => {
      await Promise.all([first.close(), second.close()]);
    },
  };
}

async function startEndpoint(name: string, port: number, stock: Stock): Promise<SampleEndpoint> {
  let served = 0;
  let broken = false;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url !== '/healthz') served += 1;
    const body = await read(request);
    const { status, body: content, page, headers }: Answer = broken ? { status: 503 } : route(request, body, stock);
    const text = page ?? (content === undefined ? '' : `${JSON.stringify(content)}\n`);
    response.writeHead(status, {
      ...(text === '' ? {} : { 'content-type': 'application/json' }),
      ...(page === undefined ? {} : pageHeaders),
      'content-length': Buffer.byteLength(text),
      'x-endpoint': name,
      ...headers,
    });
    response.end(request.method === 'HEAD' ? '' : text);
  };
  const server: LoopbackServer = await listenOnLoopback(port, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  return {
    port: server.port,
    served: () => served,
    setBroken: (value) => {
      broken = value;
    },
    close: server.close,
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    // no encoding is set, so chunks are buffers
    size += chunk.length;
    if (size > bodyLimitBytes) throw new RangeError('the body is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function route(request: IncomingMessage, body: string, { orders, shop }: Stock): Answer {
  const { method = '', url = '' } = request;
  const path = url.split('?')[0] ?? '';
  const reads = method === 'GET' || method === 'HEAD';
  const page = reads ? samplePage(path, request.headers) : undefined;
  if (page !== undefined) return { status: 200, page };
  if (path === '/echo') return { status: 200, body: echo(request) };
  if (path === '/healthz' && reads) return { status: 200, body: { status: 'ok' } };
  if (path === '/reports' && reads) return { status: 200, body: report(orders) };
  const sold = shop.answer(method, url, body);
  if (sold !== undefined) return sold;
  if (path === '/orders' && reads) return { status: 200, body: [...orders].map(([id, order]) => ({ id, ...order })) };
  if (path === '/orders' && method === 'POST') return create(body, orders);
  const id = Number(/^\/orders\/([1-9]\d{0,14})$/.exec(path)?.[1]);
  return Number.isNaN(id) ? { status: 404, body: { error: 'not found' } } : one(method, id, body, orders);
}

function one(method: string, id: number, body: string, orders: Orders): Answer {
  const order = orders.get(id);
  if (order === undefined) return { status: 404, body: { error: 'no such order' } };
  if (method === 'GET' || method === 'HEAD') return { status: 200, body: { id, ...order } };
  if (method === 'DELETE') {
    orders.delete(id);
    return { status: 204 };
  }
  if (method !== 'PUT') return { status: 405, headers: { allow: 'GET, HEAD, PUT, DELETE' } };
  const input = parse(body);
  if (input === undefined) return { status: 400, body: { error: 'not an order' } };
  orders.set(id, input);
  return { status: 200, body: { id, ...input } };
}

function create(body: string, orders: Orders): Answer {
  const input = parse(body);
  if (input === undefined) return { status: 400, body: { error: 'not an order' } };
  const id = Math.max(0, ...orders.keys()) + 1;
  orders.set(id, input);
  return { status: 201, body: { id, ...input }, headers: { location: `/orders/${id}` } };
}

function parse(body: string): OrderInput | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (value === null || typeof value !== 'object' || !('item' in value) || !('quantity' in value)) return undefined;
    const { item, quantity } = value;
    if (typeof item !== 'string' || typeof quantity !== 'number') return undefined;
    return 'note' in value && typeof value.note === 'string'
      ? { item, quantity, note: value.note }
      : { item, quantity };
  } catch {
    return undefined;
  }
}

const report = (orders: Orders) => ({
  orders: orders.size,
  quantity: [...orders.values()].reduce((sum, order) => sum + order.quantity, 0),
});

function echo(request: IncomingMessage) {
  const headers = new Map<string, string[]>();
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = (request.rawHeaders[at] ?? '').toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), request.rawHeaders[at + 1] ?? '']);
  }
  return { method: request.method, path: request.url, headers: Object.fromEntries(headers) };
}
