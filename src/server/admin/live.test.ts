import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { openTime } from '../../../test/support/authn.ts';
import { allowed, allowOf, denied, parentTrace, trailOf } from '../../../test/support/trails.ts';
import type { AdminAct } from '../../core/administration.ts';
import { silentLog } from '../../core/ports.ts';
import { waitFor } from '../../envoy/condition.ts';
import { openLive } from '../../live/index.ts';
import { listenAdmin } from '../admin.ts';
import { openAdminApi } from './api.ts';
import { liveRoutes } from './live.ts';

const token = 'correct-horse-battery-staple-0123456789';
const authorization = `Bearer ${token}`;

async function open(context: TestContext) {
  const time = openTime();
  const live = openLive(time.clock);
  const acts: AdminAct[] = [];
  let current: string | undefined = token;
  const routes = liveRoutes({
    live,
    state: live.state,
    traceUrl: () => 'https://traces.example/{trace_id}',
    nowMs: time.clock.nowMs,
    timers: time.timers,
  });
  const audit = { administered: (act: AdminAct) => void acts.push(act) };
  const api = openAdminApi({ routes, token: () => current, audit, log: silentLog, timers: time.timers });
  const pages = { readiness: () => ({ missing: [], reload: undefined }), metrics: () => '', config: () => ({}) };
  const admin = await listenAdmin('127.0.0.1:0', { ...pages, api, log: silentLog });
  context.after(() => admin.close());
  const url = `http://${admin.address}`;
  const get = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(url + path, { headers: { authorization, ...headers } });
    return { status: answer.status, json: JSON.parse(await answer.text()) };
  };
  const change = (next: string | undefined): void => {
    current = next;
  };
  const at = () => ({ startMs: time.clock.nowMs() });
  return { time, live, acts, url, get, change, at, close: admin.close };
}

/** Opens a stream; what has come of it can be asked for at any time. */
function look(context: TestContext, url: string, path = '/live/stream') {
  let text = '';
  let over = false;
  let status = 0;
  const asked = request(`${url}${path}`, { headers: { authorization }, agent: false }, (answer) => {
    status = answer.statusCode ?? 0;
    answer.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    answer.on('close', () => {
      over = true;
    });
  });
  asked.on('error', () => {});
  asked.end();
  context.after(() => asked.destroy());
  const events = () =>
    [...text.matchAll(/event: (.*)\ndata: (.*)\n\n/g)].map(([, name = '', data = '']) => ({
      name,
      data: JSON.parse(data),
    }));
  const comes = (count: number) => waitFor({ what: `${count} events`, holds: async () => events().length >= count });
  return { events, comes, over: () => over, status: () => status, leave: () => asked.destroy() };
}

test('how things are, which decisions there were, and why one was made', async (context) => {
  const { live, get, acts, at } = await open(context);
  live.decided(trailOf(allowOf('orders-write', 'd/1'), at()));
  live.decided(denied('authorize', 'permission_missing', at()));
  assert.equal((await get('/live')).json.denials[0].reason, 'permission_missing');
  const listed = await get('/decisions?effect=deny&limit=1');
  assert.deepEqual([listed.json.decisions.length, listed.json.skipped], [1, 0]);
  const { json } = await get('/decisions/d%2F1');
  assert.equal(json.decisions[0].trace_url, `https://traces.example/${parentTrace.traceId}`);
  const [, , explained] = acts;
  assert.deepEqual(
    [explained?.operation, explained?.actor, explained?.object],
    ['GET /decisions/{name}', 'admin', { type: 'decision', name: 'd/1' }],
  );
});

test('what is not there, and what is asked for wrongly, is said', async (context) => {
  const { get } = await open(context);
  const absent = await get('/decisions/nobody');
  assert.deepEqual([absent.status, absent.json.code], [404, 'nothing_found']);
  for (const path of [
    '/decisions?colour=red',
    '/decisions?limit=0',
    '/decisions?limit=x',
    '/live/stream?effect=maybe',
  ]) {
    const { status, json } = await get(path);
    assert.deepEqual([status, json.code], [422, 'request_invalid'], path);
  }
});

