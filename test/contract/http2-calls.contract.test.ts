import assert from 'node:assert/strict';
import { type ClientHttp2Session, connect } from 'node:http2';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { silentLog } from '../../src/core/ports.ts';
import { GrpcError } from '../../src/server/grpc-error.ts';
import type { Method, ServiceTable } from '../../src/server/transport.ts';
import { transports } from '../../src/server/transports/index.ts';

/** How a call went, as Node's own client of HTTP/2 sees it. */
interface Outcome {
  readonly http: number | undefined;
  readonly status: string | undefined;
  readonly message: string | undefined;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
}

const echo: Method = { kind: 'unary', handle: async (message) => message };
const table: ServiceTable = new Map<string, Method>([
  ['/t.T/Echo', echo],
  ['/t.T/Status', { kind: 'unary', handle: () => Promise.reject(new GrpcError('not_found', 'näh: 100 % no')) }],
  ['/t.T/Repeat', { kind: 'server_stream', handle: repeat }],
  ['/t.T/Both', { kind: 'bidi_stream', handle: (messages) => messages }],
  ['/t.T/Join', { kind: 'client_stream', handle: join }],
]);

async function* repeat(message: Uint8Array): AsyncIterable<Uint8Array> {
  for (let count = 0; count < 3; count += 1) yield message;
}

async function join(messages: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const message of messages) all.push(message);
  return Buffer.concat(all);
}

