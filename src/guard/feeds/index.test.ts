import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openTime } from '../../../test/support/authn.ts';
import { readHere } from '../../../test/support/feeds.ts';
import { parseAddress } from '../../core/address.ts';
import type { FeedChange } from '../../core/feed.ts';
import { waitFor } from '../../envoy/condition.ts';
import type { Feed, FeedSpec } from './feed.ts';
import { createFeeds } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-feeds-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const minuteMs = 60_000;
const outbound = { allowHttp: false, allowedHosts: undefined, ca: undefined, timeoutMs: 5000, maxBytes: 1e6 };
const limits = { maxEntries: 1000, keepSpecial: false };
const url = 'https://lists.example/drop.txt';
const ofUrl = (more: Partial<FeedSpec> = {}): FeedSpec => ({
  name: 'drop',
  list: 'deny',
  format: 'plain',
  source: { kind: 'url', url, headers: [['x-api-key', 'k1']], outbound },
  refreshMs: minuteMs,
  limits,
  cacheDir: undefined,
  ...more,
});

type Answer = { readonly status?: number; readonly body?: string; readonly headers?: Record<string, string> };

/** A registry over a server that answers as it is told, in time that stands still. */
function openStage() {
  const time = openTime();
  const requests: { readonly url: string; readonly headers: Headers }[] = [];
  const outcomes: string[] = [];
  const confirmed: number[] = [];
  const lines: string[] = [];
  const changes: FeedChange[] = [];
  const server: { answer: Answer | 'hang' } = { answer: { body: '9.9.9.9\n' } };
  const fetch: typeof globalThis.fetch = async (asked, init) => {
    requests.push({ url: String(asked), headers: new Headers(init?.headers) });
    if (server.answer === 'hang') return new Promise(() => {});
    const { status = 200, body = '', headers = {} } = server.answer;
    return new Response(status === 304 ? null : body, { status, headers });
  };
  const log = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const feeds = createFeeds({
    ...time,
    signals: {
      feedRefreshed: (_feed, outcome) => void outcomes.push(outcome),
      feedInForce: (_feed, _entries, atMs) => void confirmed.push(atMs),
    },
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    listener: { feedChanged: (change) => void changes.push(change) },
    outbounds: { resolve: () => ({ fetch }) },
    reader: readHere(),
    random: () => 0,
    settled: () => void lines.push('settled'),
  });
  /** Waits for so many looks in all. */
  const looks = (count: number): Promise<void> =>
    waitFor({ what: `${count} looks`, holds: async () => outcomes.length >= count });
  /** Lets time pass, and waits for the look that it brings. */
  const later = async (ms: number): Promise<string | undefined> => {
    const before = outcomes.length;
    time.advance(ms);
    await looks(before + 1);
    return outcomes.at(-1);
  };
  return { time, requests, outcomes, confirmed, lines, changes, server, feeds, looks, later };
}

const lists = (feed: Feed, text: string): boolean => feed.find(parseAddress(text) ?? assert.fail(text)) !== undefined;

test('a feed is asked for once it is started, and is waited for once', async () => {
  const { feeds, requests, looks, lines } = openStage();
  const feed = feeds.resolve(ofUrl());
  assert.equal(feeds.resolve(ofUrl()), feed);
  assert.deepEqual([requests.length, lists(feed, '9.9.9.9')], [0, false]);
  feeds.start();
  assert.deepEqual(feeds.waiting(), ['drop']);
  await looks(1);
  assert.deepEqual(feeds.waiting(), []);
  assert.equal(lists(feed, '9.9.9.9'), true);
  assert.equal(requests[0]?.headers.get('x-api-key'), 'k1');
  assert.ok(lines.includes('settled'));
  assert.ok(!JSON.stringify([lines, feeds.list()]).includes('k1'));
});

test('of a URL the status shows the origin alone', () => {
  const { feeds } = openStage();
  const source = { kind: 'url', headers: [], outbound } as const;
  feeds.resolve(ofUrl({ source: { ...source, url: 'https://u:planted@lists.example:8443/planted/a.txt?k=planted' } }));
  assert.equal(feeds.list()[0]?.source, 'https://lists.example:8443');
});

