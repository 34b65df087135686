import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { after, before, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Rule } from '../../src/core/plan.ts';
import type { ProcessMessage } from '../../src/core/processing.ts';
import { reject } from '../../src/core/verdict.ts';
import { textOf } from '../../src/demo/http-answer.ts';
import { type LoopbackServer, listenOnLoopback } from '../../src/demo/servers.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Ingress, startIngress } from '../support/ingress.ts';
import { type PiecemealRequest, sendPiecemeal } from '../support/piecemeal.ts';
import {
  looking,
  type Processing,
  reads,
  refusing,
  replacing,
  requestLeaks,
  responseLeaks,
  ruleFor,
  startProcessing,
} from '../support/processing.ts';

const secret = 'SECRET';
const masked = '******';
const hides = reads(() => replacing(secret, masked));
const tells = reads(() => replacing(secret, 'a longer word'));
const tooLarge = reject('body_too_large');
const both = (request: ProcessMessage | undefined, response: ProcessMessage | undefined): Partial<Rule> => ({
  processing: { request, response },
});

const rules: readonly Rule[] = [
  ruleFor('/plain', {}),
  ruleFor(
    '/request-whole',
    both(
      reads(() => replacing(secret, 'a longer word'), { how: 'whole' }),
      undefined,
    ),
  ),
  ruleFor('/request-stream', both(tells, undefined)),
  ruleFor(
    '/request-blocked',
    both(
      reads(() => refusing(secret, requestLeaks), { how: 'whole', mayChange: false }),
      undefined,
    ),
  ),
  ruleFor('/request-bounded', both(reads(looking, { how: 'whole', maxBytes: 1000, tooLarge }), undefined)),
  ruleFor('/response-stream', both(undefined, hides)),
  ruleFor('/response-longer', both(undefined, tells)),
  ruleFor(
    '/response-whole',
    both(
      undefined,
      reads(() => replacing(secret, 'a longer word'), { how: 'whole' }),
    ),
  ),
  ruleFor(
    '/response-blocked',
    both(
      undefined,
      reads(() => refusing(secret, responseLeaks), { how: 'whole', mayChange: false }),
    ),
  ),
  ruleFor(
    '/response-cut',
    both(
      undefined,
      reads(() => refusing(secret, responseLeaks)),
    ),
  ),
  ruleFor('/both', both(tells, hides)),
  ruleFor(
    '/bug',
    both(undefined, () => {
      throw new RangeError('a secret');
    }),
  ),
];

/** What the upstream does, by path. */
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
    edit: (text) => text.replace('port_value: 9300', `port_value: ${upstream.port}`),
  });
});
after(async () => {
  await ingress?.stop();
  await processing?.stop();
  await upstream?.close();
});

