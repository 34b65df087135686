import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openReadiness } from './readiness.ts';

test('subscribers hear of changes alone, and no more after they have left', () => {
  const lacking = new Set(['users']);
  const readiness = openReadiness(() => [...lacking]);
  const heard: boolean[] = [];
  const leave = readiness.subscribe(() => heard.push(readiness.ready()));
  readiness.refresh();
  lacking.clear();
  readiness.refresh();
  readiness.refresh();
  lacking.add('users');
  readiness.refresh();
  assert.deepEqual(heard, [true, false]);
  assert.deepEqual(readiness.missing(), ['users']);
  leave();
  lacking.clear();
  readiness.refresh();
  assert.deepEqual(heard, [true, false]);
});

test('once drained, nothing makes it ready again', () => {
  const readiness = openReadiness(() => []);
  assert.equal(readiness.ready(), true);
  readiness.drain();
  readiness.refresh();
  assert.equal(readiness.ready(), false);
  assert.deepEqual(readiness.missing(), ['draining']);
});
