import type { FeedStatus } from '../../core/feed.ts';
import { systemTimers, type Timers } from '../../core/timers.ts';
import { outboundKey } from '../../outbound/registry.ts';
import { type FeedSpec, type Feeds, originOf } from './feed.ts';
import type { FeedReader } from './job.ts';
import { type FeedDeps, type KeptFeed, openKeptFeed } from './kept-feed.ts';
import { readFeedsOnThread } from './on-thread.ts';

/** The registry of feeds, as who opened it sees it. */
export interface OpenFeeds extends Feeds {
  /** Begins to look at what has been resolved, and keeps it fresh from now on. */
  start(): void;
  /** The names of feeds whose first look is not over. */
  waiting(): readonly string[];
  list(): readonly FeedStatus[];
  /** Stops all looking; feeds go on answering with what they have. */
  close(): Promise<void>;
}

type Parts = Omit<FeedDeps, 'timers' | 'reader' | 'random'> & {
  readonly timers?: Timers;
  readonly reader?: FeedReader;
  readonly random?: () => number;
};

/** Opens the registry: one for the life of the process, so that a reload finds its feeds as they are. */
export function createFeeds(parts: Parts): OpenFeeds {
  const { timers = systemTimers, reader = readFeedsOnThread(), random = Math.random } = parts;
  const deps: FeedDeps = { ...parts, timers, reader, random };
  const feeds = new Map<string, { readonly spec: FeedSpec; readonly feed: KeptFeed }>();
  let started = false;
  const kept = (): readonly KeptFeed[] => [...feeds.values()].map(({ feed }) => feed);

  /** What the same list has in force under an older spec: another interval or key is no reason to forget it. */
  const inherited = (spec: FeedSpec) => {
    const origin = originOf(spec);
    return [...feeds.values()].find((other) => originOf(other.spec) === origin)?.feed.inForce();
  };
  return {
    resolve: (spec) => {
      const key = specKey(spec);
      const { feed } = feeds.get(key) ?? { feed: openKeptFeed(spec, deps, inherited(spec)) };
      feeds.set(key, { spec, feed });
      return feed;
    },
    start: () => {
      started = true;
      for (const feed of kept()) feed.start();
    },
    retain: (specs) => {
      const wanted = new Set(specs.map(specKey));
      const gone: FeedSpec[] = [];
      for (const [key, { spec, feed }] of feeds) {
        if (wanted.has(key)) continue;
        feed.close();
        feeds.delete(key);
        gone.push(spec);
      }
      const origins = new Set(specs.map(originOf));
      for (const origin of gone.map(originOf)) if (!origins.has(origin)) void reader.read({ kind: 'forget', origin });
      if (feeds.size === 0) void reader.close();
      if (started) for (const feed of kept()) feed.start();
    },
    waiting: () => kept().flatMap((feed) => (feed.settled() ? [] : feed.name)),
    list: () => kept().map((feed) => feed.status()),
    close: async () => {
      started = false;
      for (const feed of kept()) feed.close();
      await reader.close();
    },
  };
}

// Every field in a fixed order, so that equal specs have equal keys however they were put together.
const specKey = (spec: FeedSpec): string => {
  const { source, refreshMs, limits, cacheDir } = spec;
  const rest =
    source.kind === 'url' ? [source.headers, outboundKey(source.outbound)] : [source.maxBytes, source.timeoutMs];
  return JSON.stringify([originOf(spec), refreshMs, limits.maxEntries, limits.keepSpecial, cacheDir ?? null, rest]);
};
