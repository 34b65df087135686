import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { aSubject } from '../../../test/support/requests.ts';
import type { Subject } from '../../core/plan.ts';
import type { Verdict } from '../../core/verdict.ts';
import { waitFor } from '../../envoy/condition.ts';
import { buildInspection } from '../index.ts';
import type { PayloadOptions } from '../inspection.ts';
import { openPool } from './open.ts';
import type { PoolLimits } from './pool.ts';

const MiB = 1024 ** 2;
const never = new AbortController().signal;

interface Opened {
  readonly inspect: (body: string, signal?: AbortSignal) => Promise<Verdict>;
  readonly outcomes: readonly string[];
}

const subjectOf = (body: string): Subject =>
  aSubject({ request: { headers: { 'content-type': 'application/json' }, body: new TextEncoder().encode(body) } });

function open(context: TestContext, limits: Partial<PoolLimits> = {}, payload: PayloadOptions = {}): Opened {
  const outcomes: string[] = [];
  const pool = openPool(
    { threads: 1, queue: 8, timeoutMs: 30_000, inlineBytes: 16, ...limits },
    { payloadInspected: (outcome) => outcomes.push(outcome) },
  );
  context.after(() => pool.close());
  const recorded = recordIssues();
  const options = { payload: { max_bytes: '64MiB', schema: { type: 'object' }, ...payload }, pathParameters: [] };
  const inspect = buildInspection(options, recorded.context, pool);
  assert.deepEqual(recorded.issues, []);
  return { inspect: async (body, signal = never) => inspect(subjectOf(body), signal), outcomes };
}

const code = (verdict: Verdict): string => ('reason' in verdict ? verdict.reason : verdict.kind);
const large = `{"text":"${'x'.repeat(100)}"}`;
const slow = `[${'[1.5],'.repeat(2 * MiB)}1]`;

test('a large body gets on a thread the verdict that it would get here, a small one stays here', async (context) => {
  const { inspect, outcomes } = open(context);
  assert.equal(code(await inspect('{}')), 'pass');
  assert.deepEqual(outcomes, []);
  assert.equal(code(await inspect(large)), 'pass');
  const refused = await inspect(`[${large}]`);
  assert.ok(refused.kind === 'reject' && refused.reason === 'body_mismatch');
  assert.deepEqual(refused.expose, { pointer: '', keyword: 'type' });
  assert.equal(code(await inspect(`${large},`)), 'body_malformed');
  assert.deepEqual(outcomes, ['ok', 'ok', 'ok']);
});

test('parameters hold where a failure of the threads lets the rest pass', async () => {
  const pool = openPool({ threads: 1, queue: 8, timeoutMs: 30_000, inlineBytes: 16 }, { payloadInspected: () => {} });
  await pool.close();
  for (const protect of [{ mode: 'shadow' }, { on_failure: 'allow' }] as const) {
    const { context: recorded, issues } = recordIssues();
    const options = { parameters: { query: { id: '^[0-9]+$' } }, protect, pathParameters: [] };
    const inspect = buildInspection(options, recorded, pool);
    assert.deepEqual(issues, []);
    const asked = async (query: string): Promise<string> =>
      code(await inspect(aSubject({ request: { query, body: new Uint8Array(17) } }), never));
    assert.equal(await asked('id=x'), 'parameter_mismatch');
    assert.notEqual(await asked('id=1'), 'parameter_mismatch');
  }
});

test('many at once are looked at one after the other, each with its own verdict', async (context) => {
  const { inspect } = open(context, { threads: 2, queue: 100 });
  const bodies = Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? `[${large}]` : large));
  const codes = await Promise.all(bodies.map(async (body) => code(await inspect(body))));
  assert.deepEqual(
    codes,
    bodies.map((_, index) => (index % 3 === 0 ? 'body_mismatch' : 'pass')),
  );
});

test('without room to wait it is our failure, at once', async (context) => {
  const { inspect, outcomes } = open(context, { queue: 1 });
  const first = inspect(large);
  assert.equal(code(await inspect(large)), 'inspection_overloaded');
  assert.equal(code(await first), 'pass');
  assert.deepEqual(outcomes, ['overloaded', 'ok']);
});

