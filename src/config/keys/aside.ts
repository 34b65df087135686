import type { PackedKeys } from '../../authn/index.ts';
import { runAside, type ThreadOptions, threadBeside } from '../aside/run.ts';
import type { Issue } from '../issue.ts';

/** What the thread is told. */
export interface KeysJob {
  /** The absolute path of a keys file. */
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
 * at it himself will see why. Rejects with a FileUnread when the reading itself comes to grief.
 */
export type ReadAside = (file: string, signal: AbortSignal) => Promise<KeysReading | undefined>;

/** Reads keys files on a thread each, which ends with its file. */
export const readOnThread =
  (options: ThreadOptions = {}): ReadAside =>
  (file, signal) =>
    runAside({ file } satisfies KeysJob, signal, { thread: threadBeside(import.meta.url), ...options });
