import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampled } from './sample.ts';

const ids = Array.from({ length: 20_000 }, (_, at) => `01jd7x2v6r8w5c0n3k9qz1m${at}`);

test('all or none at the ends', () => {
  assert.ok(ids.every((id) => sampled(id, 1)));
  assert.ok(!ids.some((id) => sampled(id, 0)));
});

test('a share of the ids in between, the same ones every time', () => {
  for (const share of [0.01, 0.1, 0.5, 0.9]) {
    const hits = ids.filter((id) => sampled(id, share));
    assert.ok(Math.abs(hits.length / ids.length - share) < 0.02, `${share}: ${hits.length}`);
    assert.deepEqual(
      ids.filter((id) => sampled(id, share)),
      hits,
    );
  }
});

test('who is in a small share is in a larger one', () => {
  assert.ok(ids.filter((id) => sampled(id, 0.1)).every((id) => sampled(id, 0.2)));
});
