import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownPages } from './pages.ts';

test('pages are zeros of the size that is asked for, and can move to another thread', () => {
  const pages = ownPages(100_000);
  assert.equal(pages.length, 100_000);
  assert.ok(pages.every((byte) => byte === 0));
  pages[99_999] = 7;
  const moved = structuredClone(pages, { transfer: [pages.buffer] });
  assert.equal(moved[99_999], 7);
  assert.equal(pages.length, 0);
});
