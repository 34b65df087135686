// What hides in the framing of a request rather than in its texts: lengths, chunks, trailers, masses of headers, HTTP/2 and
// gRPC. Envoy reads the frames; what it passes on must be what Portcullis has seen, and nothing beside it.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type Ingress, startIngress } from '../support/ingress.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

const config = `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
protect: { preset: balanced }
rules:
  - { id: open, match: { path: /open/** }, allow: anonymous }
  - { id: grpc, match: { path: "/a.B/**" }, allow: anonymous }
`;

/** A request as the API has read it. */
interface Received {
  readonly url: string;
  readonly body: string;
  readonly trailers: readonly string[];
}

let sidecar: SidecarProcess;
let ingress: Ingress;
let api: Server;
const received: Received[] = [];

before(async () => {
  api = createServer(async (request, response) => {
    received.push(await readWhole(request));
    response.end('ok');
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  // A server that listens on an address has one with a port.
  const { port } = api.address() as AddressInfo;
  sidecar = await startSidecarProcess({ config });
  ingress = await startIngress({
    grpc: sidecar.grpc,
    bootstrap: 'with-body.yaml',
    edit: (text) => text.replace('port_value: 9300', `port_value: ${port}`),
  });
});
after(async () => {
  await ingress?.stop();
  await sidecar?.stop();
  api?.close();
});

async function readWhole(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return {
    url: request.url ?? '',
    body: Buffer.concat(chunks).toString('latin1'),
    trailers: [...request.rawTrailers, ...request.rawHeaders.filter((name) => /^x-late/i.test(name))],
  };
}

/** What became of a request: the status of a refusal, or what the API got. */
type Outcome = number | Received;

/** Writes lines as they are, and then a body, behind which the client is gone where it leaves; 0: no answer came. */
async function send(lines: readonly string[], body: Uint8Array | string = '', leaves = false): Promise<Outcome> {
  const before = received.length;
  const text = await new Promise<string>((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(ingress.port, '127.0.0.1');
    socket.on('data', (chunk) => chunks.push(chunk));
    // Envoy may reset what it has answered before it read the rest: "close" follows.
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.write(Buffer.from([...lines, 'Host: localhost', 'Connection: close', '', ''].join('\r\n'), 'latin1'));
    socket.write(body);
    if (leaves) socket.end();
  });
  return received[before] ?? Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
}

const post = (lines: readonly string[], body: Uint8Array | string, leaves = false): Promise<Outcome> =>
  send(['POST /open/a HTTP/1.1', 'Content-Type: text/plain', ...lines], body, leaves);
const chunked = (body: string): Promise<Outcome> => post(['Transfer-Encoding: chunked'], body);

/** What HTTP/2 said: the status of :status or 0, the header grpc-status, and whether the API was reached. */
interface Http2Answer {
  readonly status: number;
  readonly grpcStatus: string | undefined;
  readonly through: Received | undefined;
}

/** Sends one request over HTTP/2 without TLS, with prior knowledge. */
async function sendHttp2(
  headers: OutgoingHttpHeaders,
  body?: Uint8Array,
  trailers?: OutgoingHttpHeaders,
): Promise<Http2Answer> {
  const before = received.length;
  const session = connectHttp2(`http://127.0.0.1:${ingress.port}`, { maxSendHeaderBlockLength: 1_000_000 });
  session.on('error', () => {});
  const answer = await new Promise<Omit<Http2Answer, 'through'>>((resolve) => {
    const stream = session.request(
      { ':authority': 'localhost', ...headers },
      { endStream: body === undefined, waitForTrailers: trailers !== undefined },
    );
    let told: Omit<Http2Answer, 'through'> = { status: 0, grpcStatus: undefined };
    stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? {}));
    stream.on('response', ({ ':status': status = 0, 'grpc-status': grpcStatus }) => {
      told = { status, grpcStatus: grpcStatus === undefined ? undefined : String(grpcStatus) };
    });
    stream.on('error', () => {});
    stream.on('close', () => resolve(told));
    stream.resume();
    if (body !== undefined) stream.end(body);
  });
  session.destroy();
  return { ...answer, through: received[before] };
}

test('what is framed well is passed on as it was seen', async () => {
  const body = 'hello world';
  for (const outcome of [
    await post([`Content-Length: ${body.length}`], body),
    await chunked('6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n'),
  ])
    assert.deepEqual(outcome, { url: '/open/a', body, trailers: [] });
});

test('an attack is found however it is cut into chunks', async () => {
  const attack = "x' union select password from users--";
  const pieces = [...attack].map((letter) => `1\r\n${letter}\r\n`).join('');
  assert.equal(await chunked(`${pieces}0\r\n\r\n`), 403);
});

