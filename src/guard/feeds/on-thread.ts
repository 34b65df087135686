import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FeedJob, FeedReader, FeedReading } from './job.ts';

/** What the thread is told. */
export interface ThreadQuestion {
  readonly id: number;
  readonly job: FeedJob;
}

/** What it answers. */
export interface ThreadAnswer {
  readonly id: number;
  readonly reading: FeedReading;
}

/** Seams of the thread, for tests. */
interface ThreadOptions {
  /** The module that the thread runs. */
  readonly module?: URL;
  /** How long a job may take; far more than the largest document does. */
  readonly patienceMs?: number;
}

// The sources run as they are, the release as what tsc makes of them.
const readingThread = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);
// Beyond this the thread is ended, rather than the process by the kernel.
const maxHeapMib = 1024;

/**
 * Reads feeds on one thread, a job after the other. It is started for the first job, and anew after it has come to grief; an
 * idle one keeps no process alive.
 */
export function readFeedsOnThread({ module = readingThread, patienceMs = 120_000 }: ThreadOptions = {}): FeedReader {
  let worker: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, (reading: FeedReading) => void>();

  const end = (ended: Worker, why: string): void => {
    if (worker !== ended) return;
    worker = undefined;
    for (const resolve of waiting.values())
      resolve({ ok: false, problem: `the thread that reads feeds ${why}`, doubtful: false });
    waiting.clear();
    void ended.terminate();
  };
  const start = (): Worker => {
    const started = new Worker(module, { resourceLimits: { maxOldGenerationSizeMb: maxHeapMib } });
    started.on('message', ({ id, reading }: ThreadAnswer) => {
      const resolve = waiting.get(id);
      waiting.delete(id);
      resolve?.(reading);
    });
    started.on('error', () => end(started, 'has failed'));
    started.on('exit', () => end(started, 'has ended'));
    started.unref();
    return started;
  };
  return {
    read: async (job) => {
      // Of a thread that is not there nobody has to forget anything.
      if (worker === undefined && job.kind === 'forget') return { ok: false, problem: 'forgotten', doubtful: false };
      worker ??= start();
      const asked = worker;
      lastId += 1;
      const question: ThreadQuestion = { id: lastId, job };
      const { promise, resolve } = Promise.withResolvers<FeedReading>();
      waiting.set(question.id, resolve);
      // It may stand behind others: each of them has as long.
      const timer = setTimeout(() => end(asked, 'took too long'), patienceMs * waiting.size).unref();
      asked.postMessage(question, 'chunks' in job ? job.chunks.map(({ buffer }) => buffer).filter(isMovable) : []);
      const reading = await promise;
      clearTimeout(timer);
      return reading;
    },
    close: async () => {
      const last = worker;
      if (last !== undefined) end(last, 'is closed');
      await last?.terminate();
    },
  };
}

const isMovable = (buffer: ArrayBufferLike): buffer is ArrayBuffer => buffer instanceof ArrayBuffer;
