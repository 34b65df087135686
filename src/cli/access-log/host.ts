import { extname } from 'node:path';
import type { Writable } from 'node:stream';
import type { AccessLogCounts, Log, Signals } from '../../core/ports.ts';
import { systemTimers, type Timers } from '../../core/timers.ts';
import type { OverBatch } from '../../detect/index.ts';
import { openStream } from '../../sinks/stream.ts';
import type { Detecting } from '../detecting.ts';
import type { AccessLogParts } from './protocol.ts';
import { type RunningThread, runThread } from './running.ts';

/** What the thread tells of is told to them. */
interface AccessLogEars {
  readonly log: Log;
  readonly signals: Pick<Signals, 'accessLogged'>;
  readonly detecting?: Pick<Detecting, 'over' | 'observing'>;
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
  readonly timers?: Timers;
  readonly stdout?: Writable;
}

// The sources run as they are, the release as what tsc makes of them.
const ownScript = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);
const firstPauseMs = 1000;
const longestPauseMs = 60_000;

/**
 * Starts the thread, and starts it again when it has ended by itself: at the same address, and with the counts that it told
 * of last, for counters do not fall. Rejects with a ListenError when it cannot listen at first.
 */
export async function listenForAccessLog(
  parts: Omit<AccessLogParts, 'before'>,
  { log, signals, detecting }: AccessLogEars,
  { script = ownScript, timers = systemTimers, stdout = process.stdout }: AccessLogOptions = {},
): Promise<AccessLogListener> {
  let before: AccessLogCounts | undefined;
  let ending = false;
  let pauseMs = firstPauseMs;
  let cancel = (): void => {};
  const counted = (counts: AccessLogCounts): void => {
    before = counts;
    signals.accessLogged(counts);
  };
  const write = openStream(stdout);
  const over = (batch: OverBatch): void => detecting?.over(batch);
  const observing = detecting === undefined ? {} : { observing: detecting.observing };
  const start = (address: string): RunningThread =>
    runThread(script, { ...parts, ...observing, address, before }, { log, counted, over, write });

  let thread = start(parts.address);
  const address = await thread.listening.catch(async (error: unknown) => {
    await thread.close();
    throw error;
  });
  const startAgain = async (): Promise<void> => {
    thread = start(address);
    void keep();
    await thread.listening;
    if (ending) return;
    log.info({ address }, 'the access log is taken again');
    // Whoever lasts so long is well.
    cancel = timers.after(longestPauseMs, () => {
      pauseMs = firstPauseMs;
    });
  };
  const keep = async (): Promise<void> => {
    await thread.ended;
    if (ending) return;
    cancel();
    log.error({ pauseMs }, 'the access log is not taken until its thread is started again');
    // Why it could not listen is nothing new: it ends over it, and that is told.
    cancel = timers.after(pauseMs, () => void startAgain().catch(() => {}));
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  };
  const end = (): void => {
    ending = true;
    cancel();
  };
  void keep();
  return {
    address,
    drain: (boundMs) => {
      end();
      return thread.drain(boundMs);
    },
    close: () => {
      end();
      return thread.close();
    },
  };
}