const echo: RequestListener = async (request, response) => {
  const body = await textOf(request);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ headers: request.headers, body }));
};
const answering =
  (body: string | Buffer, headers: Readonly<Record<string, string>> = {}, status = 200): RequestListener =>
  async (request, response) => {
    await textOf(request);
    response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
const seenUpstream = (body: string): { headers: Record<string, string>; body: string } => JSON.parse(body);

test('a rule without processing is left alone, and no body is sent to us', async () => {
  answerWith = echo;
  const before = processing.messages.length;
  const { status, body } = await ingress.send({ method: 'POST', path: '/plain', body: secret });
  assert.equal(status, 200);
  const seen = seenUpstream(body);
  assert.equal(seen.body, secret);
  // The second listener on the way adds nothing of its own.
  assert.doesNotMatch(seen.headers['x-forwarded-for'] ?? ',', /,/);
  assert.equal(seen.headers['x-forwarded-proto'], 'http');
  assert.equal(seen.headers['x-decision-id'], processing.trails.at(-1)?.decision.id);
  assert.equal(processing.messages.length, before);
  await waitFor({ what: 'the exchange ends', holds: async () => processing.open() === 0 });
});

for (const path of ['/request-whole', '/request-stream']) {
  test(`${path}: the body of a request is changed, and its length and digests with it`, async () => {
    answerWith = echo;
    const headers = { 'content-digest': 'sha-256=:x:', 'content-type': 'text/plain' };
    const { status, body } = await ingress.send({ method: 'POST', path, headers, body: `a ${secret} b` });
    assert.equal(status, 200);
    const seen = seenUpstream(body);
    assert.equal(seen.body, 'a a longer word b');
    assert.equal(seen.headers['content-digest'], undefined);
    if (path === '/request-whole') assert.equal(seen.headers['content-length'], String(seen.body.length));
  });
}

test('a request without a body goes on without one', async () => {
  answerWith = echo;
  const { status, body } = await ingress.send({ path: '/request-whole' });
  assert.deepEqual([status, seenUpstream(body).body], [200, '']);
});

test('a request is refused by its body with problem+json and the decision id of its Check', async () => {
  answerWith = echo;
  const { status, headers, body } = await ingress.send({ method: 'POST', path: '/request-blocked', body: secret });
  assert.equal(status, 403);
  assert.equal(headers['content-type'], 'application/problem+json');
  const problem = JSON.parse(body);
  assert.equal(problem.reason, 'forbidden');
  assert.equal(headers['x-decision-id'], problem.decision_id);
  await waitFor({ what: 'it is recorded', holds: async () => processing.trails.at(-1)?.service === 'process' });
  const [told, asked] = [processing.trails.at(-1), processing.trails.at(-2)];
  assert.equal(told?.decision.id, problem.decision_id);
  assert.equal(asked?.decision.id, problem.decision_id);
  assert.equal(told?.entries.at(-1)?.step, 'process_request');
});

test('a body beyond its bound is refused, whether its length is said or not', async () => {
  answerWith = echo;
  const body = 'x'.repeat(1001);
  assert.equal((await ingress.send({ method: 'POST', path: '/request-bounded', body })).status, 413);
  const chunked = await exchange({ method: 'POST', path: '/request-bounded' }, [body.slice(1), 'xx']);
  assert.equal(chunked.status, 413);
  assert.equal((await ingress.send({ method: 'POST', path: '/request-bounded', body: body.slice(1) })).status, 200);
});

test('a response is changed across its pieces, and what spoke of its bytes is gone', async () => {
  answerWith = async (request, response) => {
    await textOf(request);
    response.writeHead(200, { etag: '"1"', 'accept-ranges': 'bytes', 'content-length': 14 });
    response.write('one SEC');
    response.write('RE');
    response.end('T two');
  };
  const { status, headers, body } = await ingress.send({ path: '/response-stream' });
  assert.deepEqual([status, body], [200, `one ${masked} two`.slice(0, 14)]);
  assert.equal(headers.etag, undefined);
  assert.equal(headers['accept-ranges'], undefined);
  assert.equal(headers['content-length'], undefined);
});

for (const path of ['/response-longer', '/response-whole']) {
  test(`${path}: a response may become longer`, async () => {
    answerWith = answering(`1 ${secret} 2`, { etag: '"1"', digest: 'x' });
    const { status, headers, body } = await ingress.send({ path });
    assert.deepEqual([status, body], [200, '1 a longer word 2']);
    assert.deepEqual([headers.etag, headers['digest']], [undefined, undefined]);
    assert.equal(headers['content-length'], path === '/response-whole' ? '17' : undefined);
  });
}

test('a response that stays as it is keeps its length and its validators, if it was held', async () => {
  answerWith = answering('nothing here', { etag: '"1"' });
  const { headers, body } = await ingress.send({ path: '/response-whole' });
  assert.deepEqual([body, headers.etag, headers['content-length']], ['nothing here', '"1"', '12']);
});

test('a response is blocked by its body before anything of it goes on', async () => {
  answerWith = answering(`1 ${secret} 2`);
  const { status, headers, body } = await ingress.send({ path: '/response-blocked' });
  assert.equal(status, 502);
  assert.equal(headers['content-type'], 'application/problem+json');
  assert.equal(headers['x-decision-id'], JSON.parse(body).decision_id);
  assert.doesNotMatch(body, /SECRET/);
});

test('a response that has begun is cut off', async () => {
  answerWith = async (request, response) => {
    await textOf(request);
    response.writeHead(200);
    response.write('x'.repeat(100_000));
    // The client has the head: whatever comes now, it has begun.
    await reached.promise;
    response.end(secret);
  };
  const reached = Promise.withResolvers<void>();
  await assert.rejects(
    exchange({ path: '/response-cut' }, [], () => reached.resolve()),
    /aborted|hang up|ECONNRESET/,
  );
});

test('HEAD, 204, 304 and 206', async () => {
  answerWith = answering('x'.repeat(20), { etag: '"1"' });
  const head = await ingress.send({ method: 'HEAD', path: '/response-stream' });
  assert.deepEqual([head.status, head.headers.etag, head.headers['content-length']], [200, undefined, undefined]);
  for (const status of [204, 304]) {
    answerWith = (_request, response) => void response.writeHead(status, { etag: '"1"' }).end();
    assert.equal((await ingress.send({ path: '/response-stream' })).status, status);
  }
  let asked: string | undefined;
  answerWith = (request, response) => {
    asked = request.headers.range;
    response.writeHead(206, { 'content-range': 'bytes 0-3/9', 'content-length': 4 }).end('SECR');
  };
  const part = await ingress.send({ path: '/response-stream', headers: { range: 'bytes=0-3' } });
  assert.equal(asked, undefined);
  assert.equal(part.status, 502);
});

test('what is compressed is decoded both ways', async () => {
  answerWith = echo;
  const body = gzipSync(`a ${secret} b`);
  const sent = await exchange({ method: 'POST', path: '/request-whole', headers: { 'content-encoding': 'gzip' } }, [
    body,
  ]);
  assert.equal(seenUpstream(sent.body).body, 'a a longer word b');
  const encodings = { gzip: gzipSync, br: brotliCompressSync };
  for (const [encoding, compress] of Object.entries(encodings)) {
    for (const path of ['/response-stream', '/response-blocked']) {
      answerWith = answering(compress(`1 ${secret} 2`), { 'content-encoding': encoding });
      const answer = await ingress.send({ path, headers: { 'accept-encoding': encoding } });
      assert.equal(answer.status, path === '/response-stream' ? 200 : 502);
      if (answer.status === 200) assert.equal(answer.body, `1 ${masked} 2`);
    }
  }
});

test('a slow reader slows the upstream down instead of filling memory', async () => {
  let sent = 0;
  answerWith = async (request, response) => {
    await textOf(request);
    response.writeHead(200);
    const chunk = Buffer.alloc(65_536, 'x');
    for (; sent < 3200 && !response.destroyed; sent += 1) {
      if (!response.write(chunk)) await drained(response);
    }
    response.end();
  };
  const response = await open({ path: '/response-stream' });
  let before = -1;
  while (before !== sent) {
    before = sent;
    for (let turn = 0; turn < 2000; turn += 1) await new Promise(setImmediate);
  }
  assert.ok(sent < 1600, `${sent} of 3200 chunks of 64 KiB were taken from the upstream`);
  response.destroy();
  await waitFor({ what: 'the exchange ends', holds: async () => processing.open() === 0 });
});

test('an upload in small pieces is changed, and a client that leaves midway leaves nothing behind', async () => {
  answerWith = echo;
  const pieces = Array.from(`a ${secret} b`);
  const { body } = await exchange({ method: 'POST', path: '/request-stream' }, pieces);
  assert.equal(seenUpstream(body).body, 'a a longer word b');
  const request = httpRequest({ host: '127.0.0.1', port: ingress.port, method: 'POST', path: '/request-stream' });
  request.on('error', () => {});
  request.write('half of it');
  await waitFor({ what: 'the exchange has begun', holds: async () => processing.open() === 1 });
  request.destroy();
  await waitFor({ what: 'the exchange ends', holds: async () => processing.open() === 0 });
});

test('request and response of one exchange are both changed', async () => {
  answerWith = async (request, response) => response.end(`${await textOf(request)} ${secret}`);
  const { body } = await ingress.send({ method: 'POST', path: '/both', body: secret });
  assert.equal(body, `a longer word ${masked}`);
});

test('many exchanges at once are kept apart', async () => {
  answerWith = async (request, response) => response.end(`${await textOf(request)} ${secret}`);
  const bodies = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const { body } = await ingress.send({ method: 'POST', path: '/both', body: `${index} ${secret}` });
      return body;
    }),
  );
  assert.deepEqual(
    bodies,
    bodies.map((_, index) => `${index} a longer word ${masked}`),
  );
});

