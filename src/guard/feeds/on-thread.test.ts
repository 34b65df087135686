import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '../../core/address.ts';
import { openAddressTable } from '../../core/address-table.ts';
import type { FeedJob } from './job.ts';
import { readFeedsOnThread } from './on-thread.ts';
import { findIn } from './table.ts';

const job = (text: string): FeedJob => ({
  kind: 'document',
  format: 'plain',
  limits: { maxEntries: 10_000, keepSpecial: false },
  floor: 0,
  chunks: [new Uint8Array(Buffer.from(text))],
  cache: undefined,
});

test('what is read on the thread can be looked up here, in the order of the questions', async () => {
  const reader = readFeedsOnThread();
  const readings = await Promise.all([reader.read(job('9.9.9.0/24')), reader.read(job('junk')), reader.read(job(''))]);
  await reader.close();
  const [first, second] = readings;
  assert.deepEqual(
    readings.map(({ ok }) => ok),
    [true, false, true],
  );
  assert.ok(first?.ok && !second?.ok);
  assert.equal(
    findIn(openAddressTable(first.packed ?? assert.fail()), parseAddress('9.9.9.9') ?? assert.fail()),
    '9.9.9.0/24',
  );
});

test('a thread that comes to grief is told of, and the next question finds another', async () => {
  const broken = readFeedsOnThread({ module: new URL('data:text/javascript,throw new Error("secret")') });
  for (const reading of [await broken.read(job('9.9.9.9')), await broken.read(job('9.9.9.9'))]) {
    assert.deepEqual(reading, { ok: false, problem: 'the thread that reads feeds has failed', doubtful: false });
  }
  const idle = readFeedsOnThread({ module: new URL('data:text/javascript,setInterval(()=>{},1000)'), patienceMs: 20 });
  const late = await idle.read(job('9.9.9.9'));
  assert.equal(!late.ok && late.problem, 'the thread that reads feeds took too long');
});