test('who is silent is not waited for beyond its time', async () => {
  const { feeds, server, time } = openStage();
  server.answer = 'hang';
  feeds.resolve(ofUrl());
  feeds.start();
  time.advance(4999);
  assert.deepEqual(feeds.waiting(), ['drop']);
  time.advance(1);
  assert.deepEqual(feeds.waiting(), []);
});

test('the last good list stays, whatever comes; the log tells of changes only', async () => {
  const { feeds, server, looks, later, lines } = openStage();
  const feed = feeds.resolve(ofUrl());
  feeds.start();
  await looks(1);
  for (const [answer, outcome] of [
    [{ status: 500 }, 'failed'],
    [{ status: 302, headers: { location: '/' } }, 'failed'],
    [{ status: 304 }, 'failed'],
    [{ body: '<html>\n<body>\n' }, 'refused'],
    [{ body: '0.0.0.0/0\n' }, 'refused'],
  ] as const) {
    server.answer = answer;
    assert.equal(await later(3 * minuteMs), outcome);
    assert.equal(lists(feed, '9.9.9.9'), true);
  }
  assert.match(feeds.list()[0]?.problem ?? '', /shorter than any list/);
  server.answer = { body: '8.8.8.8\n' };
  assert.equal(await later(3 * minuteMs), 'taken');
  assert.deepEqual([lists(feed, '9.9.9.9'), lists(feed, '8.8.8.8')], [false, true]);
  const said = lines.filter((line) => line !== 'settled').map((line) => line.split(' ')[0]);
  assert.deepEqual(said, ['info', 'warn', 'info']);
});

test('audit hears of changes: another list, the first failure of a kind, and the source that is back', async () => {
  const { feeds, server, looks, later, changes } = openStage();
  feeds.resolve(ofUrl({ source: { kind: 'url', url: `${url}?key=planted`, headers: [], outbound } }));
  feeds.start();
  await looks(1);
  for (const answer of [
    { body: '# written otherwise\n9.9.9.9\n' },
    { status: 500 },
    { status: 503 },
    { body: '<html>' },
    { body: '0.0.0.0/0\n' },
    { status: 500 },
    { body: '9.9.9.9\n' },
    { body: '9.9.9.9\n8.8.8.8\n' },
    { status: 500 },
    { body: '7.7.7.7\n' },
  ]) {
    server.answer = answer;
    await later(3 * minuteMs);
  }
  assert.deepEqual(
    changes.map(({ outcome, before, after }) => [outcome, before?.entries, after?.entries]),
    [
      ['taken', undefined, 1],
      ['failed', 1, 1],
      ['refused', 1, 1],
      ['failed', 1, 1],
      ['back', 1, 1],
      ['taken', 1, 2],
      ['failed', 2, 2],
      ['taken', 2, 1],
    ],
  );
  const versions = changes.flatMap(({ outcome, after }) => (outcome === 'taken' ? (after?.version ?? '') : []));
  assert.equal(new Set(versions).size, 3);
  for (const version of versions) assert.match(version, /^[0-9a-f]{16}$/);
  assert.ok(changes.every(({ problem, outcome }) => (problem === undefined) === ['taken', 'back'].includes(outcome)));
  assert.equal(changes[0]?.source, 'https://lists.example');
  assert.ok(!JSON.stringify(changes).includes('planted'));
});

