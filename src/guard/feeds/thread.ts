// The thread that reads all feeds: see on-thread.ts. A million lines take a second, in which the event loop would answer
// nobody; what their reading leaves behind is this thread's to clear away.
import { parentPort } from 'node:worker_threads';
import { buffersOf } from '../../core/address-table.ts';
import { giveWay } from '../../core/give-way.ts';
import type { ThreadAnswer, ThreadQuestion } from './on-thread.ts';
import { openPerformer } from './perform.ts';

giveWay();

const performer = openPerformer();

parentPort?.on('message', ({ id, job }: ThreadQuestion) => {
  const reading = performer.perform(job);
  const answer: ThreadAnswer = { id, reading };
  // Moved, not copied.
  parentPort?.postMessage(answer, reading.ok && reading.packed !== undefined ? buffersOf(reading.packed) : []);
});
