import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTime } from '../../test/support/authn.ts';
import { aPrincipal } from '../../test/support/requests.ts';
import {
  allowed,
  allowOf,
  denied,
  parentTrace,
  planted,
  plantedAttributes,
  trailOf,
} from '../../test/support/trails.ts';
import type { Finding } from '../core/finding.ts';
import { passWith, reject } from '../core/verdict.ts';
import type { Filter } from './filter.ts';
import { openLive } from './index.ts';
import { keep } from './kept.ts';

const startMs = Date.UTC(2026, 0, 15);

function open() {
  const time = openTime(startMs);
  const live = openLive(time.clock);
  const at = () => ({ startMs: time.clock.nowMs() });
  const filter = (query = ''): Filter => {
    const read = live.filter(new URLSearchParams(query));
    return 'issues' in read ? assert.fail(read.issues.join()) : read;
  };
  const list = (query = '', most = 1000) => live.decisions(filter(query), most);
  const state = (sinceMs?: number) => JSON.parse(JSON.stringify(live.state(sinceMs)));
  return { time, live, at, filter, list, state };
}

test('the last decisions are kept, the latest first', () => {
  const { live, at, list } = open();
  live.decided(allowed(at()));
  live.decided(denied('authorize', 'permission_missing', at()));
  const { decisions, skipped } = list();
  assert.equal(skipped, 0);
  assert.deepEqual(
    decisions.map(({ effect, status, reason, principal, path, duration_us }) => [
      effect,
      status,
      reason,
      principal,
      path,
      duration_us,
    ]),
    [
      ['deny', 403, 'permission_missing', 'users/alice', '/orders/1', 750],
      ['allow', null, null, 'users/alice', '/orders/1', 750],
    ],
  );
});

test('nothing that is secret is kept to be shown', () => {
  const { live, at, list, state, filter } = open();
  for (const step of ['decode', 'guard', 'match', 'identify', 'authorize'] as const) {
    live.decided(denied(step, step === 'decode' ? 'call_undecodable' : 'path_malformed', at()));
  }
  live.decided(allowed(at()));
  const stories = list().decisions.map(({ id }) => live.explain(id, undefined));
  const told = JSON.stringify([list(), stories, state()]);
  for (const secret of Object.values(planted)) assert.ok(!told.includes(secret), secret);
  // Nor can it be found out by asking for it.
  for (const secret of Object.values(planted)) {
    assert.deepEqual(live.decisions(filter(`text=${encodeURIComponent(secret)}`), 1000).decisions, []);
  }
});

test('a decision is explained step by step, with a link to its trace', () => {
  const { live, at } = open();
  const decision = allowOf('orders-write', 'd-1');
  live.decided(
    trailOf(decision, at(), (trail) => {
      trail.note('guard', reject('address_blocked', { list: 'deny' }), { shadow: true });
      trail.note('limit', passWith([], { 'limit.a': 'allowed', 'limit.a.shadow': true }), { rule: 'orders-write' });
    }),
  );
  const [story] = live.explain('d-1', 'https://traces.example/{trace_id}?x={trace_id}');
  const { traceId } = parentTrace;
  assert.equal(story?.trace_url, `https://traces.example/${traceId}?x=${traceId}`);
  assert.equal(story.shadow, true);
  assert.equal(story.user_agent, 'curl/8.9\\u{1b}[31m');
  assert.deepEqual(
    story.steps.map(({ step, shadow, verdict, reason, detail }) => [step, shadow, verdict, reason, detail]),
    [
      ['guard', true, 'reject', 'address_blocked', { list: 'deny' }],
      ['limit', false, 'pass', null, { 'limit.a': 'allowed', 'limit.a.shadow': true }],
    ],
  );
  assert.equal(live.explain('d-1', undefined)[0]?.trace_url, null);
  assert.deepEqual(live.explain('d-2', undefined), []);
});

test('a flood of allows washes no denial away, and memory is bounded', () => {
  const { live, at, list } = open();
  live.decided(denied('authorize', 'permission_missing', at()));
  for (let count = 0; count < 3000; count += 1) live.decided(allowed(at()));
  assert.equal(list('effect=deny').decisions.length, 1);
  assert.equal(list('', 5000).decisions.length, 1001);
  for (let count = 0; count < 3000; count += 1) live.decided(denied('authorize', 'permission_missing', at()));
  assert.equal(list('', 5000).decisions.length, 1000);
});

