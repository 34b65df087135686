import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTurns } from './turns.ts';

const wanted = () => true;

test('who finds no place waits in line, and a full line takes nobody', async () => {
  const turns = openTurns(1, 2);
  const first = await turns.take(wanted);
  const order: string[] = [];
  const second = turns.take(wanted).then((release) => {
    order.push('second');
    return release;
  });
  const third = turns.take(wanted).then((release) => {
    order.push('third');
    return release;
  });
  assert.equal(await turns.take(wanted), undefined);
  first?.();
  (await second)?.();
  (await third)?.();
  assert.deepEqual(order, ['second', 'third']);
  assert.notEqual(await turns.take(wanted), undefined);
});

test('a place is given back once, and who is gone is passed over', async () => {
  const turns = openTurns(1, 3);
  const first = await turns.take(wanted);
  let here = true;
  const gone = turns.take(() => here);
  const next = turns.take(wanted);
  here = false;
  first?.();
  first?.();
  assert.equal(await gone, undefined);
  assert.notEqual(await next, undefined);
  const last = turns.take(wanted);
  (await next)?.();
  assert.notEqual(await last, undefined);
});
