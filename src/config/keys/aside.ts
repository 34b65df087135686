import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PackedKeys } from '../../authn/index.ts';
import { errorName } from '../../core/bug.ts';
import type { Issue } from '../issue.ts';

/** What the thread is told. */
export interface KeysJob {
  /** The absolute path of the keys file. */
  readonly file: string;
}

/** What the reading of a keys file came to. */
export interface KeysReading {
  /** SHA-256 of what was read, in hexadecimal. */
  readonly digest: string;
  /** Undefined where there are issues. */
  readonly packed: PackedKeys | undefined;
  readonly issues: readonly Issue[];
}

/**
 * Reads a keys file somewhere else than on the event loop. Undefined: it cannot be read, or is no text, and whoever looks
 * at it himself will see why. Rejects with a KeysUnread when the reading itself comes to grief.
 */
export type ReadAside = (file: string, signal: AbortSignal) => Promise<KeysReading | undefined>;

/** A keys file was not read; the message says why, in the words of an issue. */
export class KeysUnread extends Error {
  override readonly name = 'KeysUnread';
}

/** Seams of the thread, for tests. */
interface ThreadOptions {
  /** The module that the thread runs. */
  readonly thread?: URL;
  /** How long it may take; far more than the largest file does. */
  readonly patienceMs?: number;
}

// The sources run as they are, the release as what tsc makes of them.
const readingThread = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);
// The largest YAML file needs some 450 MiB for a moment. Beyond this the thread is ended, rather than the process by the kernel.
const maxHeapMib = 768;

/** Reads keys files on a thread each, which ends with its file. */
export const readOnThread =
  ({ thread = readingThread, patienceMs = 120_000 }: ThreadOptions = {}): ReadAside =>
  async (file, signal) => {
    signal.throwIfAborted();
    const workerData: KeysJob = { file };
    const worker = new Worker(thread, { workerData, resourceLimits: { maxOldGenerationSizeMb: maxHeapMib } });
    const { promise, resolve, reject } = Promise.withResolvers<KeysReading | undefined>();
    let read: { readonly reading: KeysReading | undefined } | undefined;
    const refuse = (why: string) => (): void =>
      reject(new KeysUnread(`cannot be read: the thread that reads it ${why}`));
    const end = (): void => void worker.terminate();
    const timer = setTimeout(() => {
      refuse(`took more than ${patienceMs / 1000} s`)();
      end();
    }, patienceMs);
    signal.addEventListener('abort', end);
    worker.on('message', (reading: KeysReading | undefined) => {
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
  };

/** The code of an error, else its class: messages may quote what was read. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : errorName(error);