test('from a number on, what is left out and what nobody knows any more is skipped', () => {
  const { live, at, filter } = open();
  for (let count = 0; count < 10; count += 1) live.decided(allowed(at()));
  const from = live.next;
  assert.equal(from, 10);
  assert.deepEqual(live.decisions(filter(), 5, from), { decisions: [], skipped: 0, next: 10 });
  for (let count = 0; count < 1200; count += 1) live.decided(allowed(at()));
  const batch = live.decisions(filter(), 5, from);
  assert.equal(batch.decisions.length, 5);
  assert.deepEqual([batch.skipped, batch.next], [1195, 1210]);
});

test('filters hold all together, in any case, on what is shown', () => {
  const { live, at, list } = open();
  live.decided(allowed(at()));
  live.decided(denied('authorize', 'permission_missing', at()));
  live.decided(denied('identify', 'key_set_unavailable', at()));
  const count = (query: string) => list(query).decisions.length;
  assert.deepEqual(
    [
      'effect=allow',
      'effect=deny,failed',
      'effect=failed',
      'rule=orders-write',
      'rule=orders',
      'reason=permission_missing',
    ].map(count),
    [1, 2, 1, 3, 0, 1],
  );
  assert.deepEqual(
    ['client=users/', 'client=203.', 'client=9', 'text=ORDERS%2F1', 'text=nothing', 'text=MISSING&effect=allow'].map(
      count,
    ),
    [2, 3, 0, 3, 0, 0],
  );
});

test('a filter that is not understood is refused with all that is wrong', () => {
  const { live } = open();
  const read = live.filter(new URLSearchParams(`effect=maybe&colour=red&rule=a&rule=b&text=${'x'.repeat(300)}`));
  assert.equal('issues' in read ? read.issues.length : 0, 4);
});

test('a quarter of an hour in numbers: by second, reason and client', () => {
  const { time, live, at, state } = open();
  live.decided(allowed({ ...at(), durationMs: 0.1 }));
  live.decided(denied('authorize', 'permission_missing', { ...at(), durationMs: 40 }));
  live.decided(denied('identify', 'key_set_unavailable', { ...at(), durationMs: 0.2 }));
  time.advance(3000);
  live.decided(allowed({ ...at(), service: 'process', durationMs: Number.NaN }));
  time.advance(2000);
  const { series, denials, clients } = state(startMs - 1000);
  assert.equal(series.from, startMs / 1000 - 1);
  assert.deepEqual(
    [series.allow, series.deny, series.failed],
    [
      [0, 1, 0, 0, 0, 0],
      [0, 1, 0, 0, 0, 0],
      [0, 1, 0, 0, 0, 0],
    ],
  );
  const [, p50] = series.p50_us;
  const [, p99] = series.p99_us;
  assert.ok(p50 > 150 && p50 < 260, `${p50}`);
  assert.ok(p99 > 32_000 && p99 < 50_000, `${p99}`);
  assert.deepEqual(
    denials.map(({ reason, count }: { reason: string; count: number }) => [reason, count]),
    [
      ['permission_missing', 1],
      ['key_set_unavailable', 1],
    ],
  );
  assert.deepEqual(clients, [
    { client: 'users/alice', bannable: true, kind: 'principal', requests: 2, denied: 1, failed: 0 },
    { client: '203.0.113.7', bannable: true, kind: 'address', requests: 1, denied: 0, failed: 1 },
  ]);
  time.advance(16 * 60_000);
  const later = state();
  assert.equal(later.series.allow.length, 899);
  assert.deepEqual([later.denials, later.clients, Math.max(...later.series.allow)], [[], [], 0]);
});

test('how long it takes is told of ten seconds, so that one slow decision among many is none of 99 %', () => {
  const { time, live, at, state } = open();
  for (let second = 0; second < 10; second += 1) {
    for (let count = 0; count < 20; count += 1) live.decided(allowed({ ...at(), durationMs: 0.2 }));
    if (second === 0) live.decided(allowed({ ...at(), durationMs: 900 }));
    time.advance(1000);
  }
  time.advance(10_000);
  const { series } = state(startMs);
  const [few, , , , , , , , , all] = series.p99_us;
  assert.ok(few > 800_000 && all < 300, `${few} ${all}`);
  // What is asked for later sees what came before.
  assert.equal(state(startMs + 9000).series.p99_us[0], all);
  assert.equal(series.p99_us[19], null);
});

