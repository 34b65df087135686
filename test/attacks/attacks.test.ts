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

for (const half of ['tune', 'unseen'] as const) {
  test(`of ordinary requests (${half}) at most 0.5 % are taken for attacks, and at most 0.2 % outside of pasted code`, () => {
    const first = half === 'tune' ? benignItems().map(asRequest) : [];
    const asked = [...first, ...ordinaryRequests(half)];
    assert.ok(asked.length > 2000);
    const { requests, share } = measure(judge, asked);
    const mistaken = requests.filter(({ judged }) => judged.blocked);
    const told = mistaken.map(({ title, judged }) => `${title}: ${judged.rules.join(' ')}`).join('\n');
    assert.ok(share <= 0.005, told);
    assert.ok(mistaken.filter(({ kind }) => kind !== 'snippets').length <= 0.002 * requests.length, told);
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
