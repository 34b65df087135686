import { type Address, parseAddress } from '../../src/core/address.ts';
import type { FeedReader } from '../../src/guard/feeds/job.ts';
import { openPerformer } from '../../src/guard/feeds/perform.ts';
import type { Feed, FeedSpec } from '../../src/guard/index.ts';
import { feedsAtHand } from '../../src/guard/index.ts';

/** Feeds of which nothing is known, for tests that have none. */
export const noFeeds = feedsAtHand({ files: false, cache: false });

/** A reader of feeds without a thread. */
export function readHere(): FeedReader {
  const performer = openPerformer();
  return { read: async (job) => performer.perform(job), close: async () => {} };
}

/** A registry whose feeds list single addresses, by the feed's name; it keeps the specs that it was asked for. */
export function scriptedFeeds(lists: Readonly<Record<string, readonly string[]>>) {
  const specs: FeedSpec[] = [];
  const resolve = (spec: FeedSpec): Feed => {
    specs.push(spec);
    const listed = (lists[spec.name] ?? []).map((text) => parseAddress(text));
    const same = (address: Address) => (other: Address | undefined) => String(other?.words) === String(address.words);
    const find = (address: Address): string | undefined => (listed.some(same(address)) ? 'the address' : undefined);
    return { name: spec.name, find, fault: undefined };
  };
  return { resolve, specs };
}
