import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { textOf } from '../../src/demo/http-answer.ts';
import { type LoopbackServer, listenOnLoopback } from '../../src/demo/servers.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Ingress, startIngress } from '../support/ingress.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

const config = `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
limits:
  reads: { key: client.address, rate: 1KiB/d, counts: response_bytes }
  records: { key: client.address, rate: 3/d, counts: response_records, algorithm: fixed_window }
rules:
  - id: masked
    match: { path: "/masked/**" }
    allow: anonymous
    leaks: { response: [{ action: mask }], request: [{ action: block, detectors: [private_keys, cards] }] }
  - id: blocked
    match: { path: "/blocked/**" }
    allow: anonymous
    leaks: { response: [{ action: block }] }
  - id: comments
    match: { path: "/comments/**" }
    allow: anonymous
    sanitize:
      body:
        - { fields: [/comment], encode: html }
        - { fields: all }
      query: [{ names: [q], encode: html }]
  - id: reads
    match: { path: "/reads/**" }
    allow: anonymous
    limits: [reads]
  - id: records
    match: { path: "/records/**" }
    allow: anonymous
    limits: [records]
`;
const card = '4111111111111111';

let answerWith: RequestListener = (_request, response) => response.end();
let upstream: LoopbackServer;
let sidecar: SidecarProcess;
let ingress: Ingress;

before(async () => {
  upstream = await listenOnLoopback(0, (request, response) => answerWith(request, response));
  sidecar = await startSidecarProcess({ config });
  ingress = await startIngress({
    bootstrap: 'process.yaml',
    grpc: sidecar.grpc,
    edit: (text) => text.replace('port_value: 9300', `port_value: ${upstream.port}`),
  });
});
after(async () => {
  await ingress?.stop();
  await sidecar?.stop();
  await upstream?.close();
});

