import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { silentAuditSignals, silentLog } from '../core/ports.ts';
import { startDelivery } from './delivery.ts';
import type { AuditEvent } from './ocsf.ts';
import type { Delivered } from './sink.ts';
import { openMemory } from './source.ts';
import { gapEvent } from './system-event.ts';
import type { View } from './view.ts';

const everything: View = { accepts: () => true, shape: (event) => event, encoding: { braces: undefined } };

const eventOf = (sequence: number, kind: AuditEvent['kind'] = 'deny'): AuditEvent => ({
  uid: `event-${sequence}`,
  reason: undefined,
  rule: undefined,
  kind,
  name: 'portcullis.decision',
  sequence,
  timeMs: sequence,
  severity: 1,
  classUid: 6003,
  trace: undefined,
  line: `{"n":${sequence}}`,
});

/** A delivery to a sink that answers by a script, then by its last word. */
function open(script: readonly (Delivered | Error)[], events = 100) {
  const batches: AuditEvent[][] = [];
  const counts: Record<string, number> = {};
  const messages: string[] = [];
  let closed = false;
  const answers = [...script];
  const note = (level: string) => (_fields: unknown, message: string) => messages.push(`${level} ${message}`);
  const delivery = startDelivery({
    name: 'test',
    sink: {
      write: async (batch) => {
        batches.push([...batch]);
        const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? 'written';
        if (answer instanceof Error) throw answer;
        return answer;
      },
      close: async () => {
        closed = true;
      },
    },
    view: everything,
    openSource: openMemory({ events, bytes: 1_000_000 }, everything.shape),
    seal: undefined,
    retryMs: 1,
    signals: {
      ...silentAuditSignals,
      auditDelivered: (_sink, outcome, number) => {
        counts[outcome] = (counts[outcome] ?? 0) + number;
      },
    },
    log: { info: note('info'), warn: note('warn'), error: note('error') },
    gapEvent: (gap) =>
      gapEvent(gap, { uid: 'gap', sequence: gap.lastSequence, timeMs: 0 }, { version: '1', instanceId: 'i' }),
  });
  const sent = () =>
    batches.map((batch) => batch.map(({ name, sequence }) => (name === 'portcullis.gap' ? 'gap' : sequence)));
  return { delivery, batches, sent, counts, messages, isClosed: () => closed };
}

test('events of one turn go in one batch', async () => {
  const { delivery, sent, counts } = open(['written']);
  for (const sequence of [1, 2, 3]) delivery.offer(eventOf(sequence));
  await delivery.flush();
  assert.deepEqual(sent(), [[1, 2, 3]]);
  assert.deepEqual(counts, { written: 3 });
});

test('a sink that is away gets the same again, and its way back is logged', async () => {
  const { delivery, sent, counts, messages } = open(['away', 'away', 'written']);
  delivery.offer(eventOf(1));
  for (let tries = 0; tries < 3; tries += 1) await delivery.flush();
  assert.deepEqual(sent(), [[1], [1], [1]]);
  assert.deepEqual(counts, { written: 1 });
  assert.deepEqual(messages, ['warn an audit sink is away; its events wait', 'info an audit sink is back']);
});

test('a sink that is away is tried again without being asked', async () => {
  const { delivery, sent } = open(['away', 'away', 'written']);
  delivery.offer(eventOf(1));
  const keepAlive = setInterval(() => {}, 1000);
  while (sent().length < 3) await nextTurn();
  clearInterval(keepAlive);
  assert.deepEqual(sent(), [[1], [1], [1]]);
});

test('a refused batch is lost, counted, and told by the next event', async () => {
  const { delivery, sent, batches, counts } = open(['refused', 'written']);
  delivery.offer(eventOf(1));
  delivery.offer(eventOf(2, 'allow'));
  await delivery.flush();
  delivery.offer(eventOf(3));
  await delivery.flush();
  assert.deepEqual(sent(), [
    [1, 2],
    ['gap', 3],
  ]);
  assert.deepEqual(counts, { failed: 2, written: 1 });
  const gap = JSON.parse(batches[1]?.[0]?.line ?? '{}');
  assert.deepEqual(gap.unmapped.portcullis.gap, {
    sink: 'test',
    allows: 1,
    others: 1,
    first_sequence: 1,
    last_sequence: 2,
  });
});

