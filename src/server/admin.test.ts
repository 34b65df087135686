import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { silentLog } from '../core/ports.ts';
import { openAdminApi } from './admin/api.ts';
import { type AdminDeps, listenAdmin } from './admin.ts';

const deps: AdminDeps = {
  readiness: () => ({ missing: [], reload: undefined }),
  metrics: () => 'up 1\n',
  config: () => ({ version: 1, redis: { url: '***' } }),
  api: openAdminApi({ routes: {}, token: () => undefined, audit: { administered: () => {} }, log: silentLog }),
  log: silentLog,
};

async function open(context: TestContext, changed: Partial<AdminDeps> = {}): Promise<string> {
  const admin = await listenAdmin('127.0.0.1:0', { ...deps, ...changed });
  context.after(() => admin.close());
  return `http://${admin.address}`;
}

test('alive, it says so', async (context) => {
  const answer = await fetch(
    `${await open(context, { readiness: () => ({ missing: ['x'], reload: undefined }) })}/healthz`,
  );
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), 'ok\n');
});

test('ready is 200; otherwise 503, with what is missing and how the last reload ended', async (context) => {
  let missing: readonly string[] = ['users'];
  const reload = { outcome: 'refused', version: 'abc', atMs: 5, issues: ['p.yaml:1:2 rules bad'] } as const;
  const base = await open(context, { readiness: () => ({ missing, reload }) });
  const before = await fetch(`${base}/readyz`);
  assert.equal(before.status, 503);
  assert.equal(before.headers.get('content-type'), 'application/json');
  assert.deepEqual(await before.json(), { ready: false, missing: ['users'], reload });
  missing = [];
  const then = await fetch(`${base}/readyz?verbose=1`);
  assert.equal(then.status, 200);
  assert.deepEqual(await then.json(), { ready: true, missing: [], reload });
  const fresh = await fetch(`${await open(context)}/readyz`);
  assert.deepEqual(await fresh.json(), { ready: true, missing: [], reload: null });
});

test('metrics are text that Prometheus reads, config is JSON, nothing is cached', async (context) => {
  const base = await open(context, { metrics: async () => 'up 1\n' });
  const metrics = await fetch(`${base}/metrics`);
  assert.equal(metrics.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(metrics.headers.get('cache-control'), 'no-store');
  assert.equal(metrics.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(await metrics.text(), 'up 1\n');
  const config = await fetch(`${base}/config`);
  assert.deepEqual(await config.json(), { version: 1, redis: { url: '***' } });
});

test('HEAD is GET without the body, other methods are 405, other paths 404', async (context) => {
  const base = await open(context);
  const head = await fetch(`${base}/metrics`, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-length'), '5');
  assert.equal(await head.text(), '');
  const post = await fetch(`${base}/config`, { method: 'POST', body: '{}' });
  assert.equal(post.status, 405);
  assert.equal(post.headers.get('allow'), 'GET, HEAD');
  for (const path of ['/dashboards', '/configs', '/__proto__', '/toString', '/config/']) {
    assert.equal((await fetch(base + path)).status, 404, path);
  }
});

test('a page that fails is a 500 without the error in it, and the log has its name', async (context) => {
  const logged: unknown[] = [];
  const base = await open(context, {
    config: () => {
      throw new RangeError('a secret');
    },
    metrics: () => Promise.reject('a secret'),
    log: { ...silentLog, error: (fields) => logged.push(fields) },
  });
  for (const path of ['/config', '/metrics']) {
    const answer = await fetch(base + path);
    assert.equal(answer.status, 500);
    assert.equal(await answer.text(), 'internal error\n');
  }
  assert.deepEqual(logged, [
    { path: '/config', error: 'RangeError' },
    { path: '/metrics', error: 'string' },
  ]);
});

test('names of the public DNS are not ours: a page that has been led here reads nothing', async (context) => {
  const { port } = new URL(await open(context));
  const status = (host: string, path = '/config'): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers: { host } }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
  for (const host of [`evil.example:${port}`, 'EVIL.example', '127.0.0.1.evil.example', 'localhost.evil.example']) {
    for (const path of ['/config', '/metrics', '/readyz']) assert.equal(await status(host, path), 421, host + path);
  }
  for (const host of [
    `127.0.0.1:${port}`,
    '10.1.2.3:9192',
    '[::1]:9192',
    `localhost:${port}`,
    'LOCALHOST',
    'gateway',
  ]) {
    assert.equal(await status(host), 200, host);
  }
});

test('headers without end are refused', async (context) => {
  const base = await open(context);
  const answer = await fetch(`${base}/healthz`, { headers: { 'x-long': 'x'.repeat(10_000) } });
  assert.equal(answer.status, 431);
});

test('it listens on a unix socket, for owner and group', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'admin-'));
  context.after(() => rm(folder, { recursive: true }));
  const socketPath = join(folder, 's');
  const admin = await listenAdmin(`unix:${socketPath}`, deps);
  context.after(() => admin.close());
  assert.equal(admin.address, `unix:${socketPath}`);
  assert.equal((await stat(socketPath)).mode & 0o777, 0o660);
  const status = await new Promise((resolve, reject) => {
    request({ socketPath, path: '/healthz' }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  assert.equal(status, 200);
});

test('a taken port is an error that names the address', async (context) => {
  const address = (await open(context)).replace('http://', '');
  await assert.rejects(listenAdmin(address, deps), { message: `cannot listen on ${address}: the address is in use` });
});

test('close does not wait for callers that say nothing', async () => {
  const admin = await listenAdmin('127.0.0.1:0', deps);
  const port = Number(admin.address.split(':')[1]);
  const idle = connect(port, '127.0.0.1');
  const closed = new Promise((resolve) => idle.once('close', resolve));
  idle.on('error', () => {});
  await new Promise((resolve) => idle.once('connect', resolve));
  await fetch(`http://${admin.address}/healthz`).then((answer) => answer.text());
  await admin.close();
  await closed;
});