test('a body whose length can be read in two ways reaches nobody', async () => {
  const broken: readonly (readonly [lines: readonly string[], body: string])[] = [
    [['Content-Length: 5', 'Content-Length: 6'], 'hello!'],
    [['Content-Length: +5'], 'hello'],
    [['Content-Length: 0x5'], 'hello'],
    [['Content-Length: 5, 6'], 'hello!'],
    [['Content-Length: -1'], 'hello'],
    [['Content-Length: 5', 'Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'],
    [['Transfer-Encoding: identity, chunked'], '5\r\nhello\r\n0\r\n\r\n'],
    [['Transfer-Encoding: xchunked'], '5\r\nhello\r\n0\r\n\r\n'],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], '5\r\nhello\r\n0\r\n\r\n'],
    [['Transfer-Encoding: chunked'], '0x5\r\nhello\r\n0\r\n\r\n'],
    [['Transfer-Encoding: chunked'], '+5\r\nhello\r\n0\r\n\r\n'],
    [['Transfer-Encoding: chunked'], 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n'],
  ];
  // At once, for Envoy takes a second to close a connection on which it has refused something.
  const outcomes = await Promise.all(broken.map(([lines, body]) => post(lines, body)));
  for (const [index, outcome] of outcomes.entries()) {
    const [lines, body] = broken[index] ?? [];
    assert.ok(outcome === 400 || outcome === 501, `${lines} ${JSON.stringify(body)} is ${JSON.stringify(outcome)}`);
  }
});

test('a body that ends before its length is passed on to nobody', async () => {
  assert.equal(await post(['Content-Length: 50'], 'hello', true), 0);
  assert.equal(await post(['Transfer-Encoding: chunked'], '5\r\nhello\r\n', true), 0);
});

test('what stands in the extension of a chunk or behind the last one goes no further', async () => {
  const script = '<script>confirm(1)</script>';
  for (const body of [
    `5;a="${script}"\r\nhello\r\n0\r\n\r\n`,
    // Envoy does not mind, and frames anew what it has read.
    `5\r\nhello${script}\r\n0\r\n\r\n`,
    `5\r\nhello\r\n0\r\nX-Late: ${script}\r\n\r\n`,
    `5\r\nhello\r\n0\r\nX-Late: a\r\nContent-Length: 0\r\nHost: elsewhere\r\n\r\n`,
  ]) {
    const outcome = await chunked(body);
    if (outcome !== 400) assert.deepEqual(outcome, { url: '/open/a', body: 'hello', trailers: [] });
  }
  const path = { ':method': 'POST', ':path': '/open/a', 'content-type': 'text/plain' };
  const { through } = await sendHttp2(path, Buffer.from('hello'), { 'x-late': script });
  assert.deepEqual(through, { url: '/open/a', body: 'hello', trailers: [] });
});

test('masses of headers and headers without end are refused before anybody searches them', async () => {
  const many = Array.from({ length: 200 }, (_, index) => `X-A${index}: b`);
  assert.equal(await send(['GET /open/a HTTP/1.1', ...many]), 431);
  assert.equal(await send(['GET /open/a HTTP/1.1', `X-A: ${'b'.repeat(100_000)}`]), 431);
  const get = { ':method': 'GET', ':path': '/open/a' };
  for (const headers of [
    { ...get, ...Object.fromEntries(many.map((line, index) => [`x-a${index}`, line])) },
    { ...get, 'x-a': 'b'.repeat(100_000) },
  ]) {
    const { status, through } = await sendHttp2(headers);
    assert.ok((status === 431 || status === 0) && through === undefined, String(status));
  }
});

test('over HTTP/2 attacks are found where they are over HTTP/1.1, and lengths must be true', async () => {
  const get = { ':method': 'GET', ':path': '/open/a' };
  assert.equal((await sendHttp2(get)).status, 200);
  assert.equal((await sendHttp2({ ...get, ':path': "/open/a?q='%20or%201=1--" })).status, 403);
  assert.equal((await sendHttp2({ ...get, cookie: ['a=1', 'b=<script>confirm(1)</script>'] })).status, 403);
  assert.equal((await sendHttp2({ ...get, 'x-a': ['fine', "1' or '1'='1"] })).status, 403);
  assert.equal((await sendHttp2({ ...get, ':authority': 'localhost"><script>' })).through, undefined);
  assert.equal((await sendHttp2({ ...get, ':scheme': 'javascript' })).through, undefined);
  const lied = { ...get, ':method': 'POST', 'content-type': 'text/plain', 'content-length': '3' };
  assert.equal((await sendHttp2(lied, Buffer.from('hello'))).through, undefined);
});

test('paths that readers make different things of reach nobody', async () => {
  const targets = ['//a', '/..%5ca', '/.%00./a', '/..%252fa', '/;a=b', '/a%3b', '/%u002e'];
  const outcomes = await Promise.all(targets.map((target) => send([`GET /open${target} HTTP/1.1`])));
  assert.deepEqual(
    outcomes,
    targets.map(() => 400),
  );
});

test('messages of gRPC are searched, and callers are told in their own way', async () => {
  const message = (text: string): Buffer =>
    Buffer.concat([Buffer.from([0, 0, 0, 0, text.length + 2, 0x0a, text.length]), Buffer.from(text)]);
  const call = (body: Uint8Array): Promise<Http2Answer> =>
    sendHttp2({ ':method': 'POST', ':path': '/a.B/C', 'content-type': 'application/grpc', te: 'trailers' }, body);
  assert.equal((await call(message("Miles O'Brien"))).through?.body.endsWith("Miles O'Brien"), true);
  const attacked = await call(message("1' or '1'='1"));
  // Envoy says it in the terms of gRPC: 200, and 7 is PERMISSION_DENIED.
  assert.deepEqual(attacked, { status: 200, grpcStatus: '7', through: undefined });
  const compressed = message('hello');
  compressed[0] = 1;
  assert.deepEqual((await call(compressed)).through, undefined);
  assert.deepEqual((await call(message('hello').subarray(0, -1))).through, undefined);
});
