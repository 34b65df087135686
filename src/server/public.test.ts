import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Endpoint, EndpointRequest } from '../core/endpoint.ts';
import { silentLog } from '../core/ports.ts';
import { waitFor } from '../envoy/condition.ts';
import { listenPublic, type PublicDeps } from './public.ts';

const page = (given: Partial<Endpoint> = {}): Endpoint => ({
  methods: ['GET'],
  handle: async () => ({ status: 200, headers: [], body: 'hello' }),
  ...given,
});

interface Opened {
  readonly base: string;
  readonly port: number;
  /** What was counted: "page status". */
  readonly counted: readonly string[];
  readonly logged: readonly unknown[];
}

async function open(context: TestContext, endpoints: PublicDeps['endpoints']): Promise<Opened> {
  const counted: string[] = [];
  const logged: unknown[] = [];
  const listening = await listenPublic('127.0.0.1:0', {
    endpoints,
    signals: { endpointAnswered: (name, status) => counted.push(`${name} ${status}`) },
    log: { ...silentLog, error: (fields) => logged.push(fields) },
  });
  context.after(() => listening.close());
  const port = Number(listening.address.split(':')[1]);
  return { base: `http://${listening.address}`, port, counted, logged };
}

/** Writes bytes as they are, and gives all that comes until the connection closes. */
async function rawExchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
  socket.write(bytes, 'latin1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  // What was not read is answered with a reset, after the answer.
  await new Promise<void>((resolve) => socket.once('error', () => {}).once('close', () => resolve()));
  return text;
}

const serving = (context: TestContext, given: Partial<Endpoint> = {}): Promise<Opened> =>
  open(context, () => new Map([['users/callback', page(given)]]));

test('a page gets the request as it was sent, and its answer goes out with precautions', async (context) => {
  let seen: EndpointRequest | undefined;
  const { base, counted } = await serving(context, {
    methods: ['POST'],
    handle: async (request) => {
      seen = request;
      return { status: 201, headers: [{ name: 'content-type', value: 'text/html; charset=utf-8' }], body: '<p>' };
    },
  });
  const answer = await fetch(`${base}/.portcullis/users/callback?code=a%20b&state=x?y`, {
    method: 'POST',
    body: 'logout_token=1',
    headers: { cookie: 'a=1; b=2' },
  });
  assert.equal(answer.status, 201);
  assert.equal(await answer.text(), '<p>');
  assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
  assert.match(answer.headers.get('content-security-policy') ?? '', /^default-src 'none';.*frame-ancestors 'none'/);
  assert.deepEqual(
    { ...seen, headers: seen?.headers.get('cookie'), body: new TextDecoder().decode(seen?.body) },
    {
      method: 'POST',
      host: base.replace('http://', ''),
      path: '/.portcullis/users/callback',
      query: 'code=a%20b&state=x?y',
      headers: ['a=1; b=2'],
      body: 'logout_token=1',
    },
  );
  assert.deepEqual(counted, ['users/callback 201']);
});

test('headers are set by overwriting, and each appended cookie is a field of its own', async (context) => {
  const { base } = await serving(context, {
    handle: async () => ({
      status: 302,
      headers: [
        { name: 'location', value: '/' },
        { name: 'cache-control', value: 'max-age=60' },
        { name: 'set-cookie', value: 'a=1', append: true },
        { name: 'set-cookie', value: 'b=2', append: true },
      ],
      body: '',
    }),
  });
  const answer = await fetch(`${base}/.portcullis/users/callback`, { redirect: 'manual' });
  assert.equal(answer.headers.get('location'), '/');
  assert.equal(answer.headers.get('cache-control'), 'max-age=60');
  assert.deepEqual(answer.headers.getSetCookie(), ['a=1', 'b=2']);
});

test('paths are compared as they were sent: what is no page is 404', async (context) => {
  const { base, port, counted } = await serving(context);
  for (const path of [
    '/',
    '/users/callback',
    '/.portcullis/',
    '/.portcullis/users/callback/',
    '/.portcullis//users/callback',
    '/.portcullis/users%2fcallback',
    '/.PORTCULLIS/users/callback',
    '/.portcullis/__proto__',
    '/.portcullis/constructor',
  ]) {
    assert.equal((await fetch(base + path)).status, 404, path);
  }
  const dots = await rawExchange(
    port,
    'GET /.portcullis/x/../users/callback HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
  );
  assert.match(dots, /^HTTP\/1\.1 404 /);
  assert.deepEqual(new Set(counted), new Set(['none 404']));
});