const grpcHeaders = { 'content-type': 'application/grpc', te: 'trailers' };
const prefixed = (message: Uint8Array, flag = 0): Buffer => {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

async function ask(session: ClientHttp2Session, path: string, headers: object, body?: Uint8Array): Promise<Outcome> {
  const request = session.request({ ':method': 'POST', ':path': path, ...grpcHeaders, ...headers });
  const parts: Buffer[] = [];
  let head: Record<string, unknown> = {};
  let trailers: Record<string, unknown> = {};
  request.on('response', (fields) => {
    head = { ...fields };
  });
  request.on('trailers', (fields) => {
    trailers = { ...fields };
  });
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('error', () => {});
  request.end(body);
  await new Promise<void>((resolve) => request.once('close', () => resolve()));
  const all = { ...head, ...trailers };
  const text = (name: string): string | undefined => (all[name] === undefined ? undefined : String(all[name]));
  return {
    http: typeof head[':status'] === 'number' ? head[':status'] : undefined,
    status: text('grpc-status'),
    message: text('grpc-message'),
    body: Buffer.concat(parts),
    headers: head,
  };
}

async function withSessions(use: (...sessions: ClientHttp2Session[]) => Promise<void>, maxMessageBytes = 1 << 22) {
  const options = { address: '127.0.0.1:0', log: silentLog, maxMessageBytes };
  const servers = [
    await transports.http2.listen(table, options),
    await transports['grpc-js'].listen(table, options),
  ] as const;
  const sessions = servers.map(({ address }) => connect(`http://${address}`));
  try {
    await use(...sessions);
  } finally {
    for (const session of sessions) session.destroy();
    for (const server of servers) await server.close();
  }
}

const only = (use: (session: ClientHttp2Session) => Promise<void>, maxMessageBytes?: number) =>
  withSessions(async (own) => {
    assert.ok(own);
    await use(own);
  }, maxMessageBytes);

test('a message that is compressed with gzip is made whole, within the bound', () =>
  only(async (session) => {
    const gzip = { 'grpc-encoding': 'gzip' };
    const good = await ask(session, '/t.T/Echo', gzip, prefixed(gzipSync('hello'), 1));
    assert.deepEqual([good.status, good.body.subarray(5).toString()], ['0', 'hello']);
    const stream = await ask(
      session,
      '/t.T/Join',
      gzip,
      Buffer.concat([prefixed(gzipSync('a'), 1), prefixed(Buffer.from('b'))]),
    );
    assert.deepEqual([stream.status, stream.body.subarray(5).toString()], ['0', 'ab']);
    const bomb = await ask(session, '/t.T/Echo', gzip, prefixed(gzipSync(Buffer.alloc(2000)), 1));
    assert.equal(bomb.status, '8');
    assert.equal((await ask(session, '/t.T/Echo', gzip, prefixed(Buffer.from('no gzip'), 1))).status, '13');
    assert.equal((await ask(session, '/t.T/Both', gzip, prefixed(Buffer.from('no gzip'), 1))).status, '13');
    assert.equal((await ask(session, '/t.T/Echo', {}, prefixed(gzipSync('a'), 1))).status, '13');
    const unknown = await ask(session, '/t.T/Echo', { 'grpc-encoding': 'br' }, prefixed(Buffer.from('a')));
    assert.deepEqual([unknown.status, unknown.headers['grpc-accept-encoding']], ['12', 'identity,gzip']);
  }, 1000));

test('what is no gRPC gets an answer of HTTP', () =>
  only(async (session) => {
    const other = await ask(session, '/t.T/Echo', { 'content-type': 'application/json' }, Buffer.from('{}'));
    assert.deepEqual([other.http, other.status], [415, undefined]);
    assert.equal((await ask(session, '/t.T/Echo', { 'content-type': 'application/grpc-web' })).http, 415);
    assert.equal(
      (await ask(session, '/t.T/Echo', { 'content-type': 'application/grpc+proto' }, prefixed(Buffer.of()))).status,
      '0',
    );
    const get = await ask(session, '/t.T/Echo', { ':method': 'GET' });
    assert.deepEqual([get.http, get.headers['allow']], [405, 'POST']);
  }));

test('a status carries its text, whatever is in it', () =>
  only(async (session) => {
    const { status, message } = await ask(session, '/t.T/Status', {}, prefixed(Buffer.of()));
    assert.deepEqual([status, decodeURIComponent(message ?? '')], ['5', 'näh: 100 % no']);
  }));

test('answers larger than every window arrive whole', () =>
  only(async (session) => {
    const message = Buffer.alloc(3_000_000, 'abc');
    for (const path of ['/t.T/Echo', '/t.T/Join']) {
      const { status, body } = await ask(session, path, {}, prefixed(message));
      assert.equal(status, '0');
      assert.ok(body.subarray(5).equals(message));
    }
    const both = await ask(session, '/t.T/Both', {}, Buffer.concat([prefixed(message), prefixed(message)]));
    assert.equal(both.body.length, 2 * (message.length + 5));
  }));

test('a content-length that is not that of the body makes the request malformed', () =>
  only(async (session) => {
    const { http } = await ask(session, '/t.T/Echo', { 'content-length': '3' }, prefixed(Buffer.from('a')));
    assert.equal(http, undefined);
  }));

const bodies = fc.oneof(
  fc
    .array(fc.uint8Array({ maxLength: 200 }), { maxLength: 3 })
    .map((messages) => Buffer.concat(messages.map((one) => prefixed(one)))),
  fc.constant(prefixed(Buffer.alloc(1001))),
);
const headers = fc.record(
  {
    'grpc-timeout': fc.constantFrom('1H', '5S', '60000m'),
    'x-some': fc.string({ unit: fc.constantFrom('a', 'B', '-', '9'), minLength: 1 }),
    'grpc-accept-encoding': fc.constantFrom('gzip', 'identity'),
    'content-type': fc.constantFrom('application/grpc', 'application/grpc+proto', 'text/plain'),
  },
  { requiredKeys: [] },
);

test('random calls end alike on both transports', async () => {
  await withSessions(async (own, other) => {
    assert.ok(own && other);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...table.keys(), '/t.T/None'), headers, bodies, async (path, more, body) => {
        const [one, two] = await Promise.all([own, other].map((session) => ask(session, path, { ...more }, body)));
        assert.deepEqual([one?.http, one?.status], [two?.http, two?.status]);
        assert.ok(one?.body.equals(two?.body ?? Buffer.of()) || one?.http !== 200);
      }),
      { numRuns: 300 },
    );
  }, 1000);
});
