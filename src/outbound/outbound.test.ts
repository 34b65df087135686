import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, LookupFunction } from 'node:net';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createAuthority } from '../../test/support/certificates.ts';
import { fetchJson } from './fetch-json.ts';
import { type OutboundOptions, openOutbound } from './outbound.ts';
import { createOutbounds } from './registry.ts';

const megabyte = 1024 ** 2;
const authority = await createAuthority();
const stranger = await createAuthority('stranger');
const identity = await authority.issue('key server');
const asked: string[] = [];

const pages: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/json': (response) => response.end('{"keys":[]}'),
  '/redirect': (response) => response.writeHead(302, { location: '/json' }).end(),
  '/huge': (response) => response.end(' '.repeat(10 * megabyte)),
  '/bomb': (response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(10 * megabyte))),
  '/html': (response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>502</title>'),
  '/broken': (response) => response.writeHead(500).end('{"keys":[]}'),
  '/empty': (response) => response.writeHead(204).end(),
  '/twice': (response) => response.end('{"keys":[],"keys":[]}'),
  '/silent': () => {},
  // A byte now and then, for ever: each comes in time, the whole does not.
  '/drip': (response) => {
    const timer = setInterval(() => response.write(' '), 5);
    response.once('close', () => clearInterval(timer));
  },
};
const answer: Parameters<typeof createServer>[1] = (request, response) => {
  asked.push(`${request.method} ${request.url}`);
  pages[request.url ?? '']?.(response);
};
const plain = createServer(answer);
const secure = createTlsServer({ ...identity, ca: authority.ca, requestCert: true, rejectUnauthorized: false }, answer);
for (const server of [plain, secure]) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}
const portOf = (server: typeof plain): number => (server.address() as AddressInfo).port; // it listens on TCP
const https = `https://localhost:${portOf(secure)}`;
const http = `http://127.0.0.1:${portOf(plain)}`;
after(() => {
  for (const server of [plain, secure]) {
    server.close();
    server.closeAllConnections();
  }
});

const never = new AbortController().signal;
const defaults: OutboundOptions = {
  allowHttp: false,
  allowedHosts: undefined,
  ca: authority.ca,
  timeoutMs: 5000,
  maxBytes: megabyte,
};

/** Asks for a page on a way out of its own, which is closed again. */
async function ask(url: string, change: Partial<OutboundOptions> = {}, lookup?: LookupFunction): Promise<string> {
  const outbound = openOutbound({ ...defaults, ...change }, lookup);
  const fetched = await fetchJson(url, outbound.fetch, never);
  await outbound.close();
  return fetched.ok ? JSON.stringify(fetched.value) : fetched.problem;
}

test('a server is trusted by the given authority and by no other', async () => {
  assert.equal(await ask(`${https}/json`), '{"keys":[]}');
  assert.match(await ask(`${https}/json`, { ca: stranger.ca }), /SIGNATURE|SELF_SIGNED|UNABLE/);
  assert.match(await ask(`${https}/json`, { ca: undefined }), /SIGNATURE|SELF_SIGNED|UNABLE/);
});

test('a certificate for another name is refused', async () => {
  const toUs: LookupFunction = (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);
  assert.equal(await ask(`https://other.example:${portOf(secure)}/json`, {}, toUs), 'ERR_TLS_CERT_ALTNAME_INVALID');
});

test('our own certificate is shown where one is given', async () => {
  const subjects: unknown[] = [];
  const note = (socket: { getPeerCertificate(): { subject?: { CN?: unknown } } }): void =>
    void subjects.push(socket.getPeerCertificate().subject?.CN);
  secure.on('secureConnection', note);
  await ask(`${https}/json`);
  await ask(`${https}/json`, { clientCertificate: await authority.issue('gateway') });
  secure.off('secureConnection', note);
  assert.deepEqual(subjects, [undefined, 'gateway']);
});

