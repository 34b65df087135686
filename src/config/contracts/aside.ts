import { runAside, type ThreadOptions, threadBeside } from '../aside/run.ts';
import type { Issue } from '../issue.ts';

/** What the thread is told. */
export interface ContractJob {
  /** The absolute path of an OpenAPI document. */
  readonly file: string;
  /** What rules say stands before its paths; undefined: its own servers say. */
  readonly basePaths: readonly (string | undefined)[];
}

/** What the reading of an OpenAPI document came to. */
export interface ContractReading {
  /** SHA-256 of what was read, in hexadecimal. */
  readonly digest: string;
  /** The document as JSON, in shared memory; undefined where there are issues. */
  readonly json: Uint8Array | undefined;
  readonly issues: readonly Issue[];
}

/**
 * Reads an OpenAPI document and compiles all of it somewhere else than on the event loop, for its issues. Undefined: it
 * cannot be read, and whoever looks at it himself will see why. Rejects with a FileUnread when the reading itself comes to
 * grief.
 */
export type CheckAside = (job: ContractJob, signal: AbortSignal) => Promise<ContractReading | undefined>;

/** Checks documents on a thread each, which ends with its document. */
export const checkOnThread =
  (options: ThreadOptions = {}): CheckAside =>
  (job, signal) =>
    runAside(job, signal, { thread: threadBeside(import.meta.url), ...options });
