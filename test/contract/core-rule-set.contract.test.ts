import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { readCases } from '../crs/cases.ts';
import { openBench } from '../crs/judge.ts';
import { figuresOf, type Outcome, runAll } from '../crs/run.ts';
import { coreRuleSet } from '../support/core-rule-set.ts';

// The rule set's own expectations, held against the code that serves. node test/crs/main.ts prints them by file.
const set = await coreRuleSet();

if (typeof set === 'string') {
  test('the regression tests of the Core Rule Set', { skip: set }, () => {});
} else {
  const bench = openBench(set, 'auto');
  after(() => bench.close());
  const outcomes: Outcome[] = [];

  for (const [group, tests] of Map.groupBy(readCases(set.tests), (one) => one.group)) {
    test(`${group}: 95 % match at least, and 2 % wrongly at most`, () => {
      const ran = runAll(tests, bench);
      const { mustFire, fired, mustNot, wrong } = figuresOf(ran);
      outcomes.push(...ran);
      assert.ok(fired >= mustFire * 0.95, `${fired} of ${mustFire} fired`);
      assert.ok(wrong <= mustNot * 0.02, `${wrong} of ${mustNot} fired wrongly`);
    });
  }

  test('of all expectations 99 % match at least, and 0.5 % wrongly at most', () => {
    const { mustFire, fired, mustNot, wrong } = figuresOf(outcomes);
    assert.ok(bench.loaded.size > 250, `${bench.loaded.size} rules are loaded`);
    assert.ok(mustFire > 3500 && mustNot > 800, `${mustFire} and ${mustNot} expectations were judged`);
    assert.ok(fired >= mustFire * 0.99, `${fired} of ${mustFire} fired`);
    assert.ok(wrong <= mustNot * 0.005, `${wrong} of ${mustNot} fired wrongly`);
  });
}
