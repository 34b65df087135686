import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anEntry } from '../../test/support/access-entries.ts';
import type { AccessEntry } from '../core/access-entry.ts';
import { silentLog } from '../core/ports.ts';
import { waitFor } from '../envoy/condition.ts';
import { type Outlet, type OutletOptions, openOutlet, type RecordSink } from './outlet.ts';

type Delivered = Awaited<ReturnType<RecordSink<string>['write']>>;

/** A sink that answers what it is told to; by default it takes everything. */
function rig(answer: (batch: readonly string[]) => Delivered | Promise<Delivered> = () => 'written') {
  const batches: (readonly string[])[] = [];
  let closed = 0;
  const sink: RecordSink<string> = {
    write: async (batch) => {
      batches.push(batch);
      return answer(batch);
    },
    close: async () => {
      closed += 1;
    },
  };
  return { batches, sink, closed: () => closed };
}
const opened = (sink: RecordSink<string>, more: Partial<OutletOptions<string>> = {}): Outlet =>
  openOutlet({
    name: 'file',
    sink,
    encode: ({ request }: AccessEntry) => request.id,
    before: undefined,
    log: silentLog,
    lullMs: 1,
    retryMs: 1,
    ...more,
  });
const entry = (id: string): AccessEntry => ({ ...anEntry(), request: { ...anEntry().request, id } });
const offer = (outlet: Outlet, count: number, routine = true): void => {
  for (let at = 0; at < count; at += 1) outlet.offer(entry(String(at)), routine);
};
const none = { sink: 'file', written: 0, dropped: 0, failed: 0, waiting: 0 };

test('records are written in their order, in batches, and counted', async () => {
  const { batches, sink, closed } = rig();
  const outlet = opened(sink);
  offer(outlet, 300);
  await outlet.finish(10_000);
  assert.deepEqual(
    batches.flat(),
    Array.from({ length: 300 }, (_, at) => String(at)),
  );
  assert.ok(batches.every(({ length }) => length <= 128));
  assert.deepEqual(outlet.counts(), { ...none, written: 300 });
  assert.equal(closed(), 1);
  offer(outlet, 1);
  assert.equal(outlet.counts().dropped, 1);
});

test('what waits is bounded, and the last quarter of the room is for what went wrong', async () => {
  const { promise, resolve } = Promise.withResolvers<Delivered>();
  const { sink } = rig(() => promise);
  const outlet = opened(sink, { bound: { records: 8, bytes: 1024 ** 2 } });
  offer(outlet, 20);
  assert.deepEqual(outlet.counts(), { ...none, dropped: 14, waiting: 6 });
  offer(outlet, 20, false);
  assert.deepEqual(outlet.counts(), { ...none, dropped: 32, waiting: 8 });
  resolve('written');
  await outlet.finish(10_000);
  assert.deepEqual(outlet.counts(), { ...none, written: 8, dropped: 32 });
});

test('bytes are bounded too', async () => {
  const { sink } = rig();
  const outlet = opened(sink, { bound: { records: 1000, bytes: 8 * 1024 } });
  offer(outlet, 10, false);
  await outlet.finish(10_000);
  const { written, dropped } = outlet.counts();
  assert.deepEqual([written, dropped], [7, 3]);
});

test('a sink that is away is asked again with the same records, and is told of once', async () => {
  const lines: string[] = [];
  const log = (_: object, message: string): void => void lines.push(message);
  let away = 3;
  const { batches, sink } = rig(() => (away-- > 0 ? 'away' : 'written'));
  const outlet = opened(sink, { log: { info: log, warn: log, error: log } });
  offer(outlet, 2);
  await waitFor({ what: 'it is back', holds: async () => outlet.counts().written === 2 });
  assert.deepEqual(new Set(batches.map((batch) => batch.join())), new Set(['0,1']));
  assert.deepEqual(lines, ['a sink of the access log is away; its records wait', 'a sink of the access log is back']);
  await outlet.finish(10_000);
});

test('what a sink refuses, or breaks over, is lost and counted, and the next batch is tried', async () => {
  let calls = 0;
  const { sink } = rig(() => {
    calls += 1;
    if (calls === 1) return 'refused';
    if (calls === 2) throw new Error('planted');
    return 'written';
  });
  const outlet = opened(sink);
  for (const failed of [1, 2, 2]) {
    offer(outlet, 1);
    await waitFor({ what: 'it is settled', holds: async () => outlet.counts().waiting === 0 });
    assert.equal(outlet.counts().failed, failed);
  }
  await outlet.finish(10_000);
  assert.equal(outlet.counts().written, 1);
});

test('a sink that is closed takes nothing any more', async () => {
  const { sink } = rig(() => 'closed');
  const outlet = opened(sink);
  offer(outlet, 200);
  await waitFor({ what: 'it is closed', holds: async () => outlet.counts().failed === 200 });
  offer(outlet, 5);
  assert.deepEqual(outlet.counts(), { ...none, failed: 200, dropped: 5 });
  await outlet.finish(10_000);
});

test('at the end a sink that is away, or does not answer, holds up nobody', async () => {
  const away = opened(rig(() => 'away').sink, { retryMs: 60_000 });
  offer(away, 200);
  await waitFor({ what: 'it is tried', holds: async () => away.counts().waiting === 200 });
  await away.finish(10_000);
  assert.deepEqual(away.counts(), { ...none, failed: 200 });

  const silent = opened(rig(() => new Promise(() => {})).sink);
  offer(silent, 200);
  await silent.finish(5);
  assert.deepEqual(silent.counts(), { ...none, failed: 200 });
});

test('counts go on from those of a thread that has failed, and what waited there is lost', () => {
  const outlet = opened(rig().sink, { before: { ...none, written: 5, dropped: 2, failed: 1, waiting: 3 } });
  assert.deepEqual(outlet.counts(), { ...none, written: 5, dropped: 2, failed: 4 });
});
