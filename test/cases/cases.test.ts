// Every case of every *.yaml beside this file. UPDATE_GOLDEN=1 rewrites their expectations and says what they mean now.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CaseFile, type GoldenCase, readCaseFiles } from './runner/case-file.ts';
import { changeOfMeaning, rewriteExpectations } from './runner/golden.ts';
import { type House, openHouse, type Refused } from './runner/house.ts';
import { runCase } from './runner/run-case.ts';

const update = process.env['UPDATE_GOLDEN'] === '1';

for (const file of readCaseFiles()) {
  test(file.about, async (t) => {
    const outcomes = new Map<string, unknown>();
    const house = file.config === undefined ? undefined : await openHouse(file, file.config);
    try {
      for (const one of file.cases) {
        await t.test(one.name, async () => {
          const outcome = await outcomeOf(one, file, house);
          outcomes.set(one.name, outcome);
          if (!update) assert.deepEqual(outcome, one.expect);
        });
      }
    } finally {
      if (house !== undefined && 'close' in house) await house.close();
    }
    if (update) rewrite(file, outcomes);
  });
}

async function outcomeOf(one: GoldenCase, file: CaseFile, house: House | Refused | undefined): Promise<unknown> {
  if (one.config !== undefined) {
    const opened = await openHouse(file, one.config);
    if ('issues' in opened) return opened;
    await opened.close();
    return { issues: [] };
  }
  assert.ok(house !== undefined && 'plan' in house, `the config has issues: ${JSON.stringify(house)}`);
  return JSON.parse(JSON.stringify(await runCase(one, house)));
}

function rewrite({ path, cases }: CaseFile, outcomes: ReadonlyMap<string, unknown>): void {
  for (const { name, expect } of cases) {
    const change = changeOfMeaning(expect, outcomes.get(name));
    if (change !== undefined) console.error(`${name}: ${change}`);
  }
  rewriteExpectations(path, outcomes);
}
