import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { errorName } from '../../core/bug.ts';

/** A file was not read; the message says why, in the words of an issue. */
export class FileUnread extends Error {
  override readonly name = 'FileUnread';
}

/** Seams of a thread, for tests. */
export interface ThreadOptions {
  /** The module that the thread runs. */
  readonly thread?: URL;
  /** How long it may take; far more than the largest file does. */
  readonly patienceMs?: number;
}

/** The module that a thread runs, beside the one that starts it: the sources run as they are, the release as what tsc makes of them. */
export const threadBeside = (module: string): URL => new URL(`./thread${extname(module)}`, module);

const usualPatienceMs = 120_000;
// The largest YAML file needs some 450 MiB for a moment. Beyond this the thread is ended, rather than the process by the kernel.
const maxHeapMib = 768;

/**
 * Has a thread read something, which ends with it: it is given the job as its workerData and answers with one message.
 * Rejects with a FileUnread when the reading itself comes to grief, and as the signal says when nobody waits any more.
 */
export async function runAside<T>(
  job: object,
  signal: AbortSignal,
  { thread, patienceMs = usualPatienceMs }: ThreadOptions & { readonly thread: URL },
): Promise<T> {
  signal.throwIfAborted();
  const worker = new Worker(thread, { workerData: job, resourceLimits: { maxOldGenerationSizeMb: maxHeapMib } });
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let read: { readonly reading: T } | undefined;
  const refuse = (why: string) => (): void => reject(new FileUnread(`cannot be read: the thread that reads it ${why}`));
  const end = (): void => void worker.terminate();
  const timer = setTimeout(() => {
    refuse(`took more than ${patienceMs / 1000} s`)();
    end();
  }, patienceMs);
  signal.addEventListener('abort', end);
  worker.on('message', (reading: T) => {
    read = { reading };
  });
  worker.on('error', (error) => refuse(`has failed (${codeOf(error)})`)());
  // Only then is its memory free again.
  worker.on('exit', () => (read === undefined ? refuse('ended without a word')() : resolve(read.reading)));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

/** The code of an error, else its class: messages may quote what was read. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : errorName(error);
