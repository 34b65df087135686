import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { silentLog } from '../../core/ports.ts';
import { listenAdmin } from '../admin.ts';
import { openAdminApi } from './api.ts';
import { dashboardFiles } from './dashboard.ts';

async function open(context: TestContext): Promise<string> {
  const audit = { administered: () => {} };
  const admin = await listenAdmin('127.0.0.1:0', {
    readiness: () => ({ missing: [], reload: undefined }),
    metrics: () => '',
    config: () => ({}),
    api: openAdminApi({ routes: {}, token: () => undefined, audit, log: silentLog }),
    log: silentLog,
  });
  context.after(() => admin.close());
  return `http://${admin.address}`;
}

test('the whole page is 60 KB at most, as a browser loads it', () => {
  let bytes = 0;
  for (const file of dashboardFiles.values()) bytes += gzipSync(readFileSync(file), { level: 9 }).length;
  assert.ok(bytes <= 60_000, `${bytes}`);
});

test('every file of the folder is served, and no other', () => {
  const served = [...dashboardFiles.values()].map((file) => basename(file)).filter((name) => !name.startsWith('uPlot'));
  const there = readdirSync('dashboard').filter((name) => /\.(html|js|css)$/.test(name));
  assert.deepEqual(served.toSorted(), there.toSorted());
});

test('the page loads nothing that is not there, and nothing of others', () => {
  const paths = [...readFileSync('dashboard/index.html', 'utf8').matchAll(/(?:src|href)="([^"#]+)"/g)].map(
    ([, at = '']) => at,
  );
  for (const path of paths) assert.ok(path.startsWith('data:') || dashboardFiles.has(`/${path}`), path);
  for (const name of readdirSync('dashboard').filter((one) => one.endsWith('.js'))) {
    const text = readFileSync(`dashboard/${name}`, 'utf8');
    assert.doesNotMatch(
      text,
      /innerHTML|outerHTML\s*=|insertAdjacentHTML|document\.write|eval\(|new Function|import\(/,
      name,
    );
    for (const [, from = ''] of text.matchAll(/^import .* from '\.\/([^']+)'/gm))
      assert.ok(dashboardFiles.has(`/dashboard/${from}`), from);
  }
});

test('it comes under a policy by which nothing but it runs, small where that is taken', async (context) => {
  const base = await open(context);
  const page = await fetch(`${base}/dashboard`);
  const { headers } = page;
  assert.equal(page.status, 200);
  assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('cache-control'), 'no-store');
  const policy = headers.get('content-security-policy') ?? '';
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
  ]) {
    assert.ok(policy.split('; ').includes(part), part);
  }
  assert.doesNotMatch(policy, /unsafe|\*|http/);
  assert.match(await page.text(), /^<!doctype html>/);
  for (const path of dashboardFiles.keys()) {
    const plain = await fetch(base + path, { headers: { 'accept-encoding': 'identity' } });
    assert.equal(plain.headers.get('content-encoding'), null);
    const zipped = await fetch(base + path, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(zipped.headers.get('content-encoding'), 'gzip');
    // fetch has unpacked it.
    assert.equal(await zipped.text(), await plain.text());
  }
});

test('the root leads there, and it is read and nothing else', async (context) => {
  const base = await open(context);
  const root = await fetch(`${base}/`, { redirect: 'manual' });
  assert.deepEqual([root.status, root.headers.get('location')], [302, 'dashboard']);
  assert.equal((await fetch(`${base}/dashboard`, { method: 'POST' })).status, 405);
  assert.equal((await fetch(`${base}/dashboard`, { method: 'HEAD' })).headers.get('content-encoding'), 'gzip');
  for (const path of [
    '/dashboard/',
    '/dashboard/index.html',
    '/dashboard/tsconfig.json',
    '/dashboard/..%2fpackage.json',
    '/dashboard/__proto__',
  ]) {
    assert.equal((await fetch(base + path)).status, 404, path);
  }
});
