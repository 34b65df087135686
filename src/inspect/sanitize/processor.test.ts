import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { aSubject } from '../../../test/support/requests.ts';
import type { BodyStep, HeadStep } from '../../core/processing.ts';
import { fail } from '../../core/verdict.ts';
import { inlinePool } from '../pool/inline.ts';
import { openPool } from '../pool/open.ts';
import type { InspectionPool, PoolLimits } from '../pool/pool.ts';
import { buildProcessing, type ProcessingOptions } from '../processing.ts';

const options: ProcessingOptions = {
  sanitize: { body: [{ fields: ['/comment'], encode: 'html' }, { fields: 'all' }] },
};
const bodies = [
  '{"comment":"<b>"}',
  `{"comment":"a < b & \\u0022c\\u0022","more":["<",1e2, "'${'x'.repeat(200)}"]}`,
  `{"more":"${'y'.repeat(300)}"}`,
  `{"comment":"<", "comment":"${'z'.repeat(300)}"}`,
];

type Read = Extract<HeadStep, { readonly kind: 'read' }>;

function open(pool: InspectionPool, given: ProcessingOptions = options): Read {
  const { context, issues } = recordIssues();
  const { request } = buildProcessing(given, context, pool, undefined);
  assert.deepEqual(issues, []);
  const headers = new Map([['content-type', ['application/json']]]);
  const step = request?.({ status: undefined, headers, endOfStream: false }, aSubject());
  assert.ok(step?.kind === 'read');
  return step;
}

function openThreads(context: TestContext, limits: Partial<PoolLimits> = {}) {
  const outcomes: string[] = [];
  const pool = openPool(
    { threads: 2, queue: 8, timeoutMs: 30_000, inlineBytes: 64, ...limits },
    { payloadInspected: (outcome) => outcomes.push(outcome) },
  );
  context.after(() => pool.close());
  return { pool, outcomes };
}

const told = (step: BodyStep): string =>
  step.kind === 'refuse' ? step.refusal.reason : Buffer.from(step.bytes).toString('utf8');

/** A body in pieces: what goes on in all, and what is told of it. */
async function pass({ body }: Read, text: string, size = text.length): Promise<readonly unknown[]> {
  const bytes = new TextEncoder().encode(text);
  const out: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    out.push(told(await body.push(bytes.subarray(at, at + size), at + size >= bytes.length)));
  }
  return [out.join(''), body.detail()];
}

test('a large body becomes on a thread what it would become here, a small one stays here', async (context) => {
  const { pool, outcomes } = openThreads(context);
  for (const body of bodies) {
    for (const size of [body.length, 7]) {
      assert.deepEqual(await pass(open(pool), body, size), await pass(open(inlinePool), body));
    }
  }
  // All but the first, in one piece and in many.
  assert.deepEqual(outcomes, new Array(6).fill('ok'));
});

test('what does not change goes on as it came', async (context) => {
  const { pool } = openThreads(context);
  const bytes = new TextEncoder().encode(bodies[2]);
  const step = await open(pool).body.push(bytes, true);
  assert.ok(step.kind === 'forward' && step.bytes === bytes);
});

test('no answer of the threads lets a body through', async (context) => {
  const [, large = ''] = bodies;
  const { pool } = openThreads(context, { queue: 0 });
  // Nothing has been warmed: no thread is free, and none may wait.
  assert.deepEqual(await pass(open(pool), large), ['inspection_overloaded', {}]);
  for (const reason of ['inspection_timeout', 'inspection_failed'] as const) {
    const failing: InspectionPool = {
      ...inlinePool,
      inlineBytes: 64,
      register: () => async () => ({ kind: 'failed', failure: fail(reason) }),
    };
    assert.deepEqual(await pass(open(failing), large), [reason, {}]);
  }
});

test('leaks are looked for in what the threads have made of a body, in its order', async (context) => {
  const { pool } = openThreads(context);
  const leaks: ProcessingOptions = { ...options, leaks: { request: [{ action: 'mask' }] } };
  const text = `{"comment":"<4111 1111 1111 1111>","more":"${'x'.repeat(200)}"}`;
  const [body, detail] = await pass(open(pool, leaks), text, 16);
  assert.equal(body, text.replace('<4111 1111 1111 1111>', '&lt;**** **** **** 1111&gt;'));
  assert.ok(Object.keys(Object(detail)).includes('sanitized'));
});
