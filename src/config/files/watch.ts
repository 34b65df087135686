import { watch } from 'node:fs';
import { directoriesOf, signatureOf } from './signature.ts';

/** Settings and seams of a watcher. */
export interface WatchOptions {
  /** Milliseconds of quiet after which a change is looked at; default 50. */
  readonly quietMs?: number;
  /** Milliseconds between looks that need no notice from the system; default 2000. */
  readonly pollMs?: number;
  /** Tells of any event in a directory until it is stopped; throws when it cannot. Default: fs.watch. */
  readonly subscribe?: (directory: string, onEvent: () => void) => { readonly stop: () => void };
}

/** A watcher of files; it keeps no process alive. */
export interface Watcher {
  /** Watches these from now on. What was watched before keeps its last seen state, so that no change is lost. */
  update(paths: readonly string[]): Promise<void>;
  close(): void;
}

const watchDirectory = (directory: string, onEvent: () => void): { readonly stop: () => void } => {
  const watcher = watch(directory, { persistent: false }, onEvent);
  // The directory may vanish; the slow look finds it when it is back.
  watcher.on('error', () => watcher.close());
  return { stop: () => watcher.close() };
};

class FileWatcher implements Watcher {
  readonly #onChange: () => void;
  readonly #subscribe: NonNullable<WatchOptions['subscribe']>;
  readonly #quietMs: number;
  readonly #poll: NodeJS.Timeout;
  readonly #subscriptions = new Map<string, { readonly stop: () => void }>();
  #signatures: ReadonlyMap<string, string> = new Map();
  #quiet: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(onChange: () => void, options: WatchOptions) {
    this.#onChange = onChange;
    this.#subscribe = options.subscribe ?? watchDirectory;
    this.#quietMs = options.quietMs ?? 50;
    this.#poll = setInterval(() => this.#look(), options.pollMs ?? 2000);
    this.#poll.unref();
  }

  update(paths: readonly string[]): Promise<void> {
    return this.#next(async () => {
      await this.#subscribeTo(paths);
      const signatures = new Map<string, string>();
      for (const path of paths) signatures.set(path, this.#signatures.get(path) ?? (await signatureOf(path)));
      this.#signatures = signatures;
    });
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#quiet);
    for (const { stop } of this.#subscriptions.values()) stop();
    this.#subscriptions.clear();
  }

  /** One after the other: two looks at once could tell the same change twice, or none. */
  #next(task: () => Promise<void>): Promise<void> {
    this.#work = this.#work.catch(() => {}).then(() => (this.#closed ? undefined : task()));
    return this.#work;
  }

  #event(): void {
    if (this.#closed) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#look(), this.#quietMs);
    this.#quiet.unref();
  }

  #look(): void {
    void this.#next(async () => {
      const before = this.#signatures;
      const entries = [...before.keys()].map(async (path) => [path, await signatureOf(path)] as const);
      const now = new Map(await Promise.all(entries));
      if (this.#closed || [...now].every(([path, signature]) => before.get(path) === signature)) return;
      this.#signatures = now;
      await this.#subscribeTo([...now.keys()]);
      if (this.#closed) return;
      // What changed before the new subscriptions stood made no event: look once more.
      this.#event();
      this.#onChange();
    });
  }

  async #subscribeTo(paths: readonly string[]): Promise<void> {
    const sets = await Promise.all(paths.map(directoriesOf));
    if (this.#closed) return;
    const wanted = new Set(sets.flatMap((set) => [...set]));
    // A directory that was made anew under its old name has another inode: only a fresh subscription sees into it.
    for (const { stop } of this.#subscriptions.values()) stop();
    this.#subscriptions.clear();
    for (const directory of wanted) {
      try {
        this.#subscriptions.set(
          directory,
          this.#subscribe(directory, () => this.#event()),
        );
      } catch {
        // Gone, forbidden, or out of watches: the slow look is there for that.
      }
    }
  }
}

/**
 * Calls back after the content of any of the paths may have changed: written in place, renamed over, removed, back again,
 * or swapped by a link anywhere on the way to it.
 *
 * Changes that come close together are told once. The first state is the one at the call of `update`; the callback must
 * not throw.
 */
export async function watchFiles(
  paths: readonly string[],
  onChange: () => void,
  options: WatchOptions = {},
): Promise<Watcher> {
  const watcher = new FileWatcher(onChange, options);
  await watcher.update(paths);
  return watcher;
}
