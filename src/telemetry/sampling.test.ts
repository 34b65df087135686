import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowed, denied, parentTrace } from '../../test/support/trails.ts';
import { createSampling } from './sampling.ts';
import { noTraces, type TracesConfig } from './traces.ts';

const unsampled = { trace: { ...parentTrace, sampled: false } };
const rooted = { trace: undefined };

const sampling = (traces: Partial<TracesConfig> = {}, sampleRoot = 0, chance = 0.5) =>
  createSampling({ sampleRoot, traces: { ...noTraces, ...traces }, random: () => chance });
const rule = (share: number): Partial<TracesConfig> => ({ rules: new Map([['orders-write', share]]) });

test('where nothing is said Envoy decides, and the root ratio where there is no parent', () => {
  assert.equal(sampling()(allowed()), 'parent');
  assert.equal(sampling()(allowed(unsampled)), undefined);
  assert.equal(sampling()(allowed(rooted)), undefined);
  assert.equal(sampling({}, 0.6)(allowed(rooted)), 'root');
  assert.equal(sampling({}, 0.5)(allowed(rooted)), undefined);
});

test('a rule decides in the place of Envoy', () => {
  assert.equal(sampling(rule(1))(allowed(unsampled)), 'rule');
  assert.equal(sampling(rule(1))(allowed(rooted)), 'rule');
  assert.equal(sampling(rule(0))(allowed()), undefined);
  assert.equal(sampling(rule(0), 1)(allowed(rooted)), undefined);
});

test('a share of a rule is chosen by the trace, so that replicas agree', () => {
  const half = (traceId: string) => sampling(rule(0.5))(allowed({ trace: { ...parentTrace, traceId } }));
  assert.equal(half(`${'0'.repeat(19)}7${'f'.repeat(12)}`), 'rule');
  assert.equal(half(`${'f'.repeat(19)}8${'0'.repeat(12)}`), undefined);
});

test('denials come on top where they are asked for, all of them or by reason', () => {
  const denial = denied('authorize', 'permission_missing', unsampled);
  assert.equal(sampling()(denial), undefined);
  assert.equal(sampling({ denials: 'all' })(denial), 'reason');
  assert.equal(sampling({ denials: 'all' })(allowed(unsampled)), undefined);
  assert.equal(sampling({ denials: new Set(['permission_missing']) })(denial), 'reason');
  assert.equal(sampling({ denials: new Set(['no_rule']) })(denial), undefined);
  assert.equal(sampling({ ...rule(0), denials: 'all' })(denial), 'reason');
  assert.equal(sampling({ denials: 'all' })(denied('decode', 'call_undecodable', rooted)), 'reason');
});
