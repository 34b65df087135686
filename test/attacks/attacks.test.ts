// The floors under which the rules may not fall; test/attacks/main.ts prints the figures in full.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goMissing } from '../support/go-tool.ts';
import { type Asked, benignItems, type Item, ownAttacks } from './corpus.ts';
import { crsAttacks, libinjectionAttacks } from './foreign.ts';
import { requestWith, servedJudge } from './judge.ts';
import { measure } from './measure.ts';
import { ordinaryRequests } from './ordinary.ts';

const judge = servedJudge(undefined);
const asRequest = (item: Item): Asked => ({ ...item, title: item.text, subject: requestWith(item) });
const noGo = await goMissing();

// What was seen while the rules were made has to stay right; what was not, until its first look, is mistaken more often.
const most = [
  ['tune', 0.004],
  ['unseen', 0.015],
] as const;

for (const [half, ceiling] of most) {
  test(`of ordinary requests (${half}) at most ${ceiling * 100} % are taken for attacks`, () => {
    const first = half === 'tune' ? benignItems().map(asRequest) : [];
    const { requests, share } = measure(judge, [...first, ...ordinaryRequests(half)]);
    const mistaken = requests.filter(({ judged }) => judged.blocked);
    assert.ok(requests.length > 1500);
    assert.ok(share <= ceiling, mistaken.map(({ title, judged }) => `${title}: ${judged.rules.join(' ')}`).join('\n'));
  });
}

test('of our own attacks at least 95 % are found, and no class under 85 %', () => {
  const { requests, share } = measure(judge, ownAttacks().map(asRequest));
  assert.ok(requests.length > 300 && share >= 0.95, String(share));
  for (const [kind, group] of Map.groupBy(requests, ({ kind: one }) => one)) {
    const found = group.filter(({ judged }) => judged.blocked).length;
    assert.ok(found / group.length >= 0.85, `${kind} ${found}/${group.length}`);
  }
});

test("of libinjection's own tests at least 45 % are found", { skip: noGo }, async () => {
  const { share } = measure(judge, (await libinjectionAttacks()).map(asRequest));
  assert.ok(share >= 0.45, String(share));
});

test("of the Core Rule Set's own tests at least 50 % are found by the embedded rules alone", {
  skip: noGo,
}, async () => {
  const sample = (await crsAttacks(1)).filter((_, index) => index % 8 === 0);
  const { share } = measure(judge, sample);
  assert.ok(share >= 0.5, String(share));
});
