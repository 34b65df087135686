import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { type CheckClient, type Checked, connectCheck } from '../support/check-client.ts';
import { type Ingress, type IngressAnswer, startIngress } from '../support/ingress.ts';
import { type Load, startLoad } from '../support/load.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

// A limit and a rule for each answer to a store that is away; each test counts by a header of its own.
const choices = ['local', 'deny', 'allow'] as const;
type Choice = (typeof choices)[number];

const config = (url: string): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
redis: { url: "${url}", timeout: 100ms }
limits:
${choices.map((choice) => `  ${choice}: { key: header.x-caller, rate: 3/h, on_store_failure: ${choice} }`).join('\n')}
rules:
${choices.map((choice) => `  - { id: ${choice}, match: { path: /orders/${ids[choice]} }, allow: anonymous, limits: [${choice}] }`).join('\n')}
audit: { allow: { sample: 0 } }
`;
// The orders that stand for the choices.
const ids = { local: 1, deny: 2, allow: 3 } as const satisfies Record<Choice, number>;

let redis: RedisServer;
let sidecar: SidecarProcess;
let ingress: Ingress;
let client: CheckClient;
before(async () => {
  redis = await startRedis();
  sidecar = await startSidecarProcess({ config: config(redis.url) });
  ingress = await startIngress({ grpc: sidecar.grpc });
  client = await connectCheck(sidecar.grpc);
  await inRedis();
});
after(async () => {
  client?.close();
  await ingress?.stop();
  await sidecar?.stop();
  await redis?.stop();
});

const send = (choice: Choice, caller: string): Promise<IngressAnswer> =>
  ingress.send({ path: `/orders/${ids[choice]}`, headers: { 'x-caller': caller } });
const statuses = async (choice: Choice, caller: string, times: number): Promise<readonly number[]> => {
  const seen: number[] = [];
  for (let turn = 0; turn < times; turn += 1) seen.push((await send(choice, caller)).status);
  return seen;
};
const checks = (limit: Choice, outcome: string): Promise<number> =>
  sidecar.metric(`portcullis_limit_checks_total{limit="${limit}",outcome="${outcome}",shadow="false"}`);

let probes = 0;
/** Resolves when calls are counted in Redis: only then does a limit that denies without it let a new caller through. */
const inRedis = (): Promise<void> =>
  waitFor({
    what: 'calls are counted in Redis',
    holds: async () => {
      probes += 1;
      return (await send('deny', `probe-${probes}`)).status === 200;
    },
  });

interface Seen {
  readonly choice: Choice;
  readonly answer: Checked;
}

/**
 * Runs callers against all three limits while something happens to Redis; gives what they saw. They call as Envoy does,
 * and a call that does not end well, or not in time, ends the test.
 */
async function duringTraffic(happens: (load: Load<Seen>) => Promise<void>): Promise<readonly Seen[]> {
  const load = startLoad(3, async (turn, lane): Promise<Seen> => {
    const choice = choices[(turn + lane) % choices.length] ?? 'local';
    const headers = { 'x-caller': `load-${lane}-${turn}` };
    return { choice, answer: await client.check({ path: `/orders/${ids[choice]}`, headers, deadlineMs: 2000 }) };
  });
  try {
    await load.more(30);
    await happens(load);
  } finally {
    await load.stop();
  }
  return load.results;
}

const statusesOf = (seen: readonly Seen[], choice: Choice): ReadonlySet<number> =>
  new Set(seen.filter((one) => one.choice === choice).map(({ answer }) => answer.status));

/** While Redis is away, no call finds a counter there. */
async function staysAway(load: Load<Seen>): Promise<void> {
  const start = load.results.length;
  await load.more(60);
  assert.deepEqual(statusesOf(load.results.slice(start), 'deny'), new Set([503]));
}

/** Each limit does what it says and nothing else, also in the moments of change. */
function assertDesigned(seen: readonly Seen[]): void {
  const reasons = new Set(seen.map(({ answer }) => answer.reason));
  assert.deepEqual(reasons, new Set(['ok', 'limit_store_unavailable']));
  assert.deepEqual(statusesOf(seen, 'local'), new Set([200]));
  assert.deepEqual(statusesOf(seen, 'allow'), new Set([200]));
  assert.deepEqual(statusesOf(seen, 'deny'), new Set([200, 503]));
}

test('Redis counts while it is there', async () => {
  for (const choice of choices) assert.deepEqual(await statuses(choice, 'steady', 4), [200, 200, 200, 429]);
  assert.equal(await checks('local', 'local'), 0);
});

test('Redis killed in the middle of traffic: each limit answers as it says, and all heal', async () => {
  const seen = await duringTraffic(async (load) => {
    await redis.kill();
    await waitFor({ what: 'the outage is noticed', holds: async () => (await send('deny', 'x')).status === 503 });
    await staysAway(load);

    // The same count in memory, the same headers for the caller.
    assert.deepEqual(await statuses('local', 'outage', 4), [200, 200, 200, 429]);
    const limited = await send('local', 'outage');
    assert.equal(limited.headers['ratelimit-policy'], '"local";q=3;w=3600');
    assert.ok(Number(limited.headers['retry-after']) > 0);
    const denied = await send('deny', 'outage');
    assert.equal(denied.status, 503);
    assert.equal(JSON.parse(denied.body).reason, 'unavailable');
    assert.deepEqual(await statuses('allow', 'outage', 5), [200, 200, 200, 200, 200]);
    // What we need to decide is away, not what we need to answer.
    assert.equal((await sidecar.page('/readyz')).status, 200);

    await redis.revive();
    await inRedis();
    await load.more(30);
  });
  assertDesigned(seen);
  for (const [choice, outcome] of [
    ['local', 'local'],
    ['deny', 'store_denied'],
    ['allow', 'store_allowed'],
  ] as const) {
    assert.ok((await checks(choice, outcome)) >= 4, `${choice} counts ${outcome}`);
  }
  const reason = 'portcullis_decisions_total{rule="deny",effect="deny",reason="limit_store_unavailable"}';
  assert.ok((await sidecar.metric(reason)) >= 1);

  // Redis came back empty: memory has not become the judge of what Redis counts.
  for (const choice of choices) assert.deepEqual(await statuses(choice, 'outage', 4), [200, 200, 200, 429]);
});

test('Redis that hangs, connections open: answers come within the deadline, and all heal', async () => {
  const timeouts = 'portcullis_store_calls_total{outcome="timeout"}';
  const before = await sidecar.metric(timeouts);
  const seen = await duringTraffic(async (load) => {
    redis.freeze();
    try {
      await waitFor({ what: 'the silence is noticed', holds: async () => (await send('deny', 'x')).status === 503 });
      await staysAway(load);
      assert.deepEqual(await statuses('local', 'silence', 4), [200, 200, 200, 429]);
    } finally {
      redis.thaw();
    }
    await inRedis();
    await load.more(30);
  });
  assertDesigned(seen);
  assert.ok((await sidecar.metric(timeouts)) > before);
  for (const choice of choices) assert.deepEqual(await statuses(choice, 'after', 4), [200, 200, 200, 429]);
});