test('what has not changed is not sent again', async () => {
  const { feeds, server, looks, later, requests, time } = openStage();
  const headers = { etag: '"1"', 'last-modified': 'Thu, 15 Jan 2026 00:00:00 GMT' };
  server.answer = { body: '9.9.9.9\n', headers };
  const feed = feeds.resolve(ofUrl());
  feeds.start();
  await looks(1);
  server.answer = { body: 'junk', headers: { etag: '"2"' } };
  await later(minuteMs);
  server.answer = { status: 304 };
  assert.equal(await later(minuteMs), 'unchanged');
  assert.equal(lists(feed, '9.9.9.9'), true);
  // A document that was refused is none that we have.
  const sent = requests.map((request) => [
    request.headers.get('if-none-match'),
    request.headers.get('if-modified-since'),
  ]);
  assert.deepEqual(sent, [[null, null], ...Array(2).fill(['"1"', headers['last-modified']])]);
  const [status] = feeds.list();
  assert.equal(status?.confirmedMs, time.clock.nowMs());
  assert.equal(status?.takenMs, time.clock.nowMs() - 2 * minuteMs);
});

test('a list that is suddenly much smaller is believed when three in a row say so', async () => {
  const { feeds, server, looks, later } = openStage();
  const many = Array.from({ length: 60 }, (_, at) => `198.51.100.${at}`).join('\n');
  server.answer = { body: many };
  feeds.resolve(ofUrl());
  feeds.start();
  await looks(1);
  const few = many.split('\n').slice(0, 29).join('\n');
  for (const [body, outcome, entries] of [
    [few, 'refused', 60],
    [few, 'refused', 60],
    [many, 'taken', 60],
    [few, 'refused', 60],
    ['', 'refused', 60],
    [few, 'taken', 29],
    // Of a short list nothing is expected.
    ['', 'taken', 0],
  ] as const) {
    server.answer = { body };
    assert.equal(await later(3 * minuteMs), outcome);
    assert.equal(feeds.list()[0]?.entries, entries);
  }
});

test('who fails is asked again sooner, ever more slowly, and not before it wants to be', async () => {
  const { feeds, server, looks, later, time, outcomes } = openStage();
  server.answer = { status: 503 };
  feeds.resolve(ofUrl({ refreshMs: 3600 * 1000 }));
  feeds.start();
  await looks(1);
  for (const pauseMs of [10_000, 20_000, 40_000]) {
    time.advance(pauseMs - 1);
    const before = outcomes.length;
    await later(1);
    assert.equal(outcomes.length, before + 1);
  }
  server.answer = { status: 429, headers: { 'retry-after': '7200' } };
  await later(80_000);
  const asked = outcomes.length;
  time.advance(7_199_000);
  assert.equal(outcomes.length, asked);
  server.answer = { status: 503, headers: { 'retry-after': new Date(time.clock.nowMs() + 10_000_000).toUTCString() } };
  await later(1000);
  time.advance(9_900_000);
  assert.equal(outcomes.length, asked + 1);
  await later(100_000);
});

test('a reload keeps equal feeds, hands a list on under other settings, and lets go of the rest', async () => {
  const { feeds, server, looks, later, time } = openStage();
  const feed = feeds.resolve(ofUrl());
  feeds.start();
  await looks(1);
  feeds.retain([ofUrl()]);
  assert.equal(feeds.resolve(ofUrl()), feed);

  server.answer = { status: 500 };
  const source = { kind: 'url', url, headers: [['x-api-key', 'k2']], outbound } as const;
  const next = feeds.resolve(ofUrl({ source }));
  assert.notEqual(next, feed);
  assert.equal(lists(next, '9.9.9.9'), true);
  feeds.retain([ofUrl({ source })]);
  await looks(2);
  assert.equal(lists(next, '9.9.9.9'), true);
  assert.equal(await later(minuteMs), 'failed');
  assert.equal(lists(feeds.resolve(ofUrl({ name: 'other' })), '9.9.9.9'), false);
  feeds.retain([]);
  assert.deepEqual(feeds.list(), []);
  time.advance(10 * minuteMs);
  assert.equal(time.pending(), 0);
});