test('whoever has no token gets no page of it, and no path that is not one', async (context) => {
  const { url } = await open(context);
  for (const path of ['/live', '/live/stream', '/decisions', '/decisions/x'])
    assert.equal((await fetch(url + path)).status, 401);
  for (const path of ['/decisions/', '/decisions/%zz', `/decisions/${'x'.repeat(300)}`, '/decisions/a/b', '/live/x']) {
    assert.equal((await fetch(url + path)).status, 404, path);
  }
});

test('a stream tells the state, and decisions as they are made', async (context) => {
  const { time, live, url, at } = await open(context);
  live.decided(allowed(at()));
  const stream = look(context, url);
  await stream.comes(2);
  const [state, first] = stream.events();
  assert.deepEqual(
    [state?.name, first?.name, first?.data.decisions.length, first?.data.skipped],
    ['state', 'decisions', 1, 0],
  );
  live.decided(denied('authorize', 'permission_missing', at()));
  time.advance(250);
  await stream.comes(3);
  assert.equal(stream.events()[2]?.data.decisions[0].reason, 'permission_missing');
  for (let tick = 0; tick < 8; tick += 1) time.advance(250);
  await stream.comes(4);
  const [, , , later] = stream.events();
  assert.equal(later?.name, 'state');
  assert.ok(later.data.series.allow.length <= 3, 'only what is new');
});

test('a stream tells five decisions in a quarter of a second, and how many more there were', async (context) => {
  const { time, live, url, at } = await open(context);
  const stream = look(context, url, '/live/stream?effect=deny');
  await stream.comes(2);
  for (let count = 0; count < 2000; count += 1) live.decided(denied('authorize', 'permission_missing', at()));
  live.decided(allowed(at()));
  time.advance(250);
  await stream.comes(3);
  const { decisions, skipped } = stream.events()[2]?.data ?? {};
  assert.equal(decisions.length, 5);
  // One of those that are remembered was allowed, and nobody asked for it.
  assert.equal(decisions.length + skipped, 2000);
});

test('streams are few, and room is made when one ends', async (context) => {
  const { url, get, acts } = await open(context);
  const streams = Array.from({ length: 16 }, () => look(context, url));
  await Promise.all(streams.map(({ comes }) => comes(1)));
  const { status, json } = await get('/live/stream');
  assert.deepEqual([status, json.code], [429, 'too_many_streams']);
  assert.equal(acts.filter(({ operation }) => operation === 'GET /live/stream').length, 17);
  streams[0]?.leave();
  await waitFor({
    what: 'there is room',
    holds: async () => {
      const next = look(context, url);
      await waitFor({ what: 'an answer', holds: async () => next.status() > 0 });
      return next.status() === 200;
    },
  });
});

test('a stream ends when the token is another one, and when we end', async (context) => {
  const { time, url, change, close } = await open(context);
  const one = look(context, url);
  await one.comes(1);
  change('another-token-of-administrators-0123456789');
  time.advance(1000);
  await waitFor({ what: 'it ends', holds: async () => one.over() });
  assert.deepEqual(one.events().at(-1), { name: 'end', data: { why: 'token_changed' } });
  change(token);
  const other = look(context, url);
  await other.comes(1);
  await close();
  await waitFor({ what: 'it ends', holds: async () => other.over() });
  assert.deepEqual(other.events().at(-1), { name: 'end', data: { why: 'shutdown' } });
});

test('our own page may ask, and no page of somebody else', async (context) => {
  const { url, get } = await open(context);
  const port = new URL(url).port;
  assert.equal((await get('/live', { origin: url })).status, 200);
  for (const origin of [
    'null',
    'http://evil.example',
    `https://127.0.0.1:${port}`,
    `http://127.0.0.1:1${port}`,
    `http://localhost:${port}`,
    `${url}/`,
    `${url}.evil.example`,
  ]) {
    const { status, json } = await get('/live', { origin });
    assert.deepEqual([status, json.code], [403, 'browser_refused'], origin);
  }
  // A name of theirs that leads here: the browser says it in Host and in Origin alike.
  const status = await new Promise((resolve, reject) => {
    const headers = { authorization, host: `evil.example:${port}`, origin: `http://evil.example:${port}` };
    request(`${url}/live`, { headers, agent: false }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end();
  });
  assert.equal(status, 403);
});
