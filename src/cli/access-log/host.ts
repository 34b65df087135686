import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { errorName } from '../../core/bug.ts';
import { settleWithin } from '../../core/patience.ts';
import type { Log, Signals } from '../../core/ports.ts';
import { ListenError } from '../../server/listen.ts';
import type { AccessLogParts, FromAccessLog, ToAccessLog } from './protocol.ts';

/** What the thread tells of is told to them. */
interface AccessLogEars {
  readonly log: Log;
  readonly signals: Pick<Signals, 'accessLogged'>;
}

/** A thread that takes Envoy's access log. */
interface AccessLogListener {
  /** The address with the real port. */
  readonly address: string;
  /** Takes no more, counts what it has taken, and ends the thread, within the bound. Resolves with whether all was counted. */
  drain(boundMs: number): Promise<boolean>;
  /** Ends it at once. */
  close(): Promise<void>;
}

/** Seams of the thread, for tests. */
interface AccessLogOptions {
  /** The module that the thread runs. */
  readonly script?: URL;
}

// The sources run as they are, the release as what tsc makes of them.
const ownScript = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);
// Tallies are bounded, and a message is at most 4 MiB.
const heapMib = 256;

/** Starts the thread. Rejects with a ListenError when it cannot listen. */
export async function listenForAccessLog(
  parts: AccessLogParts,
  ears: AccessLogEars,
  { script = ownScript }: AccessLogOptions = {},
): Promise<AccessLogListener> {
  const worker = new Worker(script, { workerData: parts, resourceLimits: { maxOldGenerationSizeMb: heapMib } });
  const listening = Promise.withResolvers<string>();
  const ended = Promise.withResolvers<void>();
  let ending = false;
  let drained = false;
  worker.on('message', (message: FromAccessLog) => {
    switch (message.kind) {
      case 'listening':
        return listening.resolve(message.address);
      case 'refused':
        return listening.reject(new ListenError(parts.address, message.why));
      case 'counts':
        return ears.signals.accessLogged(message.counts);
      case 'log':
        return ears.log[message.level](message.fields, message.message);
      case 'drained':
        drained = true;
        return ended.resolve();
      default:
        return message satisfies never;
    }
  });
  worker.on('error', (error) => {
    ears.log.error({ error: errorName(error) }, 'the thread that takes the access log has failed');
    listening.reject(error);
  });
  worker.once('exit', () => {
    ended.resolve();
    listening.reject(new Error('the thread that takes the access log has ended'));
    if (!ending) ears.log.error({}, 'the access log is no longer taken');
  });
  const close = async (): Promise<void> => {
    ending = true;
    await worker.terminate();
  };
  try {
    const address = await listening.promise;
    return {
      address,
      drain: async (boundMs) => {
        ending = true;
        worker.postMessage({ kind: 'drain' } satisfies ToAccessLog);
        await settleWithin(ended.promise, boundMs);
        await worker.terminate();
        return drained;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
