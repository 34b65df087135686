import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCosts } from './costs.ts';

test('of what nothing is known short texts stay here, and long ones go to native code', () => {
  const costs = openCosts();
  assert.equal(costs.cheaper(100), 'script');
  assert.equal(costs.cheaper(100_000), 'native');
});

test('what is slow again and again is left, one stall is not', () => {
  const costs = openCosts();
  costs.learn('script', 1000, 50_000);
  assert.equal(costs.cheaper(100), 'script');
  for (let time = 0; time < 4; time += 1) costs.learn('script', 1000, 50_000);
  assert.equal(costs.cheaper(100), 'native');
});

test('what was left gets another chance after a while', () => {
  const costs = openCosts();
  for (let time = 0; time < 4; time += 1) costs.learn('script', 1000, 1500);
  assert.equal(costs.cheaper(1000), 'native');
  const ways = Array.from({ length: 5000 }, () => costs.cheaper(1000));
  assert.ok(ways.includes('script'));
});

test('where native code is slow long texts stay here', () => {
  const costs = openCosts();
  for (let time = 0; time < 4; time += 1) costs.learn('native', 4000, 1500);
  assert.equal(costs.cheaper(64_000), 'script');
  assert.ok(costs.native(64_000) > 10_000);
});
