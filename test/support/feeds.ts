import { feedsAtHand } from '../../src/guard/index.ts';

/** Feeds of which nothing is known, for tests that have none. */
export const noFeeds = feedsAtHand({ files: false, cache: false });