test('a method that the page does not take is 405 with those that it takes, HEAD too', async (context) => {
  const { base } = await serving(context, { methods: ['GET', 'POST'] });
  for (const method of ['HEAD', 'PUT', 'OPTIONS', 'DELETE']) {
    const answer = await fetch(`${base}/.portcullis/users/callback`, { method });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers.get('allow'), 'GET, POST');
  }
});

test('a body beyond 64 KiB is 413 before it is read, chunked or not', async (context) => {
  const { base, port, counted } = await serving(context, {
    methods: ['POST'],
    handle: async ({ body }) => ({ status: 200, headers: [], body: `${body.length}` }),
  });
  const post = (bytes: number) =>
    fetch(`${base}/.portcullis/users/callback`, { method: 'POST', body: 'x'.repeat(bytes) });
  assert.equal(await (await post(65_536)).text(), '65536');
  assert.equal((await post(65_537)).status, 413);
  const head = 'POST /.portcullis/users/callback HTTP/1.1\r\nhost: a\r\n';
  const announced = await rawExchange(port, `${head}content-length: 99999999\r\n\r\n`);
  assert.match(announced, /^HTTP\/1\.1 413 [\s\S]*connection: close/i);
  const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
  const chunked = await rawExchange(port, `${head}transfer-encoding: chunked\r\n\r\n${chunk}${chunk}${chunk}`);
  assert.match(chunked, /^HTTP\/1\.1 413 /);
  assert.equal(counted.filter((line) => line === 'users/callback 413').length, 3);
});