const json = { 'content-type': 'application/json' };
const answering =
  (body: string | Buffer, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  async (request, response) => {
    await textOf(request);
    response.writeHead(200, { ...json, ...headers });
    response.end(body);
  };
const echo: RequestListener = async (request, response) => {
  const body = await textOf(request);
  response.writeHead(200, { 'x-length': request.headers['content-length'] ?? '', 'x-path': request.url ?? '' });
  response.end(body);
};

/** Sends the pieces, each only once the one before has been taken. */
const inPieces =
  (pieces: readonly string[]): RequestListener =>
  async (request, response) => {
    await textOf(request);
    response.writeHead(200, json);
    for (const piece of pieces) await new Promise((resolve) => response.write(piece, resolve));
    response.end();
  };

test('a card number split over two chunks is masked', async () => {
  for (const at of [1, 5, 15]) {
    answerWith = inPieces([`{"pan":"${card.slice(0, at)}`, `${card.slice(at)}","n":1}`]);
    const { status, body } = await ingress.send({ path: '/masked/1' });
    assert.deepEqual([status, body], [200, '{"pan":"************1111","n":1}']);
  }
});

test('a leak is audited by its kind and a hash, never by its value', async () => {
  answerWith = answering(`{"pan":"${card}"}`);
  await ingress.send({ path: '/masked/audit' });
  const told = async (): Promise<boolean> => JSON.stringify(await sidecar.audit()).includes('cards:mask:1');
  await waitFor({ what: 'the event', holds: told });
  assert.doesNotMatch(JSON.stringify(await sidecar.audit()), /4111/);
});

test('block: the response never begins, compressed or not', async () => {
  for (const [body, headers] of [
    [`{"pan":"${card}"}`, {}],
    [gzipSync(`{"pan":"${card}"}`), { 'content-encoding': 'gzip' }],
    [Buffer.from('unreadable'), { 'content-encoding': 'zstd' }],
    [Buffer.from('unreadable'), { 'content-encoding': 'gzip, gzip' }],
    [Buffer.from('{}'), { 'content-type': 'application/json; charset=utf-16' }],
  ] as const) {
    answerWith = answering(body, headers);
    const answer = await ingress.send({ path: '/blocked/1', headers: { 'accept-encoding': 'gzip' } });
    assert.equal(answer.status, 502, JSON.stringify(headers));
    assert.doesNotMatch(answer.body, /4111|unreadable/);
  }
  answerWith = answering(gzipSync('{"ok":true}'), { 'content-encoding': 'gzip' });
  assert.equal((await ingress.send({ path: '/blocked/1' })).body, '{"ok":true}');
});

test('a request that carries what must not leave is 403', async () => {
  answerWith = echo;
  const send = (body: string) => ingress.send({ method: 'POST', path: '/masked/1', headers: json, body });
  assert.equal((await send(`{"pan":"${card}"}`)).status, 403);
  assert.equal((await send('{"pan":"4111111111111112"}')).status, 200);
});

test('a sanitizer changes the named bytes and no others', async () => {
  answerWith = echo;
  const body =
    '{ "comment" : "<b>O\'Neil</b>",\n "n" : 1.0e2, "password":"<&>", "other":"<i>", "id":9007199254740991 }';
  const sent = await ingress.send({ method: 'POST', path: '/comments/1?q=%3Cb&r=%3Cb', headers: json, body });
  assert.equal(sent.status, 200);
  const changed =
    '{ "comment" : "&lt;b&gt;O&#x27;Neil&lt;/b&gt;",\n "n" : 1.0e2, "password":"<&>", "other":"\\u003ci\\u003e", "id":9007199254740991 }';
  assert.equal(sent.body, changed);
  assert.equal(sent.headers['x-length'], String(changed.length));
  assert.equal(sent.headers['x-path'], '/comments/1?q=%26lt%3Bb&r=%3Cb');
  const refused = await ingress.send({ method: 'POST', path: '/comments/1', headers: json, body: '{"a":1,"a":2}' });
  assert.equal(refused.status, 400);
  const picture = { 'content-type': 'image/png' };
  assert.equal((await ingress.send({ method: 'POST', path: '/comments/1', headers: picture, body: 'x' })).status, 415);
});

test('a large body is made harmless on another thread, and refused where that makes it larger than its bound', async () => {
  answerWith = echo;
  const looked = 'portcullis_inspection_pool_total{outcome="ok"}';
  const before = await sidecar.metric(looked);
  const bodyOf = (comment: string): string => JSON.stringify({ comment, other: 'x'.repeat(200_000) });
  const send = (body: string) => ingress.send({ method: 'POST', path: '/comments/1', headers: json, body });
  const sent = await send(bodyOf('<'.repeat(10_000)));
  assert.equal(sent.status, 200);
  assert.equal(sent.body, bodyOf('&lt;'.repeat(10_000)));
  assert.equal(await sidecar.metric(looked), before + 1);
  const grown = await send(bodyOf("'".repeat(200_000)));
  assert.deepEqual([grown.status, JSON.parse(grown.body).status], [413, 413]);
});

test('a large clean body comes through byte for byte', async () => {
  const body = JSON.stringify(
    Array.from({ length: 40_000 }, (_, id) => ({ id, at: 1_732_281_600_000 + id, t: 'te"a' })),
  );
  answerWith = answering(body);
  const answer = await ingress.send({ path: '/masked/large' });
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  assert.equal(digest(answer.body), digest(body));
});

test('who has read enough is 429', async () => {
  answerWith = answering(JSON.stringify('x'.repeat(2000)));
  assert.equal((await ingress.send({ path: '/reads/1' })).status, 200);
  assert.equal((await ingress.send({ path: '/reads/1' })).status, 429);
  answerWith = answering('[1,2,3,4]');
  assert.equal((await ingress.send({ path: '/records/1' })).status, 200);
  assert.equal((await ingress.send({ path: '/records/1' })).status, 429);
});
