import { Worker } from 'node:worker_threads';
import type { Subject } from '../../core/plan.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { InspectorSpec } from './pool.ts';
import type { FromThread, ToThread } from './protocol.ts';

/** One thread that inspects one payload at a time. */
export interface Thread {
  /** It has learned everything that it was told, and is at nothing. */
  idle(): boolean;
  tell(message: ToThread): void;
  /** done hears once: undefined when the thread ended over it. */
  run(id: number, subject: Subject, done: (verdict: Verdict | undefined) => void): void;
  /** Ends it at once, whatever it is at. */
  end(): Promise<void>;
}

interface ThreadLife {
  /** What is to be learned first. */
  readonly specs: ReadonlyMap<number, InspectorSpec>;
  readonly onIdle: () => void;
  /** It has ended, by itself or not; what it was at has been told. useful: it had learned everything before. */
  readonly onGone: (useful: boolean) => void;
}

// The release has the same file as JavaScript.
const script = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

// What is read is bounded (content/): a heap that runs full would end the whole process.
const heapMb = 1024;

/** Starts a thread and teaches it. */
export function startThread({ specs, onIdle, onGone }: ThreadLife): Thread {
  const worker = new Worker(script, { resourceLimits: { maxOldGenerationSizeMb: heapMb } });
  worker.unref();
  let learning = 0;
  let current: ((verdict: Verdict | undefined) => void) | undefined;
  let gone = false;
  let useful = false;

  const tell = (message: ToThread): void => {
    if (gone) return;
    if (message.kind === 'learn') learning += 1;
    worker.postMessage(message);
  };
  const finish = (verdict: Verdict | undefined): void => {
    const done = current;
    current = undefined;
    done?.(verdict);
  };
  worker.on('message', (message: FromThread) => {
    if (message.kind === 'learned') learning -= 1;
    else finish(message.verdict);
    if (learning > 0 || current !== undefined) return;
    useful = true;
    onIdle();
  });
  // An error is followed by exit, where it is told.
  worker.on('error', () => {});
  worker.once('exit', () => {
    gone = true;
    finish(undefined);
    onGone(useful);
  });
  for (const [id, spec] of specs) tell({ kind: 'learn', id, spec });
  return {
    idle: () => !gone && learning === 0 && current === undefined,
    tell,
    run: (id, subject, done) => {
      current = done;
      try {
        tell({ kind: 'inspect', id, subject });
      } catch {
        // Something in it cannot be cloned: a bug of ours, and no verdict.
        finish(undefined);
      }
    },
    end: async () => {
      await worker.terminate();
    },
  };
}
