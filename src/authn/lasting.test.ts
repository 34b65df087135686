import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLasting } from './lasting.ts';

test('an equal spec of the same kind is the same thing, and opened once', () => {
  const lasting = createLasting();
  let opened = 0;
  const open = () => {
    opened += 1;
    return { opened };
  };
  const first = lasting.resolve('a', { url: 'x', ms: 1 }, open);
  assert.equal(lasting.resolve('a', { url: 'x', ms: 1 }, open), first);
  assert.equal(opened, 1);
  const others = [
    lasting.resolve('b', { url: 'x', ms: 1 }, open),
    lasting.resolve('a', { url: 'x', ms: 2 }, open),
    createLasting().resolve('a', { url: 'x', ms: 1 }, open),
  ];
  assert.equal(new Set([first, ...others]).size, 4);
});
