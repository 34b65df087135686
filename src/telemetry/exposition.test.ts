import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createCells } from './cells.ts';
import { expose } from './exposition.ts';

/** A reader of the exposition format of its own, strict where the format is: every line is a comment or a sample. */
function parse(text: string): ReadonlyMap<string, number> {
  assert.ok(text.endsWith('\n'));
  const samples = new Map<string, number>();
  for (const line of text.slice(0, -1).split('\n')) {
    if (/^# (HELP|TYPE) [a-z_]+ .+$/.test(line)) continue;
    const match = /^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$/.exec(line);
    assert.ok(match, line);
    samples.set(`${match[1]}${match[2] ?? ''}`, Number(match[3]));
  }
  return samples;
}

test('every metric has its help and type once, before its samples', () => {
  const cells = createCells();
  cells.add('storeCalls', ['ok']);
  cells.add('storeCalls', ['error']);
  const lines = expose(cells.collect()).split('\n');
  const at = lines.indexOf('# TYPE portcullis_store_calls_total counter');
  assert.match(lines[at - 1] ?? '', /^# HELP portcullis_store_calls_total \S/);
  assert.deepEqual(lines.slice(at + 1, at + 3), [
    'portcullis_store_calls_total{outcome="ok"} 1',
    'portcullis_store_calls_total{outcome="error"} 1',
  ]);
});

test('a metric without label sets is left out', () => {
  assert.doesNotMatch(expose(createCells().collect()), /portcullis_store_calls_total/);
});

test('a histogram is cumulative, ends at +Inf, and its count is that bucket', () => {
  const cells = createCells();
  for (const seconds of [0.00005, 0.0003, 0.0003, 10]) cells.observe('decisionDuration', ['deny'], seconds);
  const samples = parse(expose(cells.collect()));
  const bucket = (le: string) => samples.get(`portcullis_decision_duration_seconds_bucket{effect="deny",le="${le}"}`);
  assert.deepEqual(
    [bucket('0.0001'), bucket('0.00025'), bucket('0.0005'), bucket('2.5'), bucket('+Inf')],
    [1, 1, 3, 3, 4],
  );
  assert.equal(samples.get('portcullis_decision_duration_seconds_count{effect="deny"}'), 4);
  assert.ok(Math.abs((samples.get('portcullis_decision_duration_seconds_sum{effect="deny"}') ?? 0) - 10.00065) < 1e-9);
});

test('any label value stays on its line and reads back', () => {
  const alphabet = fc.constantFrom('a', '"', '\\', '\n', '{', '}', ',', '=', 'ü', ' ');
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (domain) => {
      const cells = createCells();
      cells.add('descriptors', [domain, 'ok']);
      const name = [...parse(expose(cells.collect())).keys()].find((key) => key.includes('ratelimit_checks')) ?? '';
      const shown = /domain="((?:[^"\\]|\\.)*)"/.exec(name)?.[1] ?? '';
      assert.equal(
        shown.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)),
        domain,
      );
    }),
  );
});
