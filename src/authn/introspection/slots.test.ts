import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSlots } from './slots.ts';

const wanted = () => true;

test('who finds no place waits in line, and a full line takes nobody', async () => {
  const slots = openSlots(1, 2);
  const first = await slots.take(wanted);
  const order: string[] = [];
  const second = slots.take(wanted).then((release) => {
    order.push('second');
    return release;
  });
  const third = slots.take(wanted).then((release) => {
    order.push('third');
    return release;
  });
  assert.equal(await slots.take(wanted), undefined);
  first?.();
  (await second)?.();
  (await third)?.();
  assert.deepEqual(order, ['second', 'third']);
  assert.notEqual(await slots.take(wanted), undefined);
});

test('a place is given back once, and who is gone is passed over', async () => {
  const slots = openSlots(1, 3);
  const first = await slots.take(wanted);
  let here = true;
  const gone = slots.take(() => here);
  const next = slots.take(wanted);
  here = false;
  first?.();
  first?.();
  assert.equal(await gone, undefined);
  assert.notEqual(await next, undefined);
  const last = slots.take(wanted);
  (await next)?.();
  assert.notEqual(await last, undefined);
});
