import { Worker } from 'node:worker_threads';
import { openDoor } from '../attacks/engines/native-code.ts';
import { cutOffWith, guardExit } from './cut-off.ts';
import type { WorkSpec } from './pool.ts';
import type { FromThread, ToThread } from './protocol.ts';

/** What one thread came to. failed: it could not do it, or ended over it. */
export type Outcome = { readonly kind: 'done'; readonly made: unknown } | { readonly kind: 'failed' };

/** One thread that does one work at a time. */
export interface Thread {
  /** It has learned everything that it was told, and is at nothing. */
  idle(): boolean;
  tell(message: ToThread): void;
  /** done hears once. */
  run(work: Omit<Extract<ToThread, { readonly kind: 'do' }>, 'kind'>, done: (outcome: Outcome) => void): void;
  /** Nobody waits any more for what it is at: it ends behind it, unless that comes to an end in so many milliseconds. */
  abandon(graceMs: number): void;
  /** Ends it once it is at nothing, or after some seconds as soon as it is not in native code. */
  end(): Promise<void>;
}

interface ThreadLife {
  /** What is to be learned first. */
  readonly specs: ReadonlyMap<number, WorkSpec>;
  readonly onIdle: () => void;
  /** It has ended, by itself or not; what it was at has been told. useful: it had learned everything before. */
  readonly onGone: (useful: boolean) => void;
}

// The release has the same file as JavaScript.
const script = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

// What is read is bounded (content/): a heap that runs full would end the whole process.
const heapMb = 1024;
const patienceMs = 5000;
const failed: Outcome = Object.freeze({ kind: 'failed' });

/** Starts a thread and teaches it. */
export function startThread({ specs, onIdle, onGone }: ThreadLife): Thread {
  const door = openDoor();
  const worker = new Worker(script, {
    workerData: door.shared,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  const unguard = guardExit(door);
  const cutOff = cutOffWith(worker, door);
  worker.unref();
  let learning = 0;
  let current: ((outcome: Outcome) => void) | undefined;
  let grace: NodeJS.Timeout | undefined;
  let gone = false;
  let useful = false;

  const tell = (message: ToThread): void => {
    if (gone) return;
    if (message.kind === 'learn') learning += 1;
    worker.postMessage(message);
  };
  const finish = (outcome: Outcome): void => {
    const done = current;
    current = undefined;
    clearTimeout(grace);
    done?.(outcome);
  };
  const ended = Promise.withResolvers<void>();
  const end = async (): Promise<void> => {
    tell({ kind: 'end' });
    const force = setTimeout(cutOff, patienceMs);
    await ended.promise;
    clearTimeout(force);
  };
  worker.on('message', (message: FromThread) => {
    if (message.kind === 'learned') learning -= 1;
    else finish(message);
    if (learning > 0 || current !== undefined) return;
    useful = true;
    onIdle();
  });
  // An error is followed by exit, where it is told.
  worker.on('error', () => {});
  worker.once('exit', () => {
    gone = true;
    unguard();
    ended.resolve();
    finish(failed);
    onGone(useful);
  });
  for (const [id, spec] of specs) tell({ kind: 'learn', id, ...spec });
  return {
    idle: () => !gone && learning === 0 && current === undefined,
    tell,
    run: (work, done) => {
      current = done;
      try {
        tell({ kind: 'do', ...work });
      } catch {
        // Something in it cannot be cloned: a bug of ours, and no answer.
        finish(failed);
      }
    },
    abandon: (graceMs) => {
      grace = setTimeout(() => void end().catch(() => {}), graceMs).unref();
    },
    end,
  };
}