for (const [name, request] of [
  ['no host', 'GET /.portcullis/users/callback HTTP/1.1\r\n\r\n'],
  ['two hosts', 'GET /.portcullis/users/callback HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n'],
  ['an absolute target', 'GET http://a/.portcullis/users/callback HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
  ['a fragment', 'GET /.portcullis/users/callback?a#b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
  [
    'two lengths',
    'GET /.portcullis/users/callback HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
  ],
  ['a length and chunks', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n'],
  ['no HTTP at all', '\x16\x03\x01 hello\r\n\r\n'],
] as const) {
  test(`a request with ${name} is 400`, async (context) => {
    const { port } = await serving(context);
    assert.match(await rawExchange(port, request), /^HTTP\/1\.1 400 /);
  });
}

const idle = 'content-length: 100\r\n\r\na';
for (const [why, head, status] of [
  ['to no page', 'POST /.portcullis/nothing HTTP/1.1\r\nhost: a', 404],
  ['with a method that the page does not take', 'PUT /.portcullis/users/callback HTTP/1.1\r\nhost: a', 405],
  ['with two hosts', 'POST /.portcullis/users/callback HTTP/1.1\r\nhost: a\r\nhost: b', 400],
  ['with a method that has no body', 'GET /.portcullis/users/callback HTTP/1.1\r\nhost: a', 200],
] as const) {
  test(`a request ${why} is answered without its body, and ends the connection`, async (context) => {
    const { port } = await serving(context, { methods: ['GET', 'POST'] });
    const answer = await rawExchange(port, `${head}\r\n${idle}`);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*\r\nconnection: close`, 'i'));
  });
}

test('bodies that do not come keep nobody from the pages without one, and are given up', async (context) => {
  const { base, port, counted } = await serving(context, { methods: ['GET', 'POST'] });
  const post = `POST /.portcullis/users/callback HTTP/1.1\r\nhost: a\r\n${idle}`;
  const answers = Array.from({ length: 70 }, () => rawExchange(port, post));
  // Those that there is no room for hear so at once.
  await waitFor({ what: 'all have been looked at', holds: async () => counted.length === 6 });
  assert.deepEqual(new Set(counted), new Set(['users/callback 503']));
  assert.equal((await fetch(`${base}/.portcullis/users/callback`)).status, 200);
  assert.equal(counted.length, 7);
  const statuses = (await Promise.all(answers)).map((answer) => answer.split(' ', 2)[1]);
  assert.deepEqual(statuses.toSorted(), [...Array(64).fill('408'), ...Array(6).fill('503')]);
});

test('headers up to 32 KiB pass, more are 431', async (context) => {
  const { base } = await serving(context);
  const get = (bytes: number) =>
    fetch(`${base}/.portcullis/users/callback`, { headers: { cookie: `a=${'x'.repeat(bytes)}` } });
  assert.equal((await get(30_000)).status, 200);
  assert.equal((await get(33_000)).status, 431);
});

test('a page that fails is a 500 without the error in it, and the log has its name', async (context) => {
  const { base, counted, logged } = await open(
    context,
    () =>
      new Map([
        [
          'throws',
          page({
            handle: () => {
              throw new RangeError('a secret');
            },
          }),
        ],
        ['rejects', page({ handle: () => Promise.reject(new TypeError('a secret')) })],
        [
          'header',
          page({
            handle: async () => ({
              status: 200,
              headers: [
                { name: 'x-a', value: '1' },
                { name: 'b', value: 'a\r\nb: c' },
              ],
              body: '',
            }),
          }),
        ],
      ]),
  );
  for (const name of ['throws', 'rejects', 'header']) {
    const answer = await fetch(`${base}/.portcullis/${name}`);
    assert.equal(answer.status, 500);
    assert.equal(answer.headers.get('x-a'), null);
    assert.equal(await answer.text(), 'internal error\n');
  }
  assert.deepEqual(counted, ['throws 500', 'rejects 500', 'header 500']);
  assert.deepEqual(logged, [
    { endpoint: 'throws', error: 'RangeError' },
    { endpoint: 'rejects', error: 'TypeError' },
    { endpoint: 'header', error: 'TypeError' },
  ]);
});

test('the plan is asked for each request', async (context) => {
  let endpoints = new Map([['a', page()]]);
  const { base } = await open(context, () => endpoints);
  assert.equal((await fetch(`${base}/.portcullis/a`)).status, 200);
  endpoints = new Map([['b', page()]]);
  assert.equal((await fetch(`${base}/.portcullis/a`)).status, 404);
  assert.equal((await fetch(`${base}/.portcullis/b`)).status, 200);
});

test('whoever breaks off in the middle of a body harms nobody', async (context) => {
  const { base, port, counted } = await serving(context, { methods: ['GET', 'POST'] });
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write('POST /.portcullis/users/callback HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc');
  await fetch(`${base}/.portcullis/users/callback`);
  socket.destroy();
  assert.equal((await fetch(`${base}/.portcullis/users/callback`)).status, 200);
  assert.deepEqual(counted, ['users/callback 200', 'users/callback 200']);
});

test('a drain lets the answer under way out, and takes no new connection', async () => {
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const listening = await listenPublic('127.0.0.1:0', {
    endpoints: () =>
      new Map([
        [
          'slow',
          page({
            handle: async () => {
              entered.resolve();
              await release.promise;
              return { status: 200, headers: [], body: 'late' };
            },
          }),
        ],
      ]),
    signals: { endpointAnswered: () => {} },
    log: silentLog,
  });
  const answer = fetch(`http://${listening.address}/.portcullis/slow`, { headers: { connection: 'close' } });
  await entered.promise;
  const drained = listening.drain(5000);
  await assert.rejects(fetch(`http://${listening.address}/.portcullis/slow`));
  release.resolve();
  assert.equal(await (await answer).text(), 'late');
  assert.equal(await drained, true);
});

test('a drain is bounded', async () => {
  const entered = Promise.withResolvers<void>();
  const listening = await listenPublic('127.0.0.1:0', {
    endpoints: () =>
      new Map([
        [
          'stuck',
          page({
            handle: () => {
              entered.resolve();
              return new Promise(() => {});
            },
          }),
        ],
      ]),
    signals: { endpointAnswered: () => {} },
    log: silentLog,
  });
  const answer = fetch(`http://${listening.address}/.portcullis/stuck`);
  answer.catch(() => {});
  await entered.promise;
  assert.equal(await listening.drain(50), false);
  await assert.rejects(answer);
});

test('a page that never answers is 503 in the end, and is told that its time is up', async (context) => {
  const told = Promise.withResolvers<void>();
  const stuck = page({
    handle: (_, signal) => {
      signal.addEventListener('abort', () => told.resolve());
      return new Promise(() => {});
    },
  });
  const deps = {
    endpoints: () => new Map([['stuck', stuck]]),
    signals: { endpointAnswered: () => {} },
    log: silentLog,
  };
  const listening = await listenPublic('127.0.0.1:0', deps, 20);
  context.after(() => listening.close());
  const answer = await fetch(`http://${listening.address}/.portcullis/stuck`);
  assert.equal(answer.status, 503);
  await told.promise;
});