test('what is no answer has a name', async () => {
  const problems = [
    ['/redirect', 'status 302'],
    ['/broken', 'status 500'],
    ['/empty', 'status 204'],
    ['/html', 'not strict JSON: syntax'],
    ['/twice', 'not strict JSON: duplicate_member'],
    ['/huge', `more than ${megabyte} bytes`],
    ['/bomb', `more than ${megabyte} bytes`],
  ] as const;
  for (const [path, problem] of problems) assert.equal(await ask(`${https}${path}`), problem, path);
});

test('a redirect is never followed', async () => {
  asked.length = 0;
  await ask(`${http}/redirect`);
  assert.deepEqual(asked, ['GET /redirect']);
});

test('time is bounded from the first to the last byte', async () => {
  for (const path of ['/silent', '/drip'])
    assert.equal(await ask(`${http}${path}`, { timeoutMs: 100 }), 'timeout', path);
  const hanging: LookupFunction = () => {};
  assert.equal(await ask('https://idp.example/', { timeoutMs: 50 }, hanging), 'timeout');
});

test('who is out of patience leaves at once', async () => {
  const outbound = openOutbound(defaults);
  const controller = new AbortController();
  const waiting = fetchJson(`${http}/silent`, outbound.fetch, controller.signal);
  controller.abort();
  assert.deepEqual(await waiting, { ok: false, problem: 'timeout' });
  await outbound.close();
});

test('what may not be asked is not asked (row 36)', async () => {
  asked.length = 0;
  const refused = [
    ['http://169.254.169.254/latest', /link-local/],
    ['http://idp.example/', /https/],
    ['file:///etc/passwd', /https/],
    [`${http}/json\r\nx: y`, /is no URL/],
    [`${http}/json`, /host 127\.0\.0\.1, which allowed_hosts does not name/],
    [`https://localhost:${portOf(secure)}/json`, /host localhost/],
  ] as const;
  for (const [url, problem] of refused) {
    assert.match(await ask(url, { allowedHosts: ['idp.example', 'localhost:1'] }), problem, url);
  }
  assert.deepEqual(asked, []);
});

test('a name that leads to a link-local address is not asked (row 36)', async () => {
  for (const address of ['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254', 'fd00:ec2::254']) {
    const family = address.includes(':') ? 6 : 4;
    const all: LookupFunction = (_host, _options, done) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address, family },
      ]);
    const one: LookupFunction = (_host, _options, done) => done(null, address, family);
    for (const lookup of [all, one]) {
      assert.equal(
        await ask(`${https.replace('localhost', 'idp.example')}/json`, {}, lookup),
        'the host has a link-local address',
      );
    }
  }
});

test('a name that nobody knows is named by its error', async () => {
  const unknown: LookupFunction = (_host, _options, done) =>
    done(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
  assert.equal(await ask('https://idp.example/', {}, unknown), 'ENOTFOUND');
});

test('a form is sent as it is, and its answer has status and headers', async () => {
  const outbound = openOutbound(defaults);
  asked.length = 0;
  const body = new URLSearchParams({ token: 'x' });
  const response = await outbound.fetch(new URL(`${https}/redirect`), { method: 'POST', body });
  assert.deepEqual([response.status, response.headers.get('location')], [302, '/json']);
  assert.deepEqual(asked, ['POST /redirect']);
  await assert.rejects(outbound.fetch(new Request(`${https}/json`)), TypeError);
  await outbound.close();
});

test('equal options are one way out, others are another', async () => {
  const outbounds = createOutbounds();
  const first = outbounds.resolve(defaults);
  const { allowHttp, ...rest } = defaults;
  assert.equal(outbounds.resolve({ ...rest, allowHttp }), first);
  const changes: readonly Partial<OutboundOptions>[] = [
    { allowHttp: true },
    { allowedHosts: [] },
    { ca: undefined },
    { timeoutMs: 1 },
    { maxBytes: 1 },
    { clientCertificate: identity },
  ];
  const others = changes.map((change) => outbounds.resolve({ ...defaults, ...change }));
  assert.equal(new Set([first, ...others]).size, changes.length + 1);
  const response = await first.fetch(`${https}/json`);
  assert.equal(await response.text(), '{"keys":[]}');
  await outbounds.close();
  await assert.rejects(first.fetch(`${https}/json`));
});