test('what takes too long ends with its thread, and another takes its place', async (context) => {
  const { inspect, outcomes } = open(context, { timeoutMs: 100, queue: 0 });
  const works = async (): Promise<boolean> => code(await inspect(large)) === 'pass';
  await waitFor({ what: 'a thread', holds: works });
  assert.equal(code(await inspect(slow)), 'inspection_timeout');
  await waitFor({ what: 'another thread', holds: works });
  assert.ok(outcomes.includes('timeout'));
});

test('a search that its time is too short for ends itself, whatever that time is, and its thread lives', async (context) => {
  let started = 0;
  const count = (): void => {
    started += 1;
  };
  process.on('worker', count);
  context.after(() => process.off('worker', count));
  const hostile = JSON.stringify(Array.from({ length: 8000 }, (_, index) => `a' or ${index}=( <b ${'x1+'.repeat(20)}`));
  for (const timeoutMs of [10, 200]) {
    const before = started;
    const outcomes: string[] = [];
    const pool = openPool(
      { threads: 1, queue: 8, timeoutMs, inlineBytes: 16 },
      { payloadInspected: (outcome) => outcomes.push(outcome) },
    );
    context.after(() => pool.close());
    const recorded = recordIssues();
    const inspect = buildInspection({ protect: { preset: 'strict' }, pathParameters: [] }, recorded.context, pool);
    await pool.warm();
    assert.equal(code(await inspect(subjectOf(hostile), never)), 'inspection_timeout');
    await pool.warm();
    assert.ok(!outcomes.includes('failed'));
    assert.equal(started - before, 1);
  }
});

test('a body that would take more memory than a thread has is refused before it does', async (context) => {
  const { inspect, outcomes } = open(context, {}, { schema: { type: 'array' } });
  for (const items of ['{},', '[],', '1,']) {
    const refused = await inspect(`[${items.repeat(9 * MiB)}1]`);
    assert.equal(code(refused), 'payload_excessive');
  }
  assert.deepEqual(outcomes, ['ok', 'ok', 'ok']);
});

test('a failure of the pool is a pass only where the rule says so', async (context) => {
  const full = { queue: 0 };
  assert.equal(code(await open(context, full).inspect(large)), 'inspection_overloaded');
  const allowed = await open(context, full, { on_failure: 'allow' }).inspect(large);
  assert.equal(allowed.kind, 'pass');
  assert.deepEqual(allowed.detail, { inspection: 'pool', failed: true, onFailure: 'allow' });
  const watched = await open(context, full, { mode: 'shadow' }).inspect(large);
  assert.deepEqual(watched, {
    kind: 'abstain',
    detail: { inspection: 'pool', payload: 'inspection_overloaded', 'payload.shadow': true },
  });
});

test('a caller that is gone leaves the queue', async (context) => {
  const { inspect, outcomes } = open(context);
  const gone = new AbortController();
  const first = inspect(large, gone.signal);
  gone.abort();
  assert.equal(code(await first), 'inspection_timeout');
  assert.deepEqual(outcomes, ['abandoned']);
});

test('who waits when the pool closes hears that it failed', async (context) => {
  const { inspect } = open(context);
  const pool = openPool({ threads: 1, queue: 8, timeoutMs: 30_000, inlineBytes: 0 }, { payloadInspected: () => {} });
  const elsewhere = pool.register('inspector', [], () => assert.fail('not here'));
  const waiting = elsewhere(subjectOf(large), never);
  await pool.close();
  const ended = await waiting;
  assert.ok(ended.kind === 'failed' && ended.failure.reason === 'inspection_failed');
  const late = await elsewhere(subjectOf(large), never);
  assert.ok(late.kind === 'failed' && late.failure.reason === 'inspection_overloaded');
  assert.equal(code(await inspect(large)), 'pass');
});

test('a pool is warm once its threads are, and at once where it needs none', async (context) => {
  const outcomes: string[] = [];
  const pool = openPool(
    { threads: 2, queue: 0, timeoutMs: 30_000, inlineBytes: 0 },
    { payloadInspected: (outcome) => outcomes.push(outcome) },
  );
  context.after(() => pool.close());
  await pool.warm();
  const elsewhere = pool.register('inspector', [], () => assert.fail('not here'));
  await pool.warm();
  // With room for nobody to wait, both find a thread at once.
  const both = await Promise.all([elsewhere(subjectOf(large), never), elsewhere(subjectOf(large), never)]);
  assert.deepEqual(
    both.map(({ kind }) => kind),
    ['done', 'done'],
  );
  assert.deepEqual(outcomes, ['ok', 'ok']);
});
