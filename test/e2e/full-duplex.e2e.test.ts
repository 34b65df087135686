import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, request } from 'node:http';
import { after, before, test } from 'node:test';
import { textOf } from '../../src/demo/http-answer.ts';
import { type LoopbackServer, listenOnLoopback } from '../../src/demo/servers.ts';
import { type Ingress, startIngress } from '../support/ingress.ts';
import {
  type Processing,
  reads,
  refusing,
  replacing,
  requestLeaks,
  responseLeaks,
  ruleFor,
  startProcessing,
} from '../support/processing.ts';

// An operator's own way: pieces both ways, with no change of modes (and none would be taken).
const modes = `processing_mode:
                        request_header_mode: SEND
                        response_header_mode: SEND
                        request_body_mode: FULL_DUPLEX_STREAMED
                        response_body_mode: FULL_DUPLEX_STREAMED
                        request_trailer_mode: SEND
                        response_trailer_mode: SEND`;

const tells = reads(() => replacing('SECRET', 'a longer word'));
const tellsWhole = reads(() => replacing('SECRET', 'a longer word'), { how: 'whole' });
const rules = [
  ruleFor('/plain', {}),
  ruleFor('/stream', { processing: { request: tells, response: tells } }),
  ruleFor('/whole', { processing: { request: tellsWhole, response: tellsWhole } }),
  ruleFor('/request-blocked', {
    processing: { request: reads(() => refusing('SECRET', requestLeaks), { how: 'whole' }), response: undefined },
  }),
  ruleFor('/response-blocked', {
    processing: { request: undefined, response: reads(() => refusing('SECRET', responseLeaks), { how: 'whole' }) },
  }),
];

let answerWith: RequestListener = (_request, response) => response.end();
let upstream: LoopbackServer;
let processing: Processing;
let ingress: Ingress;

before(async () => {
  upstream = await listenOnLoopback(0, (request, response) => answerWith(request, response));
  processing = await startProcessing(rules);
  ingress = await startIngress({
    bootstrap: 'process.yaml',
    grpc: processing.grpc,
    edit: (text) =>
      text
        .replace('port_value: 9300', `port_value: ${upstream.port}`)
        .replace('processing_mode: { request_header_mode: SEND, response_header_mode: SKIP }', modes),
  });
});
after(async () => {
  await ingress?.stop();
  await processing?.stop();
  await upstream?.close();
});

const echo: RequestListener = async (request, response) => {
  const body = await textOf(request);
  response.setHeader('etag', '"1"');
  response.end(`${request.headers['content-length'] ?? 'none'} ${body} SECRET`);
};

test('what nobody looks at passes as it is', async () => {
  answerWith = echo;
  const body = 'SECRET'.repeat(50_000);
  const answer = await ingress.send({ method: 'POST', path: '/plain', body });
  assert.equal(answer.status, 200);
  assert.ok(answer.body.endsWith(`${body} SECRET`));
  assert.equal((await ingress.send({ path: '/plain' })).status, 200);
});

for (const path of ['/stream', '/whole']) {
  test(`${path}: both bodies are changed`, async () => {
    answerWith = echo;
    const body = `1 SECRET 2 ${'x'.repeat(200_000)} SECRET`;
    const answer = await ingress.send({ method: 'POST', path, body });
    const changed = body.replaceAll('SECRET', 'a longer word');
    assert.deepEqual([answer.status, answer.body], [200, `none ${changed} a longer word`]);
    assert.equal(answer.headers.etag, undefined);
  });
}

test('bodies that are held are refused with a status', async () => {
  answerWith = echo;
  const request = await ingress.send({ method: 'POST', path: '/request-blocked', body: 'SECRET' });
  assert.deepEqual([request.status, request.headers['content-type']], [403, 'application/problem+json']);
  const response = await ingress.send({ method: 'POST', path: '/response-blocked', body: 'x' });
  assert.equal(response.status, 502);
  assert.doesNotMatch(response.body, /SECRET/);
});

test('pieces go on before the last one has come', async () => {
  const seen = Promise.withResolvers<void>();
  answerWith = async (request, response) => {
    await textOf(request);
    response.write('x'.repeat(1000));
    await seen.promise;
    for (const part of ['SEC', 'RET', ' end']) {
      response.write(part);
      await new Promise(setImmediate);
    }
    response.end();
  };
  const asked = request({ host: '127.0.0.1', port: ingress.port, path: '/stream', agent: false }).end();
  const [response]: readonly IncomingMessage[] = await once(asked, 'response');
  let text = '';
  for await (const piece of response?.setEncoding('utf8') ?? []) {
    text += piece;
    seen.resolve();
  }
  assert.equal(text, `${'x'.repeat(1000)}a longer word end`);
});

test('a denial of Check reaches the client in its own words', async () => {
  const answer = await ingress.send({ path: '/nowhere' });
  assert.equal(answer.status, 403);
  assert.equal(JSON.parse(answer.body).decision_id, answer.headers['x-decision-id']);
});
