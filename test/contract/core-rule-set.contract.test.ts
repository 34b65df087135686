import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openBench } from '../crs/judge.ts';
import { figuresOf, runAll } from '../crs/run.ts';
import { coreRuleSet } from '../support/core-rule-set.ts';

// The rule set's own expectations, held against the code that serves. node test/crs/main.ts prints them by file.
test('the regression tests of the Core Rule Set', async (context: TestContext) => {
  const set = await coreRuleSet();
  if (typeof set === 'string') return context.skip(set);
  const bench = openBench(set, 'auto');
  const { mustFire, fired, mustNot, wrong } = figuresOf(runAll(set.tests, bench));
  bench.close();
  assert.ok(bench.loaded.size > 250, `${bench.loaded.size} rules are loaded`);
  assert.ok(mustFire > 3000 && mustNot > 700, `${mustFire} and ${mustNot} expectations were judged`);
  assert.ok(fired / mustFire >= 0.99, `${fired} of ${mustFire} fired`);
  assert.ok(wrong / mustNot <= 0.005, `${wrong} of ${mustNot} fired wrongly`);
});
