import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inflate } from './inflate.ts';

test('messages that grow do so one behind the other, and a bad one holds up nobody', async () => {
  const bomb = gzipSync(Buffer.alloc(1 << 20));
  const order: number[] = [];
  await Promise.allSettled(
    Array.from({ length: 40 }, async (_, index) => {
      const whole = await inflate(index % 5 === 4 ? Buffer.from('no gzip') : bomb, 1 << 20);
      assert.equal(whole.length, 1 << 20);
      order.push(index);
    }),
  );
  assert.equal(order.length, 32);
  // Together they would end together, in any order.
  for (const [at, index] of order.entries()) assert.ok(Math.abs(index - at * 1.25) < 6, order.join());
});