test('an exchange keeps the rules that it began with', async () => {
  const reached = Promise.withResolvers<void>();
  answerWith = async (request, response) => {
    await textOf(request);
    response.writeHead(200);
    response.write('one SEC');
    await reached.promise;
    response.end('RET two');
  };
  const answer = await exchange({ path: '/response-stream' }, [], () => {
    processing.reload([ruleFor('/other', {})]);
    reached.resolve();
  });
  processing.reload(rules);
  assert.equal(answer.body, `one ${masked} two`);
});

test('a bug is 503, and so is a sidecar that is away: never a pass', async () => {
  answerWith = answering('x');
  const { status, body } = await ingress.send({ path: '/bug' });
  assert.equal(status, 503);
  assert.doesNotMatch(body, /secret/);
  const away = await startIngress({
    bootstrap: 'process.yaml',
    grpc: '127.0.0.1:1',
    edit: (text) => withoutCheck(text).replace('port_value: 9300', `port_value: ${upstream.port}`),
  });
  let reached = 0;
  answerWith = (_request, response) => {
    reached += 1;
    response.end();
  };
  try {
    assert.equal((await away.send({ path: '/plain' })).status, 503);
    assert.equal(reached, 0);
  } finally {
    await away.stop();
  }
});

/** Resolves when there is room again, or nobody is left to write to. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}

/** The bootstrap with ext_authz switched off, so that ext_proc alone decides. */
const withoutCheck = (text: string): string =>
  text.replace(
    'failure_mode_allow: false # no answer is a no\n                      status_on_error',
    'failure_mode_allow: true\n                      status_on_error',
  );

const open = (wanted: PiecemealRequest, pieces: readonly (string | Buffer)[] = []): Promise<IncomingMessage> =>
  sendPiecemeal(ingress.port, wanted, pieces);

async function exchange(wanted: PiecemealRequest, pieces: readonly (string | Buffer)[], onHead = () => {}) {
  const response = await open(wanted, pieces);
  onHead();
  const body = await textOf(response);
  return { status: response.statusCode, headers: response.headers, body };
}
