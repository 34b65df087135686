import type { Finding } from '../../src/core/finding.ts';
import { silentLog } from '../../src/core/ports.ts';
import { principalKey } from '../../src/core/principal.ts';
import type { Reason } from '../../src/core/reason.ts';
import { systemTimers } from '../../src/core/timers.ts';
import { openTrail } from '../../src/core/trail.ts';
import { fail, pass, passWith, reject } from '../../src/core/verdict.ts';
import { type Live, openLive } from '../../src/live/index.ts';
import { openAdminApi } from '../../src/server/admin/api.ts';
import { liveRoutes } from '../../src/server/admin/live.ts';
import { listenAdmin } from '../../src/server/admin.ts';
import { anAttributes, aPrincipal, aRequest } from './requests.ts';
import { allowOf, denyOf, parentTrace } from './trails.ts';

/** The dashboard over a quarter of an hour that was made up: always the same, and full. */
interface DashboardStage {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

interface Kind {
  readonly weight: number;
  readonly method: string;
  readonly path: string;
  readonly rule: string | undefined;
  readonly reason?: Reason;
  readonly step?: 'guard' | 'match' | 'identify' | 'authorize' | 'limit' | 'inspect';
  readonly client: string;
  readonly user?: string;
  readonly agent?: string;
}

const firstKind: Kind = {
  weight: 40,
  method: 'GET',
  path: '/orders',
  rule: 'orders-list',
  client: '198.51.100.23',
  user: 'alice',
};

const kinds: readonly Kind[] = [
  firstKind,
  { weight: 26, method: 'GET', path: '/orders/8127', rule: 'orders-read', client: '198.51.100.24', user: 'bob' },
  { weight: 18, method: 'GET', path: '/shop/products', rule: 'catalogue', client: '192.0.2.61' },
  { weight: 9, method: 'POST', path: '/orders', rule: 'orders-create', client: '198.51.100.23', user: 'alice' },
  {
    weight: 3,
    method: 'GET',
    path: '/orders',
    rule: 'orders-list',
    reason: 'token_expired',
    step: 'identify',
    client: '203.0.113.80',
  },
  {
    weight: 2,
    method: 'POST',
    path: '/orders',
    rule: 'orders-create',
    reason: 'permission_missing',
    step: 'authorize',
    client: '198.51.100.24',
    user: 'bob',
  },
  {
    weight: 3,
    method: 'GET',
    path: '/reports',
    rule: 'reports',
    reason: 'limit_exceeded',
    step: 'limit',
    client: '192.0.2.9',
    user: 'acme',
  },
  {
    weight: 1,
    method: 'GET',
    path: '/shop/products',
    rule: 'catalogue',
    reason: 'attack_detected',
    step: 'inspect',
    client: '203.0.113.7',
  },
  {
    weight: 1,
    method: 'GET',
    path: '/.env',
    rule: undefined,
    reason: 'no_rule',
    step: 'match',
    client: '203.0.113.7',
    agent: 'masscan/1.3',
  },
  {
    weight: 0.04,
    method: 'PUT',
    path: '/orders/12',
    rule: 'orders-replace',
    reason: 'provider_unavailable',
    step: 'identify',
    client: '192.0.2.61',
  },
];

/** Numbers between 0 and 1 that look random, and are the same each time (mulberry32). */
function openChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The kind at a place between 0 and 1, each as wide as its weight. */
function drawKind(place: number): Kind {
  let left = place * kinds.reduce((sum, { weight }) => sum + weight, 0);
  for (const kind of kinds) {
    left -= kind.weight;
    if (left <= 0) return kind;
  }
  return firstKind;
}

const minutes = 15;

/** Tells a quarter of an hour that ends now; in the middle of it somebody scans. */
function playTraffic(live: Live, endMs: number, setNow: (ms: number) => void): void {
  const chance = openChance(7);
  for (let second = -minutes * 60; second < 0; second += 1) {
    const isScan = second > -420 && second < -330;
    const wave = 26 + 9 * Math.sin(second / 130) + 4 * Math.sin(second / 17) + 5 * chance();
    for (let index = 0; index < wave + (isScan ? 14 : 0); index += 1) {
      const atMs = endMs + second * 1000 + chance() * 1000;
      setNow(atMs);
      const scanned = isScan && index >= wave ? kinds.at(-2) : undefined;
      tellOne(live, scanned ?? drawKind(chance()), atMs, chance);
    }
  }
  setNow(endMs);
}

let told = 0;

function tellOne(live: Live, kind: Kind, startMs: number, chance: () => number): void {
  const { method, path, rule, reason, step, client, user } = kind;
  const trail = openTrail();
  const place = rule === undefined ? {} : { rule };
  trail.note('guard', pass());
  const isOver = reason === 'limit_exceeded';
  const limits = {
    'limit.per_address': 'allowed',
    'limit.per_address.count': 600,
    'limit.per_address.period_ms': 60_000,
    'limit.per_address.remaining': 600 - Math.floor(chance() * 180 + client.length * 9),
    'limit.per_address.reset_ms': 41_000,
    ...(rule === 'reports' && {
      'limit.reports': isOver ? 'limited' : 'allowed',
      'limit.reports.count': 5,
      'limit.reports.period_ms': 60_000,
      'limit.reports.remaining': 0,
      'limit.reports.reset_ms': 38_000,
    }),
  };
  if (rule !== undefined) {
    trail.note('match', pass(), place);
    live.limitChecked('per_address', 'allowed', false);
    if (rule === 'reports') live.limitChecked('reports', isOver ? 'limited' : 'allowed', false);
    if (!isOver) trail.note('limit', passWith(undefined, limits), place);
  }
  if (user !== undefined && step !== 'identify') trail.note('identify', pass(), place);
  if (reason === undefined) trail.note('authorize', pass(), place);
  else if (step !== undefined) {
    const detail = isOver ? { limit: 'reports', ...limits } : step === 'identify' ? { identity: 'users' } : {};
    trail.note(step, reason === 'provider_unavailable' ? fail(reason, detail) : reject(reason, detail), place);
  }
  const source = user === 'acme' ? 'partners' : 'users';
  const attributes = anAttributes({
    method,
    path,
    peer: client,
    headers: { 'user-agent': kind.agent ?? 'shop-app/4.2' },
  });
  told += 1;
  const id = `5f0c${String(told).padStart(4, '0')}-9d1e-4c7a-8b3f-${String(told * 7919).padStart(12, '0')}`;
  live.decided({
    decision: reason === undefined ? allowOf(rule, id) : denyOf(reason, rule, id),
    planVersion: '9b1f6a0c44e27d35',
    attributes,
    request: aRequest({ attributes, method, path, clientAddress: client }),
    principal: user === undefined || step === 'identify' ? undefined : aPrincipal({ id: user, source }),
    entries: trail.entries,
    startMs,
    durationMs:
      0.12 + chance() ** 4 * 1.9 + (step === 'inspect' ? 0.8 : 0) + (reason === 'provider_unavailable' ? 900 : 0),
    trace: parentTrace,
  });
}

const aFinding = (part: Partial<Finding>, nowMs: number): Finding => ({
  id: 'f-1',
  detector: 'scanning',
  phase: 'begins',
  title: '412 different paths, nearly all refused',
  subject: { kind: 'network', name: '203.0.113.7' },
  sinceMs: nowMs - 400_000,
  atMs: nowMs - 390_000,
  measure: { name: 'paths_refused', observed: 412, expected: 3 },
  technique: 'T1595.003',
  action: 'ban',
  targets: [{ kind: 'address', prefix: '203.0.113.7/32' }],
  shadow: false,
  ...part,
});

const goOnMs = 120;

/** Goes on as it was, until the result is called. */
function goOn(live: Live): () => void {
  const chance = openChance(11);
  let cancel = (): void => {};
  const tell = (): void => {
    for (let index = 0; index < 3; index += 1) tellOne(live, drawKind(chance()), Date.now(), chance);
    cancel = systemTimers.after(goOnMs, tell);
  };
  tell();
  return () => cancel();
}

/** What is told besides decisions; it is much as a sidecar would tell it. */
function surroundings(endMs: number) {
  const bans = [
    {
      id: 'b-1',
      address: '203.0.113.7/32',
      tighten: null,
      by: 'scanning',
      why: '412 different paths, nearly all refused',
      since: new Date(endMs - 390_000),
      until: new Date(endMs + 3_210_000),
    },
    {
      id: 'b-2',
      principal: principalKey('partners', 'acme-test'),
      tighten: 4,
      by: 'operator',
      why: 'runaway batch job',
      since: new Date(endMs - 7_200_000),
      until: null,
    },
  ];
  return {
    version: '0.1.0',
    config_version: '9b1f6a0c44e27d35',
    ready: { missing: [] },
    bans: { bans, total: bans.length },
    feeds: [
      {
        name: 'spamhaus',
        list: 'deny',
        format: 'spamhaus',
        source: 'https://www.spamhaus.org',
        entries: 1612,
        age_seconds: 1420,
        problem: null,
      },
      {
        name: 'firehol',
        list: 'deny',
        format: 'netset',
        source: 'https://iplists.firehol.org',
        entries: 4380,
        age_seconds: 95_000,
        problem: 'the answer was 503',
      },
    ],
    revocations: 3,
    shared: true,
    health: [
      { part: 'audit', name: 'stdout', state: 'good', facts: { written: 31_204, waiting: 0 } },
      { part: 'audit', name: 'siem', state: 'good', facts: { written: 31_180, waiting: 24 } },
      { part: 'store', name: 'counters', state: 'warn', facts: { ok: 24_611, timeout: 3 } },
      { part: 'key set', name: 'users', state: 'good', facts: { ok: 4, keys: 2 } },
    ],
  };
}

/** Opens it on a port of its own. */
export async function openDashboardStage(): Promise<DashboardStage> {
  const endMs = Date.now();
  let fixedMs: number | undefined;
  const clock = { nowMs: () => fixedMs ?? Date.now(), monotonicMs: () => performance.now() };
  const live = openLive(clock);
  fixedMs = endMs - minutes * 60_000;
  live.loaded({ outcome: 'ok', version: '41d0c7e2b8a9f613', trigger: 'start', issues: [] });
  playTraffic(live, endMs, (ms) => {
    fixedMs = ms;
  });
  fixedMs = endMs - 260_000;
  live.loaded({
    outcome: 'refused',
    version: '41d0c7e2b8a9f613',
    trigger: 'file',
    issues: ['portcullis.yaml:41:9 rules[3].require.permission unknown'],
  });
  fixedMs = endMs - 231_000;
  live.loaded({ outcome: 'ok', version: '9b1f6a0c44e27d35', trigger: 'file', issues: [] });
  fixedMs = undefined;
  live.found(aFinding({}, endMs));
  const surge = { id: 'f-2', detector: 'surges', technique: undefined, action: 'alert', targets: [] } as const;
  const rate = {
    title: '3.1 times as many requests as usual',
    measure: { name: 'requests_per_second', observed: 44, expected: 14 },
  };
  live.found(aFinding({ ...surge, ...rate, subject: { kind: 'route', name: 'catalogue' } }, endMs));
  live.found(aFinding({ ...surge, ...rate, id: 'f-3', phase: 'ends', subject: { kind: 'global', name: '' } }, endMs));
  const token = 'a-token-for-the-dashboard-stage-0123456789';
  const routes = liveRoutes({
    live,
    state: (sinceMs) => ({ ...live.state(sinceMs), ...surroundings(endMs) }),
    traceUrl: () => 'http://localhost:16686/trace/{trace_id}',
    nowMs: clock.nowMs,
    timers: systemTimers,
  });
  const api = openAdminApi({ routes, token: () => token, audit: { administered: () => {} }, log: silentLog });
  const pages = { readiness: () => ({ missing: [], reload: undefined }), metrics: () => '', config: () => ({}) };
  const stop = goOn(live);
  const admin = await listenAdmin('127.0.0.1:0', { ...pages, api, log: silentLog });
  const close = async (): Promise<void> => {
    stop();
    await admin.close();
  };
  return { url: `http://${admin.address}`, token, close };
}
