import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createExpiryHeap, type Expiring } from '../core/expiry-heap.ts';
import { createCounterTable } from './counter-table.ts';

test('room is made by what has expired first, then by the oldest with something left, then by the oldest', () => {
  const table = createCounterTable(3);
  table.write('full', [1], 1000, true, 0);
  table.write('open', [2], 1000, false, 0);
  table.write('brief', [3], 10, true, 0);
  table.write('d', [4], 1000, false, 20);
  assert.equal(table.state('brief', 5), undefined, 'expired, so it went first although it is full');
  assert.deepEqual(table.state('open', 20), [2]);
  table.write('e', [5], 1000, true, 20);
  assert.equal(table.state('open', 20), undefined);
  table.write('f', [6], 1000, true, 20);
  assert.equal(table.state('d', 20), undefined);
  table.write('g', [7], 1000, true, 20);
  assert.equal(table.state('full', 20), undefined, 'all are full');
  assert.equal(table.size, 3);
});

test('a counter that is written again is young again and may change its kind', () => {
  const table = createCounterTable(2);
  table.write('a', [1], 1000, true, 0);
  table.write('b', [2], 1000, false, 0);
  table.write('a', [3], 2000, false, 1);
  table.write('c', [4], 1000, false, 1);
  assert.equal(table.state('b', 1), undefined);
  assert.deepEqual(table.state('a', 1), [3]);
  assert.deepEqual(table.state('a', 1999), [3]);
  assert.equal(table.state('a', 2000), undefined);
});

test('what has expired goes away by and by, also when there is room', () => {
  const table = createCounterTable(1000);
  for (let i = 0; i < 100; i += 1) table.write(`old ${i}`, [i], 10, true, 0);
  for (let i = 0; i < 60; i += 1) table.write(`new ${i}`, [i], 1000, false, 20);
  assert.equal(table.size, 60);
});

test('never grows beyond its bound', () => {
  const writes = fc.array(fc.record({ key: fc.nat(30), ttl: fc.integer({ min: 1, max: 50 }), full: fc.boolean() }));
  fc.assert(
    fc.property(writes, fc.integer({ min: 1, max: 8 }), (all, max) => {
      const table = createCounterTable(max);
      all.forEach(({ key, ttl, full }, now) => {
        table.write(String(key), [key], now + ttl, full, now);
        assert.ok(table.size <= max);
        assert.deepEqual(table.state(String(key), now), [key]);
      });
    }),
  );
});

test('the heap has the earliest on top whatever is added, moved and removed', () => {
  const actions = fc.array(fc.tuple(fc.constantFrom('add', 'move', 'remove'), fc.nat(100), fc.nat(1000)));
  fc.assert(
    fc.property(actions, (all) => {
      const heap = createExpiryHeap<Expiring>();
      const items: Expiring[] = [];
      for (const [action, expiresMs, pick] of all) {
        const item = items[pick % Math.max(1, items.length)];
        if (action === 'add' || item === undefined) {
          const added = { expiresMs, place: 0 };
          items.push(added);
          heap.add(added);
        } else if (action === 'move') {
          item.expiresMs = expiresMs;
          heap.moved(item);
        } else {
          heap.remove(item);
          items.splice(items.indexOf(item), 1);
        }
        const earliest = items.length === 0 ? undefined : Math.min(...items.map((one) => one.expiresMs));
        assert.equal(heap.top?.expiresMs, earliest);
      }
    }),
  );
  createExpiryHeap().remove({ expiresMs: 0, place: 0 });
});