test('a restart begins with what was kept', async () => {
  const cacheDir = join(folder, 'cache');
  const spec = ofUrl({ cacheDir });
  const first = openStage();
  first.server.answer = { body: '9.9.9.9\n', headers: { etag: '"1"' } };
  first.feeds.resolve(spec);
  first.feeds.start();
  await first.looks(1);
  assert.equal(readdirSync(cacheDir).length, 1);

  const second = openStage();
  second.server.answer = { status: 304 };
  const feed = second.feeds.resolve(spec);
  second.feeds.start();
  await second.looks(1);
  assert.equal(second.requests[0]?.headers.get('if-none-match'), '"1"');
  assert.deepEqual([second.outcomes, lists(feed, '9.9.9.9')], [['unchanged'], true]);
  assert.deepEqual(
    second.changes.map(({ outcome, after }) => [outcome, after]),
    first.changes.map(({ outcome, after }) => [outcome, after]),
  );
});

test('a file is read again when it has changed', async () => {
  const file = join(folder, 'list.txt');
  const { feeds, looks, later } = openStage();
  const spec = ofUrl({ source: { kind: 'file', file, maxBytes: 1000, timeoutMs: 1000 } });
  const feed = feeds.resolve(spec);
  feeds.start();
  await looks(1);
  assert.equal(feeds.list()[0]?.problem, 'the file cannot be read (ENOENT)');
  writeFileSync(file, '9.9.9.9\n');
  assert.equal(await later(minuteMs), 'taken');
  assert.equal(await later(minuteMs), 'unchanged');
  writeFileSync(file, '8.8.8.8\n7.7.7.7\n');
  assert.equal(await later(minuteMs), 'taken');
  assert.deepEqual([lists(feed, '9.9.9.9'), lists(feed, '8.8.8.8')], [false, true]);
});

test('decisions come whole first and after each failure, and end by themselves', async () => {
  const { feeds, server, looks, later, requests, time, confirmed } = openStage();
  const base = { kind: 'url', url: 'https://lapi.example:8080', headers: [['x-api-key', 'k1']], outbound } as const;
  const feed = feeds.resolve(ofUrl({ name: 'lapi', format: 'crowdsec', source: base }));
  const ban = (id: number, value: string, duration: string) => ({ id, value, duration, type: 'ban', scope: 'Ip' });
  const say = (added: readonly object[] | null, deleted: readonly object[] | null = null): void => {
    server.answer = { body: JSON.stringify({ new: added, deleted }) };
  };
  say([ban(1, '9.9.9.9', '90s'), ban(2, '8.8.8.8', '4h')]);
  feeds.start();
  await looks(1);
  say([ban(3, '7.7.7.7', '4h')], [ban(2, '8.8.8.8', '-1s')]);
  await later(minuteMs);
  assert.deepEqual(
    ['9.9.9.9', '8.8.8.8', '7.7.7.7'].filter((one) => lists(feed, one)),
    ['9.9.9.9', '7.7.7.7'],
  );
  server.answer = { status: 500 };
  const confirmedMs = time.clock.nowMs();
  time.advance(30_000);
  await waitFor({ what: 'the decision has ended', holds: async () => !lists(feed, '9.9.9.9') });
  // Time has passed, and nobody has confirmed what is left.
  const [left] = feeds.list();
  assert.deepEqual([left?.entries, left?.takenMs, left?.confirmedMs], [1, confirmedMs, confirmedMs]);
  assert.equal(confirmed.at(-1), confirmedMs);
  await later(30_000);
  assert.equal(lists(feed, '7.7.7.7'), true);
  say([ban(4, '6.6.6.6', '4h')]);
  await later(10_000);
  assert.deepEqual(
    ['7.7.7.7', '6.6.6.6'].filter((one) => lists(feed, one)),
    ['6.6.6.6'],
  );

  say([]);
  assert.equal(await later(minuteMs), 'taken');
  assert.equal(lists(feed, '6.6.6.6'), true);

  const asked = requests.map((request) => new URL(request.url));
  assert.deepEqual(
    asked.map(({ searchParams }) => searchParams.get('startup')),
    ['true', 'false', 'false', 'true', 'false'],
  );
  assert.equal(
    asked[0]?.href,
    'https://lapi.example:8080/v1/decisions/stream?startup=true&scopes=ip%2Crange&dedup=false',
  );
  assert.match(requests[0]?.headers.get('user-agent') ?? '', /^crowdsec-.*-bouncer\/v/);
});
