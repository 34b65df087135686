import { Worker } from 'node:worker_threads';
import { errorName } from '../../core/bug.ts';
import { settleWithin } from '../../core/patience.ts';
import type { AccessLogCounts, Log } from '../../core/ports.ts';
import type { OverBatch } from '../../detect/index.ts';
import { ListenError } from '../../server/listen.ts';
import type { AccessLogParts, FromAccessLog, ToAccessLog } from './protocol.ts';

/** What a thread tells of is told to them. */
interface ThreadEars {
  readonly log: Log;
  readonly counted: (counts: AccessLogCounts) => void;
  /** Writes whole lines to standard output. */
  readonly write: (lines: Uint8Array) => Promise<'written' | 'closed'>;
  readonly over: (batch: OverBatch) => void;
}

/** A thread from its start to its end. */
export interface RunningThread {
  /** The address with the real port. Rejects when there is none; with a ListenError when it cannot be had. */
  readonly listening: Promise<string>;
  /** Resolves when the thread has said its last word, or is gone. */
  readonly ended: Promise<void>;
  /** Ends it in order, within the bound. Resolves with whether all was counted. */
  drain(boundMs: number): Promise<boolean>;
  /** Ends it at once. */
  close(): Promise<void>;
}

// Tallies are bounded, and a message is at most 4 MiB.
const heapMib = 256;

/** Starts a thread. */
export function runThread(
  script: URL,
  parts: AccessLogParts,
  { log, counted, over, write }: ThreadEars,
): RunningThread {
  const worker = new Worker(script, { workerData: parts, resourceLimits: { maxOldGenerationSizeMb: heapMib } });
  const listening = Promise.withResolvers<string>();
  const ended = Promise.withResolvers<void>();
  let failure: unknown = new Error('the thread that takes the access log has ended');
  let drained = false;
  worker.on('message', (message: FromAccessLog) => {
    switch (message.kind) {
      case 'listening':
        return listening.resolve(message.address);
      case 'refused':
        return listening.reject(new ListenError(parts.address, message.why));
      case 'counts': {
        const { messages, entries, undecodable } = message.counts;
        log.debug?.({ messages, entries, undecodable }, 'the access log so far');
        return counted(message.counts);
      }
      case 'over':
        return over(message.batch);
      case 'log':
        return log[message.level](message.fields, message.message);
      case 'lines':
        return void write(message.bytes).then((outcome) =>
          worker.postMessage({ kind: 'wrote', outcome } satisfies ToAccessLog),
        );
      case 'drained':
        drained = true;
        return ended.resolve();
      default:
        return message satisfies never;
    }
  });
  worker.on('error', (error) => {
    failure = error;
    log.error({ error: errorName(error) }, 'the thread that takes the access log has failed');
  });
  // What it said before it failed comes after the error, but before this.
  worker.once('exit', () => {
    listening.reject(failure);
    ended.resolve();
  });
  const close = async (): Promise<void> => void (await worker.terminate());
  return {
    listening: listening.promise,
    ended: ended.promise,
    drain: async (boundMs) => {
      worker.postMessage({ kind: 'drain' } satisfies ToAccessLog);
      await settleWithin(ended.promise, boundMs);
      await close();
      return drained;
    },
    close,
  };
}
