import type { CrsFarReading } from '../../inspect/index.ts';
import { runAside, type ThreadOptions, threadBeside } from '../aside/run.ts';

/** What the thread is told. */
export interface RulesJob {
  /** The absolute paths of the files of a directory of rules, in the order of their names. */
  readonly files: readonly string[];
  /** Rules up to this level are wanted; undefined: what the files say. */
  readonly paranoia: number | undefined;
}

/** Reads the rules of a directory somewhere else than on the event loop. Rejects with a FileUnread when the reading itself comes to grief. */
export type CompileAside = (job: RulesJob, signal: AbortSignal) => Promise<CrsFarReading>;

/** Reads rules on a thread, which ends with them. */
export const compileOnThread =
  (options: ThreadOptions = {}): CompileAside =>
  (job, signal) =>
    runAside(job, signal, { thread: threadBeside(import.meta.url), ...options });