test('whom a ban of the name that is shown would not mean is told apart', () => {
  const { live, at, state } = open();
  for (const id of ['plain', 'x'.repeat(300), 'zero\u200bwidth']) {
    const principal = aPrincipal({ id, source: 'users' });
    live.decided({ ...allowed(at()), principal });
  }
  const source = { address: '', port: 0, principal: '', certificate: '' };
  live.decided(denied('guard', 'path_malformed', { ...at(), attributes: plantedAttributes({ source }) }));
  const { clients } = state();
  assert.deepEqual(
    clients.filter(({ bannable }: { bannable: boolean }) => bannable).map(({ client }: { client: string }) => client),
    ['users/plain'],
  );
  assert.equal(clients.length, 4);
});

test('what is kept of a decision is bounded, whatever a caller sends', () => {
  const long = 'x'.repeat(100_000);
  const attributes = plantedAttributes({ method: long, requestId: long, host: long, headers: { 'user-agent': long } });
  const kept = keep({ ...denied('guard', 'path_malformed', { attributes }), principal: aPrincipal({ id: long }) });
  assert.ok(JSON.stringify(kept).length < 40_000);
});

test('clients of IPv6 are networks, and their number is bounded', () => {
  const { live, at, state } = open();
  for (let index = 0; index < 500; index += 1) {
    const attributes = plantedAttributes({
      source: { address: `2001:db8:${index.toString(16)}::1`, port: 1, principal: '', certificate: '' },
    });
    live.decided(denied('guard', 'path_malformed', { ...at(), attributes }));
  }
  const { clients } = state();
  assert.equal(clients.length, 20);
  assert.match(clients[0].client, /^2001:db8:[0-9a-f]+::\/64$/);
});

test('limits are counted, and their fullest counters known until they are as good as new', () => {
  const { time, live, at, state } = open();
  live.limitChecked('a', 'allowed', false);
  live.limitChecked('a', 'limited', false);
  live.limitChecked('a', 'limited', true);
  const detail = {
    'limit.a': 'allowed',
    'limit.a.count': 10,
    'limit.a.period_ms': 60_000,
    'limit.a.remaining': 3,
    'limit.a.reset_ms': 5000,
  };
  const story = trailOf(allowOf(), at(), (trail) => {
    trail.note('limit', passWith([], { ...detail, 'limit.b': 'unchecked' }));
    trail.note('limit', passWith([], detail), { shadow: true });
    trail.note('authorize', passWith(undefined));
  });
  live.decided(story);
  const [first, ...others] = state().limits;
  assert.deepEqual(others, []);
  const { fullest, ...counts } = first;
  assert.deepEqual(counts, { limit: 'a', allowed: 1, limited: 1, local: 0, store_denied: 0, store_allowed: 0 });
  const resets = new Date(startMs + 5000).toISOString();
  assert.deepEqual(fullest, [{ client: 'users/alice', used: 7, count: 10, period_ms: 60_000, resets }]);
  time.advance(5000);
  assert.deepEqual(state().limits[0].fullest, []);
});

test('findings are active until they end, and loads of the config are remembered', () => {
  const { live, state } = open();
  const finding: Finding = {
    id: 'f',
    detector: 'surges',
    phase: 'begins',
    title: 'three times as many',
    subject: { kind: 'global', name: '' },
    sinceMs: startMs,
    atMs: startMs + 1000,
    measure: { name: 'requests_per_second', observed: 30, expected: undefined },
    technique: undefined,
    action: 'ban',
    targets: [
      { kind: 'address', prefix: '192.0.2.0/24' },
      { kind: 'principal', key: 'users/alice' },
    ],
    shadow: false,
  };
  live.found(finding);
  const [active] = state().findings.active;
  assert.deepEqual(
    [active.until, active.targets, active.measure.expected],
    [null, ['192.0.2.0/24', 'users/alice'], null],
  );
  live.found({ ...finding, phase: 'ends', atMs: startMs + 60_000 });
  const { findings } = state();
  assert.deepEqual([findings.active.length, findings.recent.length], [0, 1]);
  assert.equal(findings.recent[0].until, new Date(startMs + 60_000).toISOString());
  for (let index = 0; index < 300; index += 1) live.found({ ...finding, id: `f-${index}` });
  assert.equal(state().findings.active.length, 200);
  assert.equal(state().findings.active[0].id, 'f-299');

  for (let index = 0; index < 25; index += 1) {
    live.loaded({ outcome: 'refused', version: 'v', trigger: 'file', issues: Array(50).fill('wrong') });
  }
  const { loads } = state();
  assert.deepEqual([loads.length, loads[0].issues.length, loads[0].time], [20, 20, new Date(startMs).toISOString()]);
});