test('a gap is told at a flush even if no event follows, and only once', async () => {
  const { delivery, sent } = open(['written']);
  delivery.lose(eventOf(1));
  await delivery.flush();
  await delivery.flush();
  assert.deepEqual(sent(), [['gap']]);
});

test('a gap whose event was not written is told again, with what was lost since', async () => {
  const { delivery, batches } = open(['refused', 'refused', 'written']);
  for (const sequence of [1, 2, 3]) {
    delivery.offer(eventOf(sequence));
    await delivery.flush();
  }
  assert.equal(JSON.parse(batches[2]?.[0]?.line ?? '{}').count, 2);
});

test('a sink that throws loses the batch, not the delivery', async () => {
  const { delivery, sent, counts } = open([new Error('bug'), 'written']);
  delivery.offer(eventOf(1));
  await delivery.flush();
  delivery.offer(eventOf(2));
  await delivery.flush();
  assert.deepEqual(sent(), [[1], ['gap', 2]]);
  assert.deepEqual(counts, { failed: 1, written: 1 });
});

test('a closed sink is left alone, and what it would have got is counted', async () => {
  const { delivery, sent, counts, messages } = open(['closed']);
  delivery.offer(eventOf(1));
  await delivery.flush();
  delivery.offer(eventOf(2));
  await delivery.flush();
  assert.deepEqual(sent(), [[1]]);
  assert.deepEqual(counts, { failed: 2 });
  assert.deepEqual(messages, ['error an audit sink is closed for good; its events are lost']);
});

test('events beyond the bound go, allows first', async () => {
  const { delivery, sent, counts } = open(['written'], 2);
  delivery.offer(eventOf(1, 'deny'));
  delivery.offer(eventOf(2, 'allow'));
  delivery.offer(eventOf(3, 'system'));
  await delivery.flush();
  assert.deepEqual(sent(), [['gap', 1, 3]]);
  assert.deepEqual(counts, { dropped: 1, written: 2 });
});

test('close gives what is lost, and closes the sink', async () => {
  const { delivery, counts, isClosed } = open(['away']);
  delivery.offer(eventOf(1));
  await delivery.flush();
  const { events, closed } = delivery.close();
  await closed;
  assert.equal(events, 1);
  assert.deepEqual(counts, { dropped: 1 });
  assert.ok(isClosed());
});

test('a close in the middle of a write counts what is under way', async () => {
  const stuck = Promise.withResolvers<Delivered>();
  const delivery = startDelivery({
    name: 'test',
    sink: { write: () => stuck.promise, close: async () => {} },
    view: everything,
    openSource: openMemory({ events: 10, bytes: 1000 }, everything.shape),
    seal: undefined,
    retryMs: 1,
    signals: silentAuditSignals,
    log: silentLog,
    gapEvent: () => eventOf(0),
  });
  delivery.offer(eventOf(1));
  await nextTurn();
  delivery.offer(eventOf(2));
  assert.equal(delivery.close().events, 2);
  stuck.resolve('away');
  await nextTurn();
});

test('a source that cannot be read just now is asked again after a pause', async () => {
  const taken: number[] = [];
  const written: AuditEvent[] = [];
  const memory = openMemory({ events: 10, bytes: 1000 }, everything.shape)(() => {});
  const delivery = startDelivery({
    name: 'test',
    sink: {
      write: async (batch) => {
        written.push(...batch);
        return 'written';
      },
      close: async () => {},
    },
    view: everything,
    openSource: () => ({
      ...memory,
      get bytes() {
        return memory.bytes;
      },
      get stuck() {
        return taken.length < 3;
      },
      take: () => (taken.push(1) < 3 ? [] : memory.take()),
    }),
    seal: undefined,
    retryMs: 60_000,
    signals: silentAuditSignals,
    log: silentLog,
    gapEvent: () => eventOf(0),
  });
  delivery.offer(eventOf(1));
  for (const tries of [1, 2, 3]) {
    await delivery.flush();
    assert.equal(taken.length, tries);
  }
  assert.deepEqual(
    written.map(({ sequence }) => sequence),
    [1],
  );
  delivery.close();
});
