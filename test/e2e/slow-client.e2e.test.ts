import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setInterval } from 'node:timers/promises';
import { projectRoot } from '../../src/demo/gateway.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { openTls } from '../support/tls.ts';

/** The bounds of the shipped bootstrap, and those of the test, which has less patience. */
const bounds: readonly (readonly [name: string, shipped: string, here: string])[] = [
  ['transport_socket_connect_timeout', '5s', '1s'],
  ['request_headers_timeout', '5s', '1s'],
  ['request_timeout', '15s', '3s'],
];

let gateway: Gateway;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-slow-'));
  let text = await readFile(join(projectRoot, 'envoy', 'demo.yaml'), 'utf8');
  for (const [name, shipped, here] of bounds) {
    assert.match(text, new RegExp(`\\b${name}: ${shipped}\\b`));
    text = text.replaceAll(`${name}: ${shipped}`, `${name}: ${here}`);
  }
  const bootstrap = join(folder, 'envoy.yaml');
  await writeFile(bootstrap, text);
  gateway = await startGateway({ bootstrap });
});
after(async () => {
  await gateway?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A client that never comes to an end: what it sends with each beat, and what it gets when Envoy has had enough. */
interface SlowClient {
  readonly name: string;
  beat(): void;
  /** Settles when the connection or the stream is over, with what came back. */
  readonly ended: Promise<string>;
  /** Seconds after which the bootstrap cuts it off. */
  readonly afterS: number;
  readonly expected: RegExp;
}

const head = (method: string, path: string, token: string): string =>
  `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n`;
const posting = 'content-type: application/json\r\ncontent-length: 4096\r\n';
const refused = /^HTTP\/1\.1 408 /;

/** What came back until the connection was over, also when it was cut off in the middle of our writing. */
function collect(socket: Socket): Promise<string> {
  let text = '';
  socket.on('error', () => {});
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return new Promise((resolve) => socket.once('close', () => resolve(text)));
}

/** A text that goes out byte by byte, then the same byte for ever. */
function drip(write: (byte: string) => void, text: string, filler: string): () => void {
  let at = 0;
  return () => {
    write(text[at] ?? filler);
    at += 1;
  };
}

async function slowHeaders(token: string): Promise<SlowClient> {
  const socket = await openTls(gateway);
  socket.write(head('GET', '/orders', token));
  const beat = drip((byte) => socket.write(byte), 'x-long: ', 'a');
  return { name: 'headers', beat, ended: collect(socket), afterS: 1, expected: refused };
}

async function slowBody(token: string): Promise<SlowClient> {
  const socket = await openTls(gateway);
  socket.write(`${head('POST', '/orders', token)}${posting}\r\n`);
  const beat = drip((byte) => socket.write(byte), '{"item": "', 'a');
  return { name: 'body', beat, ended: collect(socket), afterS: 3, expected: refused };
}

async function slowStream(token: string): Promise<SlowClient> {
  const socket = await openTls(gateway, { ALPNProtocols: ['h2'] });
  const session = connectHttp2(gateway.url, { createConnection: () => socket });
  const stream = session.request({
    ':method': 'POST',
    ':path': '/orders',
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
  });
  stream.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    let status = 'nothing';
    stream.on('response', (answer) => {
      status = `${answer[':status']}`;
    });
    stream.resume().on('close', () => resolve(status));
  }).finally(() => session.destroy());
  const beat = drip((byte) => stream.writable && stream.write(byte), '{"item": "', 'a');
  return { name: 'body of an HTTP/2 stream', beat, ended, afterS: 3, expected: /^408$/ };
}

async function silentHandshake(): Promise<SlowClient> {
  const socket = connect(gateway.ports.https, '127.0.0.1');
  return { name: 'handshake', beat: () => {}, ended: collect(socket), afterS: 1, expected: /^$/ };
}

async function slowRedirect(): Promise<SlowClient> {
  const socket = connect(gateway.ports.http, '127.0.0.1');
  const beat = drip((byte) => socket.write(byte), 'GET /orders HTTP/1.1\r\nhost: localhost\r\nx-long: ', 'a');
  return { name: 'headers without TLS', beat, ended: collect(socket), afterS: 1, expected: refused };
}

test('clients that send byte by byte are cut off, nothing is asked or called for them, and others are served', async () => {
  const token = await gateway.token('alice');
  const headers = { authorization: `Bearer ${token}` };
  const clients = await Promise.all([
    slowHeaders(token),
    slowBody(token),
    slowStream(token),
    silentHandshake(),
    slowRedirect(),
  ]);
  const start = performance.now();
  const ends = new Map<string, { readonly said: string; readonly afterMs: number }>();
  for (const { name, ended } of clients) {
    void ended.catch(String).then((said) => ends.set(name, { said, afterMs: performance.now() - start }));
  }
  const statuses: number[] = [];
  for await (const _ of setInterval(100)) {
    for (const { name, beat } of clients) if (!ends.has(name)) beat();
    statuses.push((await gateway.send({ path: '/orders/1', headers })).status);
    if (ends.size === clients.length || performance.now() - start > 40_000) break;
  }
  for (const { name, afterS, expected } of clients) {
    const { said, afterMs } = ends.get(name) ?? { said: 'nothing yet', afterMs: Number.POSITIVE_INFINITY };
    assert.match(said, expected, name);
    // Not before: who is slow but comes to an end in time is served.
    assert.ok(afterMs >= afterS * 1000 - 200, `${name} ended after ${afterMs} ms`);
  }
  assert.deepEqual(new Set(statuses), new Set([200]));
  const served = gateway.api.endpoints.reduce((sum, endpoint) => sum + endpoint.served(), 0);
  assert.equal(served, statuses.length);
  const decided = async (): Promise<number> =>
    (await gateway.audit()).filter(({ unmapped }) => unmapped.portcullis['decision_id'] !== undefined).length;
  await waitFor({ what: 'all is written', holds: async () => (await decided()) >= statuses.length });
  assert.equal(await decided(), statuses.length);
});
